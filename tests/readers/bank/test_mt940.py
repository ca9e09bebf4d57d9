"""MT940: quirks of real banks as small statements with what is expected, and statements that are refused."""

from typing import Any

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput

HEAD = ":20:STARTUMS\n:25:NL71RABO0123456789\n:28C:12/1\n:60F:C261001EUR100,00\n"
TAIL = ":62F:C261005EUR{closing}\n-\n"


def _file(*entries: str, closing: str = "110,00", head: str = HEAD) -> bytes:
    return (head + "".join(f"{entry}\n" for entry in entries) + TAIL.format(closing=closing)).encode()


def _read(*entries: str, **more: str) -> BankInput:
    read = read_bank("payments/x.sta", _file(*entries, **more))
    assert read.findings == []
    return read


def _row(*entries: str, **more: str) -> dict[str, Any]:
    row: dict[str, Any] = _read(*entries, **more).entries.to_dict("records")[0]
    return row


def test_an_entry_and_its_statement() -> None:
    read = _read(":61:2610061005C10,00NTRFINV-1//REF-9", ":86:Invoice INV-2026-00123", "second line")
    entry = read.entries.to_dict("records")[0]
    days = [str(entry.pop(name).date()) for name in ("booking_date", "value_date")]
    assert days == ["2026-10-05", "2026-10-06"]
    assert entry == {
        "bank_reference": "REF-9",
        "detail": 0,
        "account_iban": "NL71RABO0123456789",
        "statement": "12/1 2026-10-05",
        "amount_minor": 1000,
        "currency": "EUR",
        "counterparty_name": "",
        "counterparty_iban": "",
        "end_to_end_id": "INV-1",
        "structured_reference": "",
        "text": "Invoice INV-2026-00123 second line",
        "bank_code": "NTRF",
        "reversal": False,
        "source": "payments/x.sta",
        "pointer": "5",
    }
    row = read.statements.iloc[0]
    assert (row["opening_minor"], row["entries_minor"], row["closing_minor"], row["pointer"]) == (
        10000,
        1000,
        11000,
        "1",
    )
    assert [str(row[name].date()) for name in ("opened_on", "closed_on")] == ["2026-10-01", "2026-10-05"]


@pytest.mark.parametrize(
    ("mark", "amount_minor", "reversal"),
    [
        ("C", 1000, False),
        ("D", -1000, False),
        ("RC", -1000, True),
        ("RD", 1000, True),
        ("CR", 1000, False),  # the third letter of EUR stands behind the side
        ("RCR", -1000, True),
    ],
)
def test_sides_and_reversals(mark: str, amount_minor: int, reversal: bool) -> None:
    row = _row(f":61:2610051005{mark}10,NTRFNONREF")
    assert (row["amount_minor"], row["reversal"]) == (amount_minor, reversal)


@pytest.mark.parametrize("entry", [":61:261005D10,00NRTINONREF", ":61:261005D10,00NTRFNONREF\n:86:109?00RETOURE?20X"])
def test_returned_direct_debits_are_reversals(entry: str) -> None:
    assert _row(entry)["reversal"]


@pytest.mark.parametrize(
    ("valued", "booked", "expected"),
    [("261231", "0102", "2027-01-02"), ("270101", "1231", "2026-12-31"), ("240301", "0229", "2024-02-29")],
)
def test_the_year_of_booking_is_the_nearest(valued: str, booked: str, expected: str) -> None:
    assert str(_row(f":61:{valued}{booked}C10,00NTRFNONREF")["booking_date"].date()) == expected


def test_references_that_say_nothing_are_none() -> None:
    row = _row(":61:261005C10,00NTRFNONREF//NONREF")
    assert (row["bank_reference"], row["end_to_end_id"]) == ("", "")


@pytest.mark.parametrize(
    ("details", "expected"),
    [
        (
            (
                "166?00GUTSCHRIFT?100399?20EREF+E2E-7?21SVWZ+INV-2026-00123?30DRESDEFF?31DE14508800500194785000"
                "?32Acme?33 GmbH"
            ),
            {
                "counterparty_name": "Acme GmbH",
                "counterparty_iban": "DE14508800500194785000",
                "end_to_end_id": "E2E-7",
                "text": "INV-2026-00123",
            },
        ),
        (
            (
                "/TRTP/SEPA OVERBOEKING/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/NAME/Acme\n B.V."
                "/REMI/INV-1 and\n INV-2/EREF/E-7"
            ),
            {
                "counterparty_name": "Acme B.V.",
                "counterparty_iban": "NL91ABNA0417164300",
                "end_to_end_id": "E-7",
                "text": "INV-1 and INV-2",
            },
        ),
        (
            "/EREF/E-7//CNTP/NL91ABNA0417164300/ABNANL2A/Acme B.V./Utrecht//REMI/STRD/CUR/RF18539007547034/",
            {
                "counterparty_name": "Acme B.V.",
                "counterparty_iban": "NL91ABNA0417164300",
                "structured_reference": "RF18539007547034",
                "text": "",
            },
        ),
        ("/EREF/NOTPROVIDED//REMI/USTD//INV-3/", {"end_to_end_id": "", "text": "INV-3"}),
        (
            "911 COLLECT; Z RACH.: 56 1140 1081; OD: Acme S.A.; TYT.: FAKTURA INV-1; TNR: 17",
            {"counterparty_name": "Acme S.A.", "counterparty_iban": "5611401081", "text": "FAKTURA INV-1"},
        ),
        (
            "INV-1 REK: NL91ABNA0417164300/NAAM: Acme B.V.",
            {"counterparty_name": "Acme B.V.", "counterparty_iban": "NL91ABNA0417164300"},
        ),
        ("plain words\nof a bank", {"counterparty_name": "", "text": "plain words of a bank"}),
    ],
)
def test_structures_of_86(details: str, expected: dict[str, str]) -> None:
    row = _row(":61:261005C10,00NTRFNONREF", f":86:{details}")
    assert {name: row[name] for name in expected} == expected


def test_an_account_below_the_entry_is_the_payers() -> None:
    row = _row(":61:261005C10,00N102EREF", "NL70ABNA0987654321", ":86:/EREF/E-7/BENM//NAME/Acme/REMI/INV-1")
    assert (row["counterparty_iban"], row["end_to_end_id"]) == ("NL70ABNA0987654321", "E-7")


def test_86_below_a_balance_is_about_the_statement() -> None:
    head = HEAD + ":86:For your information\n"
    read = _read(":61:261005C10,00NTRFNONREF", head=head)
    assert read.entries["text"].tolist() == [""]
    tail = read_bank("x", _file(":61:261005C10,00NTRFNONREF").replace(b"\n-\n", b"\n:86:totals\n-\n"))
    assert tail.entries["text"].tolist() == [""]


def test_a_forged_entry_in_a_text_does_not_balance() -> None:
    read = _read(":61:261005C10,00NTRFNONREF", ":86:thanks", ":61:261005C99,00NTRFNONREF//FORGED")
    statement = read.statements.iloc[0]
    assert statement["opening_minor"] + statement["entries_minor"] != statement["closing_minor"]


def test_pages_and_envelopes() -> None:
    page = HEAD.replace("12/1", "12/2").replace("60F:C261001EUR100,00", "60M:C261005EUR110,00")
    first = _file(":61:261005C10,00NTRFNONREF").replace(b":62F:", b":62M:").decode()
    text = "{1:F01BANK}{4:\r\n" + first.replace("\n-\n", "\n-}\nBANK 940 01\n") + page + TAIL.format(closing="110,00")
    read = read_bank("x", text.replace("\n", "\r\n").encode())
    assert read.findings == []
    assert read.statements[["statement", "opening_minor", "closing_minor"]].to_numpy().tolist() == [
        ["12/1 2026-10-05", 10000, 11000],
        ["12/2 2026-10-05", 11000, 11000],
    ]


def test_a_currency_behind_the_iban_is_no_part_of_it() -> None:
    assert _row(":61:261005C10,00NTRF", head=HEAD.replace("NL71RABO0123456789", "NL02ABNA0123456789EUR"))[
        "account_iban"
    ] == ("NL02ABNA0123456789")


@pytest.mark.parametrize(
    ("content", "places"),
    [
        (_file(":61:261005C148.75NTRFNONREF"), [("not-a-number", 5)]),
        (_file(":61:261005C148NTRFNONREF"), [("not-a-number", 5)]),
        (_file(":61:261005CNaN,NTRFNONREF"), [("not-a-number", 5)]),
        (_file(":61:261005C1,005NTRFNONREF"), [("amount-precision", 5)]),
        (_file(":61:261005C9999999999999999,NTRFNONREF"), [("number-too-large", 5)]),
        (_file(":61:260230C10,00NTRFNONREF"), [("not-a-date", 5)]),
        (_file(":61:2610050230C10,00NTRFNONREF"), [("not-a-date", 5)]),
        (_file(closing="148.75"), [("not-a-number", 5)]),
        (_file(closing="1,005"), [("amount-precision", 5)]),
        (_file(head=HEAD.replace("C261001", "C260230")), [("not-a-date", 4)]),
        (_file(head=HEAD.replace("EUR100", "eur100")), [("not-a-number", 4)]),
        (_file(":61:261005C10,00NTRFNONREF")[:90], [("missing-element", 1)]),
        (_file(head=HEAD.replace(":25:NL71RABO0123456789\n", "")), [("missing-element", 1)]),
        (_file(head=HEAD.replace("RABO0123456789", "?00GUTSCHRIFT")), [("missing-element", 1)]),
        (b":20:X\n:25:NL71\n:28C:1\n:34F:EUR0,00\n:13D:2610051200+0100\n", [("not-a-statement", 1)]),
        (_file(":61:261005C1.0NTRF", ":61:26100C1,0NTRF"), [("not-a-number", 5)]),
        (_file(head=HEAD.replace("EUR", "XYZ")).replace(b"EUR", b"XYZ"), [("not-a-currency", 4)]),
        (_file() + _file(":61:1C10,00NTRF"), [("not-a-number", 11)]),
        (_file(":86:\xfc").decode().encode("latin-1"), [("encoding", 5)]),
    ],
)
def test_statements_that_are_refused(content: bytes, places: list[tuple[str, int]]) -> None:
    read = read_bank("x", content)
    assert [(found.code, found.line) for found in read.findings] == places
    assert read.entries.empty
    assert read.statements.empty


def test_identical_payments_of_a_day_are_both_there() -> None:
    entry = ":61:261005C5,00NTRFNONREF\n:86:INV-1"
    assert _read(entry, entry).entries["amount_minor"].tolist() == [500, 500]
