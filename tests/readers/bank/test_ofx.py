"""OFX and QFX: SGML and XML as banks write them, and files that are refused."""

from typing import Any

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nENCODING:USASCII\nCHARSET:1252\n\n"
ENTRY = "<TRNTYPE>CREDIT\n<DTPOSTED>20261005120000[-5:EST]\n<TRNAMT>10.00\n<FITID>F-1\n"
BALANCE = "<LEDGERBAL><BALAMT>90.00<DTASOF>20261031</LEDGERBAL>"


def _file(*entries: str, header: str = HEADER, currency: str = "USD", more: str = BALANCE) -> str:
    inside = "".join(f"<STMTTRN>\n{entry}</STMTTRN>\n" for entry in entries)
    return (
        f"{header}<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>{currency}\n"
        "<BANKACCTFROM><BANKID>1<ACCTID>0012345<ACCTTYPE>CHECKING</BANKACCTFROM>\n"
        f"<BANKTRANLIST><DTSTART>20261001<DTEND>20261031\n{inside}</BANKTRANLIST>\n"
        f"{more}</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def _read(text: str, encoding: str = "cp1252") -> BankInput:
    read = read_bank("payments/x.ofx", text.encode(encoding))
    assert read.findings == []
    return read


def _row(entry: str, **more: str) -> dict[str, Any]:
    row: dict[str, Any] = _read(_file(entry, **more)).entries.to_dict("records")[0]
    return row


def test_an_entry_and_its_statement() -> None:
    more = "<NAME>Acme &amp; Co\n<MEMO>INV-2026-00123\n<REFNUM>R-1\n<BANKACCTTO><ACCTID>777</BANKACCTTO>\n"
    read = _read(_file(ENTRY + more))
    entry = read.entries.to_dict("records")[0]
    days = [str(entry.pop(name).date()) for name in ("booking_date", "value_date")]
    assert days == ["2026-10-05", "2026-10-05"]
    assert entry == {
        "bank_reference": "F-1",
        "detail": 0,
        "account_iban": "0012345",
        "statement": "20261001-20261031",
        "amount_minor": 1000,
        "currency": "USD",
        "counterparty_name": "Acme & Co",
        "counterparty_iban": "777",
        "end_to_end_id": "R-1",
        "structured_reference": "",
        "text": "INV-2026-00123",
        "bank_code": "CREDIT",
        "reversal": False,
        "source": "payments/x.ofx",
        "pointer": "9",
    }
    statement = read.statements.astype(object).where(read.statements.notna(), None).iloc[0]
    assert statement[["opening_minor", "entries_minor", "closing_minor"]].tolist() == [None, 1000, 9000]
    assert [str(statement[name].date()) for name in ("opened_on", "closed_on")] == ["2026-10-01", "2026-10-31"]


def test_an_entry_in_another_currency_is_no_part_of_the_sum() -> None:
    read = _read(_file(ENTRY, f"{ENTRY}<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>"))
    assert read.entries["currency"].tolist() == ["USD", "EUR"]
    assert read.statements["entries_minor"].tolist() == [1000]


def test_xml_and_sgml_say_the_same() -> None:
    closed = "<TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>20261005</DTPOSTED><TRNAMT>10.00</TRNAMT><FITID>F-1</FITID>"
    header = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="202"?>\n'
    text = _file(closed, header=header).replace("<CURDEF>USD\n", "<CURDEF>USD</CURDEF>")
    assert _read(text, "utf-8").entries["amount_minor"].tolist() == [1000]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (ENTRY + "<MEMO>\n<NAME>Acme\n", {"text": "", "counterparty_name": "Acme"}),
        (ENTRY + "<MEMO/><NAME></NAME>\n", {"text": "", "counterparty_name": ""}),
        (ENTRY + "<X.OWN>1<MEMO>a\n", {"text": "a"}),
        (ENTRY + "<PAYEE><NAME>Acme<CITY>X</PAYEE>", {"counterparty_name": "Acme"}),
        (ENTRY.replace("10.00", "-1,5"), {"amount_minor": -150}),
        (ENTRY.replace("10.00", "+1"), {"amount_minor": 100}),
        (ENTRY + "<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>", {"currency": "EUR"}),
        (ENTRY + "<ORIGCURRENCY><CURRATE>1.1<CURSYM>EUR</ORIGCURRENCY>", {"currency": "USD"}),
        (ENTRY.replace("CREDIT", "Return"), {"reversal": True, "bank_code": "RETURN"}),
        (ENTRY + "<DTAVAIL>20261007\n", {"amount_minor": 1000}),
    ],
)
def test_tags_as_banks_write_them(entry: str, expected: dict[str, Any]) -> None:
    row = _row(entry)
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("CHARSET:1252", "cp1252"), ("CHARSET:ISO-8859-1", "latin-1"), ("CHARSET:NONE", "cp1252")],
)
def test_declared_legacy_encodings(charset: str, encoding: str) -> None:
    text = _file(ENTRY + "<NAME>Zoë ümläut\n", header=HEADER.replace("CHARSET:1252", charset))
    assert _read(text, encoding).entries["counterparty_name"].tolist() == ["Zoë ümläut"]


def test_utf8_that_the_header_declares() -> None:
    header = HEADER.replace("USASCII", "UTF-8").replace("1252", "NONE")
    assert _read(_file(ENTRY + "<NAME>Łódź\n", header=header), "utf-8").entries["counterparty_name"].tolist() == [
        "Łódź"
    ]


def test_credit_cards_and_several_statements() -> None:
    card = (
        _file(ENTRY).replace("BANKMSGS", "CREDITCARDMSGS").replace("STMT", "CCSTMT").replace("CCSTMTTRN>", "STMTTRN>")
    )
    card = card.replace("BANKACCTFROM", "CCACCTFROM")
    assert _read(card).entries["amount_minor"].tolist() == [1000]
    one = _file(ENTRY)
    two = one.replace("</STMTTRNRS>", "</STMTTRNRS>" + one[one.index("<STMTTRNRS>") : one.index("</BANKMSGS")])
    assert _read(two).statements["entries_minor"].tolist() == [1000, 1000]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (_file(ENTRY)[:-20], [("broken-file", 16)]),
        (_file(ENTRY)[:300], [("broken-file", 12)]),
        (_file(ENTRY).replace("</STMTTRN>", "</STMTTRM>"), [("broken-file", 14)]),
        (_file(ENTRY.replace("10.00", "NaN")), [("not-a-number", 9)]),
        (_file(ENTRY.replace("10.00", "1,006.60")), [("not-a-number", 9)]),
        (_file(ENTRY.replace("10.00", "1 006,60")), [("not-a-number", 9)]),
        (_file(ENTRY.replace("10.00", "1,000")), [("amount-precision", 9)]),
        (_file(ENTRY.replace("10.00", "")), [("not-a-number", 9)]),
        (_file(ENTRY.replace("20261005", "20260230")), [("not-a-date", 9)]),
        (_file(ENTRY.replace("20261005", "00000000")), [("not-a-date", 9)]),
        (_file(ENTRY, currency=""), [("not-a-currency", 6)]),
        (_file(ENTRY + "<CORRECTFITID>F-0<CORRECTACTION>DELETE\n"), [("unknown-status", 9)]),
        (_file(ENTRY).replace("<ACCTID>0012345", ""), [("missing-element", 6)]),
        (_file(ENTRY, more="<LEDGERBAL><BALAMT>1.005</LEDGERBAL>"), [("amount-precision", 6)]),
        (f"{HEADER}<OFX><SIGNONMSGSRSV1></SIGNONMSGSRSV1></OFX>", [("no-statement", 6)]),
        (_file(ENTRY).replace("<OFX>", "<!DOCTYPE x [<!ENTITY a 'b'>]><OFX>"), [("xml-dtd", 6)]),
    ],
)
def test_files_that_are_refused(text: str, places: list[tuple[str, int]]) -> None:
    read = read_bank("x", text.encode())
    assert [(found.code, found.line) for found in read.findings] == places
    assert read.entries.empty
    assert read.statements.empty


def test_bytes_that_are_not_what_the_header_says() -> None:
    header = HEADER.replace("USASCII", "UTF-8")
    read = read_bank("x", _file(ENTRY + "<NAME>é\n", header=header).encode("latin-1"))
    assert [(found.code, found.line) for found in read.findings] == [("encoding", 14)]
