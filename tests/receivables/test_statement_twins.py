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
    read = [read_bank(f"payments/{number}", text.encode()) for number, text in enumerate(texts) if text]
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


def csv_of(*amounts: str, text: str = "", reference: str = "", day: str = "2026-10-05") -> str:
    """A statement without balances; its entries have a text and perhaps references of their own."""
    header = (
        "payment,statement,account_iban,booking_date,value_date,amount,currency,counterparty_name,counterparty_iban,"
        "end_to_end_id,structured_reference,text\n"
    )
    rows = (
        f"{reference and reference + str(number)},S-1,{OURS},{day},{day},{amount},EUR,,,,,{text}\n"
        for number, amount in enumerate(amounts)
    )
    return header + "".join(rows)


FOUR = ("30.00", "5.00", "7.00", "7.00")
BALANCED = f"""\
:20:X
:25:{OURS}
:28C:12/1
:60F:C261004EUR100,00
:61:2610051005C30,00NTRFNONREF//REF-1
:61:2610051005C5,00NTRFNONREF
:61:2610051005C7,00NTRFNONREF
:61:2610051005C7,00NTRFNONREF
:62F:C261005EUR149,00
"""


@pytest.mark.parametrize(
    "texts",
    [
        (csv_of(*FOUR, text="a"), csv_of(*FOUR, text="b")),
        (csv_of(*FOUR, text="a"), csv_of(*FOUR[::-1], text="b", reference="R-")),
        (csv_of(*FOUR, text="a", reference="R-"), csv_of(*FOUR, text="b"), csv_of(*FOUR, text="c")),
        (csv_of(*FOUR, text="a"), BALANCED),
        (BALANCED, csv_of(*FOUR, text="a", reference="R-")),
    ],
    ids=[
        "both without",
        "references in one",
        "three files",
        "balances in one",
        "balances in one, references in the other",
    ],
)
def test_days_and_amounts_prove_a_statement_without_balances(texts: tuple[str, ...]) -> None:
    book = _book(*texts)
    assert sorted(book.entries["amount_minor"]) == [500, 700, 700, 3000]
    assert book.findings == ()


def test_of_a_statement_without_balances_the_better_one_counts() -> None:
    assert set(_book(csv_of(*FOUR), BALANCED).entries["source"]) == {"payments/1"}
    assert set(_book(csv_of(*FOUR, text="a"), csv_of(*FOUR[:2], "14.00")).entries["source"]) == {
        "payments/0",
        "payments/1",
    }


@pytest.mark.parametrize(
    "other", [BALANCED, csv_of(*FOUR, text="b", reference="R-"), csv_of(*FOUR, text="b")], ids=["mt940", "csv", "equal"]
)
def test_what_a_closed_period_used_stays_without_balances(other: str) -> None:
    closed = _book("", csv_of(*FOUR, text="c"))
    recorded = PAYMENTS.conform(closed.entries.assign(account="", state="", source="payments/1:2"))
    book = _book(other, csv_of(*FOUR, text="c"), other, recorded=recorded)
    assert book.entries["payment"].tolist() == closed.entries["payment"].tolist()
    assert book.findings == book.discrepancies == ()


@pytest.mark.parametrize(
    ("texts", "counted", "warnings"),
    [
        ((csv_of("30.00", "5.00", text="a"), csv_of("30.00", "5.00", text="b")), 4, ["2 entries of 2026-10-05"]),
        ((csv_of("30.00", text="a"), csv_of("30.00", text="b")), 2, ["1 entry of 2026-10-05"]),
        ((csv_of("30.00", "5.00", text="a"), csv_of("30.00", "5.00")), 4, ["2 entries of 2026-10-05"]),
        ((csv_of(*["7.00"] * 4, text="a"), csv_of(*["7.00"] * 4, text="b")), 8, ["4 entries of 2026-10-05"]),
        ((csv_of(*FOUR, reference="A-"), csv_of(*FOUR, reference="B-")), 8, ["4 entries of 2026-10-05"]),
        ((MT940, csv_of("30.00", "5.00", text="b")), 4, ["2 entries of 2026-10-05"]),
        ((csv_of("30.00", "5.00", text="a"), csv_of("30.00", "6.00", text="b")), 4, []),
        ((csv_of("30.00", "5.00", text="a"), csv_of("29.00", "6.00", text="b")), 4, []),
        ((csv_of("30.00", "5.00", text="a"), csv_of("30.00", "5.00", text="b", day="2026-10-06")), 4, []),
        ((MT940, MT940.replace("C261004EUR100", "C261005EUR135").replace("EUR135,00\n", "EUR170,00\n")), 2, []),
    ],
    ids=[
        *(
            "two entries",
            "one entry",
            "no text",
            "equal entries",
            "references of both",
            "balances of one",
            "another amount",
        ),
        *("the same sum", "another day", "balances of both"),
    ],
)
def test_what_may_count_twice_is_told(texts: tuple[str, ...], counted: int, warnings: list[str]) -> None:
    book = _book(*texts)
    assert [found.message.partition(" stand")[0] for found in book.findings] == warnings
    assert {(found.code, found.severity, found.source) for found in book.findings} <= {
        ("entries-told-twice", "warning", "payments/1")
    }
    assert len(book.entries) == counted


def test_days_that_two_files_tell_are_counted_together() -> None:
    parts = [
        csv_of("30.00", text=name) + csv_of("5.00", text=name, day="2026-10-06").partition("\n")[2] for name in "ab"
    ]
    [finding] = _book(*parts).findings
    assert finding.message == "2 entries of 2 days stand with the same amounts in payments/0"
