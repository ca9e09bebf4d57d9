"""camt.053: quirks of real banks as small messages with what is expected, and messages that are refused."""

import time
from collections.abc import Iterable
from typing import Any

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
ACCOUNT = "<Acct><Id><IBAN>NL02ABNA0123456789</IBAN></Id><Ccy>EUR</Ccy></Acct>"
DAYS = "<BookgDt><Dt>2026-10-05</Dt></BookgDt><ValDt><Dt>2026-10-06</Dt></ValDt>"


def _balance(kind: str, amount: str, *, side: str = "CRDT", currency: str = "EUR", day: str = "2026-10-05") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy='{currency}'>{amount}</Amt>"
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(
    amount: str = "10.00", more: str = "", *, side: str = "CRDT", status: str = "<Cd>BOOK</Cd>", currency: str = "EUR"
) -> str:
    return (
        f"<Ntry><Amt Ccy='{currency}'>{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{status}</Sts>"
        f"{more if 'Dt>' in more else DAYS + more}</Ntry>"
    )


def _statement(*parts: str, account: str = ACCOUNT) -> str:
    return f"<Stmt><Id>S-1</Id>{account}{''.join(parts)}</Stmt>"


def _message(*statements: str, header: str = "", namespace: str = NAMESPACE, name: str = "BkToCstmrStmt") -> bytes:
    inside = f"<{name}><GrpHdr><MsgId>M</MsgId>{header}</GrpHdr>{''.join(statements)}</{name}>"
    return f"<?xml version='1.0' encoding='UTF-8'?>\n<Document xmlns='{namespace}'>{inside}</Document>".encode()


def _read(*parts: str, **account: str) -> BankInput:
    read = read_bank("payments/x.xml", _message(_statement(*parts, **account)))
    assert read.findings == []
    return read


def _rows(*parts: str) -> list[dict[str, Any]]:
    return _read(*parts).entries.to_dict("records")


def _refused(content: bytes) -> list[str]:
    read = read_bank("payments/x.xml", content)
    assert read.entries.empty
    assert read.statements.empty
    return [found.code for found in read.findings]


def _amounts(rows: Iterable[dict[str, Any]]) -> list[tuple[int, int]]:
    return [(row["detail"], row["amount_minor"]) for row in rows]


TRANSACTION = """<AcctSvcrRef>REF-1</AcctSvcrRef><NtryDtls><TxDtls>
<Refs><EndToEndId>E2E-1</EndToEndId></Refs>
<RltdPties><Dbtr><Pty><Nm>Acme Hosting B.V.</Nm></Pty></Dbtr>
<DbtrAcct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></DbtrAcct>
<Cdtr><Nm>Issuer Example</Nm></Cdtr><CdtrAcct><Id><Othr><Id>123</Id></Othr></Id></CdtrAcct></RltdPties>
<RmtInf><Ustrd>Invoice</Ustrd><Ustrd> 123 </Ustrd>
<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
<AddtlTxInf>more</AddtlTxInf></TxDtls></NtryDtls><AddtlNtryInf>even more</AddtlNtryInf>"""


def test_an_entry_and_its_statement() -> None:
    read = _read(_balance("OPBD", "5.00"), _balance("CLBD", "15.00", day="2026-10-06"), _entry("10.00", TRANSACTION))
    entry = read.entries.to_dict("records")[0]
    days = [str(entry.pop(name).date()) for name in ("booking_date", "value_date")]
    assert days == ["2026-10-05", "2026-10-06"]
    assert entry == {
        "bank_reference": "REF-1",
        "detail": 0,
        "account_iban": "NL02ABNA0123456789",
        "statement": "S-1",
        "amount_minor": 1000,
        "currency": "EUR",
        "counterparty_name": "Acme Hosting B.V.",
        "counterparty_iban": "NL91ABNA0417164300",
        "end_to_end_id": "E2E-1",
        "structured_reference": "RF18539007547034",
        "text": "Invoice 123",
        "bank_code": "",
        "reversal": False,
        "source": "payments/x.xml",
        "pointer": "2",
    }
    statement = read.statements.to_dict("records")[0]
    assert (statement["opening_minor"], statement["closing_minor"], statement["entries_minor"]) == (500, 1500, 1000)
    assert (statement["account_iban"], statement["currency"], statement["pointer"]) == (
        "NL02ABNA0123456789",
        "EUR",
        "2",
    )
    assert [str(statement[name].date()) for name in ("opened_on", "closed_on")] == ["2026-10-05", "2026-10-06"]


@pytest.mark.parametrize(
    ("side", "reversal", "amount_minor", "counterparty"),
    [
        ("CRDT", "false", 1000, ("Acme Hosting B.V.", "NL91ABNA0417164300")),
        ("DBIT", "false", -1000, ("Issuer Example", "123")),
        ("DBIT", "true", -1000, ("Acme Hosting B.V.", "NL91ABNA0417164300")),
        ("CRDT", "true", 1000, ("Issuer Example", "123")),
    ],
)
def test_sides_and_reversals(side: str, reversal: str, amount_minor: int, counterparty: tuple[str, str]) -> None:
    row = _rows(_entry("10.00", f"<RvslInd>{reversal}</RvslInd>{DAYS}{TRANSACTION}", side=side))[0]
    assert (row["amount_minor"], row["reversal"]) == (amount_minor, reversal == "true")
    assert (row["counterparty_name"], row["counterparty_iban"]) == counterparty


@pytest.mark.parametrize(
    ("side", "amount_minor", "payer"), [("DBIT", -1000, "Acme Hosting B.V."), ("CRDT", 1000, "Issuer Example")]
)
def test_a_returned_payment_keeps_its_parties(side: str, amount_minor: int, payer: str) -> None:
    returned = TRANSACTION.replace("<AddtlTxInf>", "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf><AddtlTxInf>")
    row = _rows(_entry("10.00", DAYS + returned, side=side))[0]
    assert (row["amount_minor"], row["reversal"], row["counterparty_name"]) == (amount_minor, True, payer)


@pytest.mark.parametrize("status", ["<Cd>PDNG</Cd>", "PDNG", "INFO", "<Cd>FUTR</Cd>"])
def test_only_booked_entries_count(status: str) -> None:
    read = _read(_entry("10.00"), _entry("99.00", status=status), _entry("1.00", status="BOOK"))
    assert read.entries["amount_minor"].tolist() == [1000, 100]
    assert read.statements["entries_minor"].tolist() == [1100]


def _details(*details: str) -> str:
    return "<NtryDtls>" + "".join(f"<TxDtls>{detail}</TxDtls>" for detail in details) + "</NtryDtls>"


def _amount(amount: str, currency: str = "EUR") -> str:
    return f"<Amt Ccy='{currency}'>{amount}</Amt>"


def _charge(amount: str, side: str = "DBIT") -> str:
    return f"<Chrgs><Rcrd>{_amount(amount)}<CdtDbtInd>{side}</CdtDbtInd></Rcrd></Chrgs>"


@pytest.mark.parametrize(
    ("entry", "amounts"),
    [
        (_entry("30.00", _details(_amount("10.00"), _amount("20.00"))), [(1, 1000), (2, 2000)]),
        (_entry("30.00", _details(_amount("10.00"), _amount("20.00")), side="DBIT"), [(1, -1000), (2, -2000)]),
        (
            _entry("15.00", _details(_amount("20.00"), _amount("5.00") + "<CdtDbtInd>DBIT</CdtDbtInd>")),
            [(1, 2000), (2, -500)],
        ),
        (
            _entry(
                "30.00",
                "".join(_details(f"<AmtDtls><TxAmt>{_amount(part)}</TxAmt></AmtDtls>") for part in ("10", "20")),
            ),
            [(1, 1000), (2, 2000)],
        ),
        (
            _entry("29.00", _charge("1.00") + _details(_amount("10.00"), _amount("20.00"))),
            [(1, 1000), (2, 2000), (3, -100)],
        ),
        (
            _entry("29.00", _details(_amount("10.00") + _charge("0.40"), _amount("20.00") + _charge("0.60"))),
            [(1, 1000), (2, 2000), (3, -100)],
        ),
        (
            _entry("29.00", f"<Chrgs>{_amount('1.00')}</Chrgs>" + _details(_amount("10.00"), _amount("20.00"))),
            [(1, 1000), (2, 2000), (3, -100)],
        ),
        (
            _entry(
                "29.00",
                "<Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>1</TtlChrgsAndTaxAmt></Chrgs>"
                + _details(_amount("10"), _amount("20")),
            ),
            [(1, 1000), (2, 2000), (3, -100)],
        ),
        (_entry("29.00", _details(_amount("10.00"), _amount("20.00"))), [(0, 2900)]),
        (_entry("28.00", _charge("1.00") + _details(_amount("10.00"), _amount("20.00"))), [(0, 2800)]),
        (_entry("30.00", _details(_amount("10.00"), "")), [(0, 3000)]),
        (_entry("30.00", _details(_amount("10.00", "USD"), _amount("20.00", "USD"))), [(0, 3000)]),
        (_entry("30.00", _details(_amount("10.00"))), [(0, 3000)]),
        (_entry("30.00", "<TxDtls/>"), [(0, 3000)]),
    ],
)
def test_batches(entry: str, amounts: list[tuple[int, int]]) -> None:
    read = _read(entry)
    assert _amounts(read.entries.to_dict("records")) == amounts
    assert read.statements["entries_minor"].tolist() == [sum(minor for _, minor in amounts)]


def test_a_batch_that_stays_whole_names_no_single_payer() -> None:
    party = "<RltdPties><Dbtr><Nm>Acme</Nm></Dbtr></RltdPties>"
    row = _rows(_entry("30.00", _details(party, party) + "<AddtlNtryInf>batch</AddtlNtryInf>"))[0]
    assert (row["counterparty_name"], row["text"]) == ("", "batch")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("<NtryRef>N-1</NtryRef>", {"bank_reference": "N-1"}),
        (_details("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"), {"end_to_end_id": ""}),
        (_details("<AddtlTxInf>from the bank</AddtlTxInf>"), {"text": "from the bank"}),
        (_details("<RmtInf><Strd><RfrdDocInf><Nb>INV-1</Nb></RfrdDocInf></Strd></RmtInf>"), {"text": "INV-1"}),
        ("<AddtlNtryInf>fee</AddtlNtryInf>", {"text": "fee"}),
        ("<BkTxCd><Prtry><Cd>NCHG</Cd></Prtry></BkTxCd>", {"bank_code": "NCHG"}),
        (
            "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>",
            {"bank_code": "PMNT-RCDT-ESCT"},
        ),
        (_details("<RltdPties><Dbtr><Nm>A<!-- c -->&amp;B</Nm></Dbtr></RltdPties>"), {"counterparty_name": "A&B"}),
    ],
)
def test_where_texts_come_from(more: str, expected: dict[str, str]) -> None:
    row = _rows(_entry("10.00", more))[0]
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("<BookgDt><Dt>2026-10-05</Dt></BookgDt>", ["2026-10-05", "2026-10-05"]),
        ("<ValDt><Dt>2026-10-06</Dt></ValDt>", ["2026-10-06", "2026-10-06"]),
        ("<BookgDt><DtTm>2026-10-05T23:59:00-11:00</DtTm></BookgDt>", ["2026-10-05", "2026-10-05"]),
        ("<BookgDt><Dt>2026-10-05+02:00</Dt></BookgDt>", ["2026-10-05", "2026-10-05"]),
    ],
)
def test_days_count_as_written(days: str, expected: list[str]) -> None:
    row = _rows(_entry("10.00", days))[0]
    assert [str(row[name].date()) for name in ("booking_date", "value_date")] == expected


@pytest.mark.parametrize(
    ("parts", "balances"),
    [
        ([_balance("PRCD", "5.00"), _balance("CLBD", "5.00", side="DBIT")], (500, -500)),
        ([_balance("PRCD", "9.00"), _balance("OPBD", "5.00"), _balance("CLAV", "7.00")], (500, None)),
        ([_balance("OPBD", "5.00", currency="USD"), _balance("CLBD", "7.00")], (None, 700)),
        ([], (None, None)),
        (  # one for each day
            [
                _balance("CLBD", "7.00", day="2026-10-06"),
                _balance("OPBD", "7.00", day="2026-10-06"),
                _balance("CLBD", "9.00", day="2026-10-07"),
                _balance("OPBD", "5.00", day="2026-10-05"),
            ],
            (500, 900),
        ),
    ],
)
def test_balances(parts: list[str], balances: tuple[int | None, int | None]) -> None:
    statement = _read(*parts, _entry()).statements.astype(object).where(lambda frame: frame.notna(), None).iloc[0]
    assert (statement["opening_minor"], statement["closing_minor"]) == balances


def test_several_currencies_are_never_added_up() -> None:
    others = (_entry("3", currency="JPY"), _entry("1.125", currency="KWD"), _entry("1.0125", currency="CLF"))
    read = _read(_balance("OPBD", "1.00"), _entry("2.00"), *others)
    assert read.statements[["currency", "entries_minor"]].to_numpy().tolist() == [
        ["EUR", 200],
        ["CLF", 10125],
        ["JPY", 3],
        ["KWD", 1125],
    ]


@pytest.mark.parametrize(
    ("parts", "currency"),
    [
        ([_balance("OPBD", "1.00", currency="USD"), _entry()], "USD"),
        ([_entry("1.00", currency="SEK")], "SEK"),
        ([_balance("CLBD", "1.00", currency="CHF")], "CHF"),
    ],
)
def test_the_currency_of_an_account_without_one(parts: list[str], currency: str) -> None:
    account = "<Acct><Id><Othr><Id>77</Id></Othr></Id></Acct>"
    statement = _read(*parts, account=account).statements.iloc[0]
    assert (statement["currency"], statement["account_iban"]) == (currency, "77")


@pytest.mark.parametrize("version", ["01", "02", "03", "04", "06", "08", "13"])
def test_versions(version: str) -> None:
    name = "BkToCstmrStmtV01" if version == "01" else "BkToCstmrStmt"
    content = _message(_statement(_entry()), namespace=NAMESPACE[:-2] + version, name=name)
    assert read_bank("x", content).entries["amount_minor"].tolist() == [1000]


def test_several_statements_in_a_file() -> None:
    read = read_bank("x", _message(_statement(_entry("1.00")), _statement(_entry("2.00"), _entry("3.00"))))
    assert read.entries["amount_minor"].tolist() == [100, 200, 300]
    assert read.statements["entries_minor"].tolist() == [100, 500]


def test_a_prefix_a_byte_order_mark_and_latin_text_are_no_matter() -> None:
    content = _message(_statement(_entry("1.00", "<AddtlNtryInf>é</AddtlNtryInf>")))
    latin = content.decode().replace("UTF-8", "ISO-8859-1").encode("latin-1")
    for variant in (b"\xef\xbb\xbf" + content, latin):
        assert read_bank("x", variant).entries["text"].tolist() == ["é"]
    prefixed = content.decode().replace("xmlns=", "xmlns:c=").replace("</", "</c:")
    prefixed = prefixed.replace("<", "<c:").replace("<c:/c:", "</c:").replace("<c:?", "<?")
    assert read_bank("x", prefixed.encode()).entries["text"].tolist() == ["é"]


def test_supplementary_data_may_have_another_namespace() -> None:
    extra = "<SplmtryData><Envlp><x xmlns='urn:other'><y/></x></Envlp></SplmtryData>"
    assert len(_rows(_entry(), extra)) == 1


def _page(number: str, last: str) -> str:
    return f"<PgNb>{number}</PgNb><LastPgInd>{last}</LastPgInd>"


def test_a_single_page_is_accepted() -> None:
    header = f"<MsgPgntn>{_page('1', 'true')}</MsgPgntn>"
    assert (
        read_bank("x", _message(_statement(f"<StmtPgntn>{_page('1', '1')}</StmtPgntn>"), header=header)).findings == []
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (_message(_statement(), header=f"<MsgPgntn>{_page('1', 'false')}</MsgPgntn>"), "missing-page"),
        (_message(_statement(), header=f"<MsgPgntn>{_page('2', 'true')}</MsgPgntn>"), "missing-page"),
        (_message(_statement(f"<StmtPgntn>{_page('2', 'true')}</StmtPgntn>")), "missing-page"),
        (_message(_statement(f"<StmtPgntn>{_page('1', 'false')}</StmtPgntn>")), "missing-page"),
        (_message(), "no-statement"),
        (_message(_statement(), name="BkToCstmrAcctRpt"), "no-statement"),
        (_message(_statement(), namespace=NAMESPACE.replace("053", "052")), "not-a-statement"),
        (_message(_statement(), namespace=NAMESPACE.replace("053", "054")), "not-a-statement"),
        (_message(_statement(), namespace="urn:example"), "unknown-format"),
        (_message(_statement(), namespace=NAMESPACE[:-2] + "00"), "unknown-format"),
        (_message(_statement(), namespace=NAMESPACE[:-2] + "14"), "unknown-format"),
        (_message(_statement()).replace(b"xmlns=", b"x="), "unknown-format"),
        (_message(_statement()).replace(b"Document", b"Dokument"), "unknown-format"),
        (_message(_statement(_entry().replace("<Ntry>", "<Ntry xmlns='urn:x'>"))), "wrong-namespace"),
        (_message(_statement(_entry("10.005"))), "amount-precision"),
        (_message(_statement(_entry("10.000"))), "amount-precision"),
        (_message(_statement(_entry("10.5", currency="JPY"))), "amount-precision"),
        (_message(_statement(_balance("CLBD", "1.001"))), "amount-precision"),
        (_message(_statement(_entry("3", _details(_amount("1.001"), _amount("1.999"))))), "amount-precision"),
        (_message(_statement(_entry("NaN"))), "not-a-number"),
        (_message(_statement(_entry("INF"))), "not-a-number"),
        (_message(_statement(_entry("1e3"))), "not-a-number"),
        (_message(_statement(_entry("10,00"))), "not-a-number"),
        (_message(_statement(_entry("-10.00"))), "not-a-number"),
        (_message(_statement(_entry("1" + "0" * 17))), "number-too-large"),
        (_message(_statement(_entry(currency="euro"))), "not-a-currency"),
        (_message(_statement(_entry(currency="XYZ"))), "not-a-currency"),
        (_message(_statement(_entry().replace(" Ccy='EUR'", ""))), "not-a-currency"),
        (_message(_statement(account=ACCOUNT.replace("EUR", "eur"))), "not-a-currency"),
        (_message(_statement(_entry(side="PLUS"))), "not-a-side"),
        (_message(_statement(_entry(status="<Cd>MAYB</Cd>"))), "unknown-status"),
        (_message(_statement(_entry(status=""))), "unknown-status"),
        (_message(_statement(_entry("1", "<BookgDt><Dt>2026-02-30</Dt></BookgDt>"))), "not-a-date"),
        (_message(_statement(_entry("1", "<BookgDt><Dt>05.10.2026</Dt></BookgDt>"))), "not-a-date"),
        (_message(_statement(_entry("1", "<BookgDt/><X>Dt></X>"))), "missing-element"),
        (_message(_statement(_entry().replace("Amt", "Amount"))), "missing-element"),
        (_message(_statement(account="")), "missing-element"),
        (_message(_statement(), _entry()), "missing-element"),
        (_message(_statement(_entry(more=DAYS + "<x:Sts xmlns:x='urn:x'/>"))), "wrong-namespace"),
        (_message(_statement("<Acct xmlns='urn:x'/>")), "wrong-namespace"),
        (_message(_statement().replace("<Id>S-1</Id>", "")), "missing-element"),
        (_message(_statement(_entry()))[:-30], "broken-xml"),
        (_message(_statement(_entry("&amount;"))), "broken-xml"),
        (b"<" * 1000, "broken-xml"),
        (b"<a>" * 100_000, "broken-xml"),
        (_message(_statement()).decode().encode("utf-16"), "encoding"),
        (_message(_statement()).replace(b"UTF-8", b"UTF-7"), "encoding"),
        (
            _message(_statement(_entry("1.00", "<AddtlNtryInf>\xff</AddtlNtryInf>"))).decode().encode("latin-1"),
            "broken-xml",
        ),
    ],
)
def test_messages_that_are_refused(content: bytes, code: str) -> None:
    assert _refused(content) == [code]


@pytest.mark.parametrize(
    "declaration",
    [
        b"<!DOCTYPE Document>",
        b"<!DOCTYPE Document SYSTEM 'http://127.0.0.1:9/x.dtd'>",
        b"<!DOCTYPE Document [<!ENTITY secret SYSTEM 'file:///etc/hostname'>]>",
        b"<!-- --><!DOCTYPE Document [<!ENTITY % p SYSTEM 'file:///etc/hostname'> %p;]>",
    ],
)
def test_document_types_are_refused(declaration: bytes) -> None:
    content = _message(_statement(_entry("1.00", "<AddtlNtryInf>&secret;</AddtlNtryInf>")))
    read = read_bank("x", content.replace(b"\n", b"\n\n" + declaration + b"\n", 1))
    assert [(found.code, found.line) for found in read.findings] == [("xml-dtd", 3)]


def test_an_entity_bomb_costs_nothing() -> None:
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10}'>" for n in range(1, 12))
    bomb = f"<!DOCTYPE Document [<!ENTITY e0 'x'>{entities}]>".encode()
    content = _message(_statement(_entry("1.00", "<AddtlNtryInf>&e11;</AddtlNtryInf>"))).replace(b"\n", bomb, 1)
    started = time.process_time()
    assert _refused(content) == ["xml-dtd"]
    assert time.process_time() - started < 0.5


def test_findings_name_line_and_place_and_every_bad_entry() -> None:
    parts = [_entry(), "\n", _entry("1.001"), "\n", _entry("x")]
    found = read_bank("payments/x.xml", _message(_statement(*parts))).findings
    assert [(one.code, one.line, one.source) for one in found] == [
        ("amount-precision", 3, "payments/x.xml"),
        ("not-a-number", 4, "payments/x.xml"),
    ]
