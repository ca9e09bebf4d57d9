"""BAI2: records, continuations and trailers, and files that are refused."""

from typing import Any

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput

HEAD = "01,BANK,US,261006,0500,1,,,2/\n"
GROUP = "02,US,BANK,1,261005,2359,USD,2/\n"


def _file(*entries: str, closing: int = 11000, account: str = "", group: str = GROUP, total: int | None = None) -> str:
    """A file with one account that opens with 100.00; ``entries`` are 16 and 88 records."""
    header = account or f"03,0012345,,010,10000,,,015,{closing},,/\n"
    records = (header + "".join(f"{entry}\n" for entry in entries)).count("\n")
    amounts = [
        int(entry.split(",")[2]) for entry in entries if entry.startswith("16,") and entry.split(",")[2].isdigit()
    ]
    found = sum(amounts) + 10000 + closing if total is None else total
    trailers = f"49,{found},{records + 1}/\n98,{found},1,{records + 3}/\n99,{found},1,{records + 5}/\n"
    return HEAD + group + header + "".join(f"{entry}\n" for entry in entries) + trailers


def _read(text: str) -> BankInput:
    read = read_bank("payments/x.bai", text.encode())
    assert read.findings == []
    return read


def _row(*entries: str) -> dict[str, Any]:
    row: dict[str, Any] = _read(_file(*entries)).entries.to_dict("records")[0]
    return row


def test_an_entry_and_its_statement() -> None:
    read = _read(_file("16,195,1000,V,261006,,REF-9,E2E-1,Invoice INV-1, thanks/", "88,and regards"))
    entry = read.entries.to_dict("records")[0]
    days = [str(entry.pop(name).date()) for name in ("booking_date", "value_date")]
    assert days == ["2026-10-05", "2026-10-06"]
    assert entry == {
        "bank_reference": "REF-9",
        "detail": 0,
        "account_iban": "0012345",
        "statement": "2026-10-05",
        "amount_minor": 1000,
        "currency": "USD",
        "counterparty_name": "",
        "counterparty_iban": "",
        "end_to_end_id": "E2E-1",
        "structured_reference": "",
        "text": "Invoice INV-1, thanks and regards",
        "bank_code": "195",
        "reversal": False,
        "source": "payments/x.bai",
        "pointer": "4",
    }
    statement = read.statements.iloc[0]
    assert statement[["opening_minor", "entries_minor", "closing_minor"]].tolist() == [10000, 1000, 11000]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("16,475,1000,Z,,,CHECK/", {"amount_minor": -1000, "text": "CHECK"}),
        ("16,115,1000,S,400,300,300,B-1,C-1,LOCK BOX/", {"bank_reference": "B-1", "text": "LOCK BOX"}),
        ("16,115,1000,D,2,0,400,1,600,B-1,C-1,SPLIT/", {"bank_reference": "B-1", "text": "SPLIT"}),
        ("16,115,1000,,B-1,,plain", {"bank_reference": "B-1", "text": "plain"}),
        ("16,557,1000,Z,,,RETURN/", {"reversal": True, "amount_minor": -1000}),
        ("16,447,1000,,B-1,C-1,ACH\n88,EREF: E-7\n88,DBNM: Acme Inc", {"end_to_end_id": "E-7"}),
        ("16,142,1000,,B-1,C-1,ACH\n88,EREF: E-7\n88,DBNM: Acme Inc", {"counterparty_name": "Acme Inc"}),
        ("16,195,1000,S,400,300/\n88,300,B-1/\n88,C-1,WIRE/", {"bank_reference": "B-1", "text": "WIRE"}),
    ],
)
def test_funds_types_and_continuations(entry: str, expected: dict[str, Any]) -> None:
    row = _row(*entry.split("\n"))
    assert {name: row[name] for name in expected} == expected


def test_summaries_go_on_in_continuations() -> None:
    account = "03,0012345,EUR,010,10000,,,400/\n88,500,1,Z,015,11000/\n"
    read = _read(_file("16,195,1000,,,,X/", account=account, total=22500))
    assert read.statements[["currency", "opening_minor", "closing_minor"]].to_numpy().tolist() == [
        ["EUR", 10000, 11000]
    ]


def test_several_records_in_a_line() -> None:
    text = _file("16,195,600,,,,A/", "16,195,400,,,,B/ 16/B, of two/")
    read = _read(text.replace("A/\n16", "A/ 16"))
    assert read.entries[["amount_minor", "text", "pointer"]].to_numpy().tolist() == [
        [600, "A", "4"],
        [400, "B/ 16/B, of two", "4"],
    ]


def test_yen_have_no_decimals() -> None:
    read = _read(_file("16,195,1000,,,,X/", group=GROUP.replace("USD", "JPY")))
    assert read.entries["amount_minor"].tolist() == [1000]


ONE = _file("16,195,1000,,,,X/")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (ONE.replace("49,22000,3", "49,22000,4"), [("wrong-count", 5)]),
        (ONE.replace("98,22000,1", "98,22000,2"), [("wrong-count", 6)]),
        (ONE.replace("99,22000,1,7", "99,22000,1,6"), [("wrong-count", 7)]),
        (ONE.replace("49,22000", "49,22001"), [("wrong-count", 5)]),
        (ONE.replace("16,195,1000,,,,X/\n", ""), [("wrong-count", 4)]),
        (ONE.replace("99,22000,1,7/\n", ""), [("broken-file", None)]),
        (ONE.replace("98,22000,1,5/\n", ""), [("broken-file", 6)]),
        (ONE + "16,195,1,,,,X/\n", [("broken-file", 7)]),
        (ONE[: ONE.index("49,")], [("broken-file", None)]),
        (_file("16,195,NaN,,,,X/"), [("not-a-number", 4)]),
        (_file("16,195,10.00,,,,X/"), [("not-a-number", 4)]),
        (_file("16,195,-1000,,,,X/", total=20000), [("not-a-number", 4)]),
        (_file("16,195,1000,Q,,,X/"), [("unknown-status", 4)]),
        (_file("16,950,1000,,,,X/"), [("not-a-side", 4)]),
        (_file("16,195,1000,V,260230,,,,X/"), [("not-a-date", 4)]),
        (ONE.replace("261005", "260230"), [("not-a-date", 2)]),
        (ONE.replace("USD", "usd"), [("not-a-currency", 2)]),
        (ONE.replace("USD", "XYZ"), [("not-a-currency", 2)]),
        (ONE.replace("BANK,1,", "BANK,2,"), [("unknown-status", 2)]),
        (ONE.replace("USD,2/", "USD,3/"), [("not-a-statement", 2)]),
    ],
)
def test_files_that_are_refused(text: str, places: list[tuple[str, int | None]]) -> None:
    read = read_bank("x", text.encode())
    assert [(found.code, found.line) for found in read.findings] == places
    assert read.entries.empty
    assert read.statements.empty
