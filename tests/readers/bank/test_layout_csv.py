"""Bank CSV in declared layouts: headers below other rows, marks, days, sides and encodings of the bank's own."""

from dataclasses import replace
from typing import Any

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput
from prisma_batch.records.settings import BankLayout

OURS = "NL02ABNA0123456789"
GERMAN = BankLayout(
    account=OURS,
    columns={
        "booking_date": "Buchungstag",
        "value_date": "Valuta",
        "amount": "Betrag",
        "counterparty_name": "Name",
        "counterparty_iban": "IBAN",
        "text": "Zweck",
    },
    fixed={"currency": "EUR"},
    delimiter=";",
    encoding="windows-1252",
    date_format="%d.%m.%Y",
    decimal_mark=",",
    thousands_mark=".",
)
HEADER = "Buchungstag;Valuta;Name;Zweck;IBAN;Saldo;Betrag\n"
ROW = "05.10.2026;06.10.2026;Zoë GmbH;INV-1;DE14508800500194785000;1;1.340,49\n"
SIDES = BankLayout(
    account=OURS,
    columns={"booking_date": "Date", "debit": "Out", "credit": "In", "balance": "Balance", "currency": "Cur"},
)


def _read(text: str, layout: BankLayout = GERMAN) -> BankInput:
    read = read_bank("payments/x.csv", text.encode(layout.encoding), (layout,))
    assert read.findings == []
    return read


def _places(text: str, layout: BankLayout = GERMAN) -> list[tuple[str, int | None, int | None]]:
    read = read_bank("payments/x.csv", text.encode(layout.encoding), (layout,))
    assert read.entries.empty
    assert read.statements.empty
    return [(found.code, found.line, found.column) for found in read.findings]


def test_an_entry_below_rows_about_the_file() -> None:
    read = _read(f"Kontoumsätze\n\nKonto;{OURS}\n{HEADER}{ROW}")
    entry = read.entries.to_dict("records")[0]
    days = [str(entry.pop(name).date()) for name in ("booking_date", "value_date")]
    assert days == ["2026-10-05", "2026-10-06"]
    assert entry == {
        "bank_reference": "",
        "detail": 0,
        "account_iban": OURS,
        "statement": "2026-10-05..2026-10-05",
        "amount_minor": 134049,
        "currency": "EUR",
        "counterparty_name": "Zoë GmbH",
        "counterparty_iban": "DE14508800500194785000",
        "end_to_end_id": "",
        "structured_reference": "",
        "text": "INV-1",
        "bank_code": "",
        "reversal": False,
        "source": "payments/x.csv",
        "pointer": "5",
    }
    assert read.statements["opening_minor"].isna().all()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp850"])
def test_declared_encodings(encoding: Any) -> None:
    layout = BankLayout(**{name: getattr(GERMAN, name) for name in GERMAN.__slots__} | {"encoding": encoding})
    assert _read(HEADER + ROW, layout).entries["counterparty_name"].tolist() == ["Zoë GmbH"]


def test_a_byte_order_mark_is_welcome_where_the_encoding_is_declared() -> None:
    layout = BankLayout(**{name: getattr(GERMAN, name) for name in GERMAN.__slots__} | {"encoding": "utf-8"})
    assert len(_read("\ufeff" + HEADER + ROW, layout).entries) == 1


@pytest.mark.parametrize(
    ("amount", "minor"), [("-1.340,49", -134049), ("+12,5", 1250), ("1.000.000,00", 100000000), ("7", 700)]
)
def test_marks(amount: str, minor: int) -> None:
    assert _read(HEADER + ROW.replace("1.340,49", amount)).entries["amount_minor"].tolist() == [minor]


SIDE_ROWS = """Date,Cur,Out,In,Balance
2026-10-05,EUR,,10.00,110.00
2026-10-06,EUR,4.00,,106.00
2026-10-07,EUR,-1,0.00,105.00
"""


def test_debit_and_credit_columns_with_a_balance() -> None:
    read = _read(SIDE_ROWS, SIDES)
    assert read.entries["amount_minor"].tolist() == [1000, -400, -100]
    statement = read.statements.iloc[0]
    assert statement[["opening_minor", "entries_minor", "closing_minor"]].tolist() == [10000, 500, 10500]
    assert statement["statement"] == "2026-10-05..2026-10-07"


def test_newest_first() -> None:
    header, *rows = SIDE_ROWS.splitlines()
    read = _read("\n".join([header, *rows[::-1]]), SIDES)
    statement = read.statements.iloc[0]
    assert statement[["opening_minor", "entries_minor", "closing_minor"]].tolist() == [10000, 500, 10500]


def test_each_statement_that_the_file_names_has_its_own_balances() -> None:
    header, *rows = SIDE_ROWS.splitlines()
    names = ("S-1", "S-1", "S-2")
    text = "\n".join([f"{header},No", *(f"{row},{name}" for row, name in zip(rows, names, strict=True))])
    read = _read(text, replace(SIDES, columns={**SIDES.columns, "statement": "No"}))
    columns = ["statement", "opening_minor", "entries_minor", "closing_minor"]
    assert read.statements[columns].to_numpy().tolist() == [["S-1", 10000, 600, 10600], ["S-2", 10600, -100, 10500]]


def test_a_row_that_is_gone_does_not_balance() -> None:
    read = _read(SIDE_ROWS.replace("2026-10-06,EUR,4.00,,106.00\n", ""), SIDES)
    statement = read.statements.iloc[0]
    assert statement["opening_minor"] + statement["entries_minor"] != statement["closing_minor"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (HEADER + ROW.replace("1.340,49", "1,340.49"), [("not-a-number", 2, 7)]),
        (HEADER + ROW.replace("1.340,49", "13.40,49"), [("not-a-number", 2, 7)]),
        (HEADER + ROW.replace("1.340,49", "NaN"), [("not-a-number", 2, 7)]),
        (HEADER + ROW.replace("1.340,49", "1e309"), [("not-a-number", 2, 7)]),
        (HEADER + ROW.replace("1.340,49", "1,005"), [("amount-precision", 2, 7)]),
        (HEADER + ROW.replace("1.340,49", ""), [("not-a-number", 2, 7)]),
        (HEADER + ROW.replace("05.10.2026", "2026-10-05"), [("not-a-date", 2, 1)]),
        (HEADER + ROW.replace("05.10.2026", "30.02.2026"), [("not-a-date", 2, 1)]),
        ("x\n" + HEADER + ROW + "Summe;1\n", [("ragged-row", 4, None)]),
        (HEADER + ROW.replace("INV-1", '"INV-1'), [("broken-quotes", 2, None)]),
        (HEADER.replace("Betrag", "Summe") + ROW.replace("ë", "e"), [("unknown-format", None, None)]),
    ],
)
def test_files_that_are_refused(text: str, places: list[tuple[str, int | None, int | None]]) -> None:
    assert _places(text) == places


@pytest.mark.parametrize(
    ("layout", "place"),
    [
        (
            BankLayout(columns={"booking_date": "a", "amount": "b"}, fixed={"currency": "EUR"}),
            ("missing-column", 1, None),
        ),
        (BankLayout(columns={"booking_date": "a", "amount": "b"}, account=OURS), ("missing-column", 1, None)),
    ],
)
def test_an_account_and_a_currency_are_named_somewhere(layout: BankLayout, place: tuple[str, int, None]) -> None:
    assert _places("a,b\n2026-10-05,1\n", layout) == [place]


WORDS = BankLayout(
    account=OURS,
    columns={"booking_date": "Datum", "amount": "Bedrag", "side": "Af Bij"},
    fixed={"currency": "EUR"},
    delimiter=";",
    date_format="%Y%m%d",
    decimal_mark=",",
    debit_words=("Af", "Debet"),
    credit_words=("Bij",),
)
WORD_ROWS = "Datum;Af Bij;Bedrag\n20261005;Bij;10,00\n20261006; AF ;4,00\n20261007;debet;-1,00\n20261008;Af;0,00\n"


def test_a_word_gives_the_amount_its_sign() -> None:
    assert _read(WORD_ROWS, WORDS).entries["amount_minor"].tolist() == [1000, -400, -100, 0]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("Storno;10,00", ("not-a-side", 2, 2)),
        (";10,00", ("not-a-side", 2, 2)),
        ("Bij;-10,00", ("not-a-side", 2, 2)),
        ("Bij;x", ("not-a-number", 2, 3)),
    ],
)
def test_words_and_signs_that_say_neither(said: str, place: tuple[str, int, int]) -> None:
    assert _places(WORD_ROWS.replace("Bij;10,00", said), WORDS) == [place]


def test_a_currency_that_nobody_has() -> None:
    assert _places(SIDE_ROWS.replace("06,EUR", "06,XYZ"), SIDES) == [("not-a-currency", 3, 2)]


def test_both_sides_in_a_row() -> None:
    assert _places(SIDE_ROWS.replace("4.00,,", "4.00,1.00,"), SIDES) == [("not-a-side", 3, 3)]


def test_two_layouts_that_fit_are_one_too_many() -> None:
    other = BankLayout(columns=GERMAN.columns, fixed={"currency": "USD"}, delimiter=";", account="other")
    read = read_bank("x.csv", (HEADER + ROW.replace("ë", "e")).encode(), (GERMAN, other))
    assert [found.code for found in read.findings] == ["unknown-format"]


def test_the_account_in_the_file_chooses_the_layout() -> None:
    columns = {"booking_date": "day", "amount": "sum", "account_iban": "account"}
    layouts = [
        BankLayout(columns=columns, fixed={"currency": code}, account=name)
        for code, name in (("EUR", "A1"), ("USD", "B2"))
    ]
    read = read_bank("x.csv", b"day,sum,account\n2026-10-05,1,B2\n", layouts)
    assert read.entries[["account_iban", "currency"]].to_numpy().tolist() == [["B2", "USD"]]


def test_encodings_of_other_formats() -> None:
    text = ":20:X\n:25:NL71\n:28C:1\n:60F:C261001EUR0,00\n:61:261005C1,00NTRF\n:86:Zoë\n:62F:C261005EUR1,00\n"
    layouts = [
        BankLayout(file_format="mt940", encoding="cp437", account="NL71"),
        BankLayout(file_format="mt940", encoding="iso-8859-1"),
    ]
    assert read_bank("x", text.encode("cp437"), layouts).entries["text"].tolist() == ["Zoë"]
    elsewhere = text.replace("NL71", "NL99")
    assert read_bank("x", elsewhere.encode("latin-1"), layouts).entries["text"].tolist() == ["Zoë"]
    assert [found.code for found in read_bank("x", text.encode("latin-1")).findings] == ["encoding"]
