"""The same statement in two formats counts once; statements that only look alike both count."""

from typing import Any

import pandas as pd
import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.receivables.bank import BankBook, bank_book
from prisma_batch.records.tables import BANK_ENTRIES, BANK_STATEMENTS, PAYMENTS

OURS = "NL02ABNA0123456789"
MT940 = f""":20:X
:25:{OURS}
:28C:12/1
:60F:C261004EUR100,00
:61:2610051005C30,00NTRFNONREF//REF-1
:86:batch
:61:2610051005C5,00NTRFNONREF
:86:/EREF/E-1//NAME/Acme//REMI/INV-1
:62F:C261005EUR135,00
"""
CAMT = f"""<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S-77</Id><Acct><Id><IBAN>{OURS}</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-10-05</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">135.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>2026-10-05</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-05</Dt></BookgDt>
<AcctSvcrRef>REF-1</AcctSvcrRef><NtryDtls><TxDtls><Amt Ccy="EUR">10.00</Amt></TxDtls>
<TxDtls><Amt Ccy="EUR">20.00</Amt></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="EUR">5.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-10-05</Dt></BookgDt>
<NtryDtls><TxDtls><RmtInf><Ustrd>INV-1</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>"""


def _book(*texts: str, recorded: Any = None) -> BankBook:
    read = [read_bank(f"payments/{number}", text.encode()) for number, text in enumerate(texts)]
    assert [found for one in read for found in one.findings] == []
    entries = BANK_ENTRIES.conform(pd.concat([one.entries for one in read]))
    statements = BANK_STATEMENTS.conform(pd.concat([one.statements for one in read]))
    return bank_book(entries, statements, PAYMENTS.of([]) if recorded is None else recorded)


def _counted(book: BankBook) -> list[tuple[str, int]]:
    named = zip(book.entries["payment"], book.entries["amount_minor"], strict=True)
    return [(name if name.startswith("REF") else "", minor) for name, minor in named]


@pytest.mark.parametrize("texts", [(MT940, CAMT), (CAMT, MT940), (CAMT, MT940, MT940, CAMT)])
def test_a_statement_in_two_formats_counts_once_with_its_details(texts: tuple[str, ...]) -> None:
    book = _book(*texts)
    assert sorted(_counted(book)) == [("", 500), ("REF-1/1", 1000), ("REF-1/2", 2000)]
    assert book.discrepancies == ()


def test_what_a_closed_period_used_stays() -> None:
    closed = _book(MT940)
    recorded = PAYMENTS.conform(closed.entries.assign(account="", state=""))
    book = _book(CAMT, MT940, recorded=recorded)
    assert book.entries["payment"].tolist() == closed.entries["payment"].tolist()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (":61:2610051005C5,00", ":61:2610041004C5,00"),
        ("C30,00NTRF", "C29,00NTRF"),
        (":62F:C261005", ":62F:C261006"),
        (OURS, "NL03ABNA0123456789"),
    ],
)
def test_statements_that_differ_are_two(old: str, new: str) -> None:
    other = MT940.replace(old, new).replace("REF-1", "REF-9").replace("C5,00", "C6,00" if "29" in new else "C5,00")
    assert len(_book(CAMT, other).entries) == 5


def test_a_reference_says_that_a_payment_is_the_same_without_balances() -> None:
    ofx = (
        "<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>EUR<BANKACCTFROM><ACCTID>" + OURS + "</BANKACCTFROM>"
        "<BANKTRANLIST><STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261005<TRNAMT>30.00<FITID>REF-1<MEMO>other words</STMTTRN>"
        "</BANKTRANLIST></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
    assert sorted(_counted(_book(MT940, ofx))) == [("", 500), ("REF-1", 3000)]
