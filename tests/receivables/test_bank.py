"""Bank statements: ids that never depend on files or positions, each entry once, balances that decide."""

import hashlib
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.receivables.bank import BankBook, bank_book, payment_ids, with_recorded
from prisma_batch.records.tables import BANK_ENTRIES, BANK_STATEMENTS, PAYMENTS

Row = dict[str, Any]
OURS, OTHER_BANK = "NL02OURS0123456789", "NL03OURS0987654321"


def booked(amount_minor: int = 10000, reference: str = "", **fields: Any) -> Row:
    """An entry of 20 October in statement S-1 of file a.csv, unless said otherwise."""
    given = {
        "bank_reference": reference,
        "detail": 0,
        "account_iban": OURS,
        "statement": "S-1",
        "booking_date": date(2026, 10, 20),
        "value_date": date(2026, 10, 21),
        "amount_minor": amount_minor,
        "currency": "EUR",
        "counterparty_name": "Acme Hosting B.V.",
        "counterparty_iban": "NL91ACME0417164300",
        "end_to_end_id": "E2E-1",
        "structured_reference": "RF18",
        "text": "INV-1",
        "bank_code": "",
        "reversal": False,
        "source": "payments/2026-10/a.csv",
        "pointer": "2",
    }
    return given | fields


def statement(opening: int | None, entries: int, closing: int | None, **fields: Any) -> Row:
    given = {
        "account_iban": OURS,
        "statement": "S-1",
        "currency": "EUR",
        "opened_on": date(2026, 10, 1),
        "closed_on": date(2026, 10, 31),
        "opening_minor": opening,
        "closing_minor": closing,
        "entries_minor": entries,
        "source": "payments/2026-10/a.csv",
        "pointer": "2",
    }
    return given | fields


def entries_of(*rows: Row) -> DataFrame:
    return BANK_ENTRIES.of(row.values() for row in rows)


def statements_of(*rows: Row) -> DataFrame:
    order = list(BANK_STATEMENTS.columns)
    return BANK_STATEMENTS.of([row[column] for column in order] for row in rows)


def recorded_of(book: BankBook) -> DataFrame:
    return PAYMENTS.conform(book.entries.assign(account="", state=""))


def ids(*rows: Row, recorded: DataFrame | None = None) -> list[str]:
    return payment_ids(
        entries_of(*rows), BANK_STATEMENTS.of([]), PAYMENTS.of([]) if recorded is None else recorded
    ).tolist()


def counted(*rows: Row, statements: tuple[Row, ...] = ()) -> BankBook:
    return bank_book(entries_of(*rows), statements_of(*statements), PAYMENTS.of([]))


CONTENT = f"{OURS}|2026-10-20|2026-10-21|100.00|EUR|NL91ACME0417164300|E2E-1|INV-1"
HASHED = hashlib.sha256(CONTENT.replace("|", "\x1f").encode()).hexdigest()[:16]


def test_the_banks_reference_is_the_id() -> None:
    assert ids(booked(1, "NTRY-1"), booked(2, "NTRY-2")) == ["NTRY-1", "NTRY-2"]


def test_without_a_reference_the_id_is_a_hash_of_the_contract() -> None:
    assert ids(booked()) == [HASHED]


@pytest.mark.parametrize(
    "change",
    [
        {"account_iban": OTHER_BANK},
        {"booking_date": date(2026, 10, 19)},
        {"value_date": date(2026, 10, 19)},
        {"amount_minor": -10000},
        {"currency": "USD"},
        {"counterparty_iban": ""},
        {"end_to_end_id": ""},
        {"text": "INV-2"},
    ],
    ids=str,
)
def test_what_the_hash_covers(change: Row) -> None:
    assert ids(booked(**change)) != [HASHED]


@pytest.mark.parametrize(
    "change",
    [
        {"source": "payments/2026-11/renamed.xml"},
        {"pointer": "99"},
        {"statement": "S-7"},
        {"counterparty_name": "ACME HOSTING"},
        {"structured_reference": ""},
        {"reversal": True},
    ],
    ids=str,
)
def test_what_the_hash_leaves_out(change: Row) -> None:
    assert ids(booked(**change)) == [HASHED]


def test_equal_entries_of_a_statement_are_numbered() -> None:
    assert ids(booked(), booked(), booked(1), booked()) == [HASHED, f"{HASHED}-2", ids(booked(1))[0], f"{HASHED}-3"]


@pytest.mark.parametrize(
    "rows",
    [
        [booked(1, "NTRY-1"), booked(2, "NTRY-1")],
        [booked(1, "NTRY-1"), booked(2, "NTRY-1", statement="S-2")],
        [booked(1, "NTRY-1"), booked(1, "NTRY-1")],
        [booked(1, "NTRY-1"), booked(1, "NTRY-1", account_iban=OTHER_BANK)],
    ],
    ids=["in a statement", "in two statements", "for equal entries", "by two banks"],
)
def test_a_reference_that_is_used_again_is_no_id(rows: list[Row]) -> None:
    found = ids(*rows)
    assert len(set(found)) == 2
    assert "NTRY-1" not in found


def test_details_of_a_batch_are_counted() -> None:
    batch = [booked(amount, "BATCH-1", detail=detail) for detail, amount in enumerate((700, 300), start=1)]
    assert ids(*batch) == ["BATCH-1/1", "BATCH-1/2"]
    assert ids(*batch, booked(1000, "BATCH-1", statement="S-2", detail=1))[:2] != ["BATCH-1/1", "BATCH-1/2"]
    unnamed = ids(*(row | {"bank_reference": ""} for row in batch))
    assert [name[16:] for name in unnamed] == ["/1", "/2"]


def test_a_reference_used_again_later_stays_the_id_of_the_closed_payment() -> None:
    closed = counted(booked(1, "NTRY-1"))
    later = booked(2, "NTRY-1", booking_date=date(2026, 11, 3))
    found = ids(later, booked(1, "NTRY-1"), recorded=recorded_of(closed))
    assert found[1] == "NTRY-1"
    assert len(found[0]) == 16


ENTRIES = [
    booked(1, "NTRY-1"),
    booked(2),
    booked(2),
    booked(3, "R"),
    booked(4, "R"),
    booked(5, account_iban=OTHER_BANK),
]


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.permutations(ENTRIES), st.sampled_from(["a.csv", "b.xml"]))
def test_ids_never_depend_on_position_or_file_name(rows: list[Row], name: str) -> None:
    renamed = [row | {"source": name, "pointer": str(position)} for position, row in enumerate(rows)]
    assert sorted(ids(*renamed)) == sorted(ids(*ENTRIES))
    by_amount = {(row["amount_minor"], name) for row, name in zip(renamed, ids(*renamed), strict=True)}
    assert by_amount == {(row["amount_minor"], name) for row, name in zip(ENTRIES, ids(*ENTRIES), strict=True)}


@settings(max_examples=10, deadline=None, derandomize=True)
@given(st.sets(st.integers(0, len(ENTRIES) - 1)))
def test_overlapping_exports_count_once(chosen: set[int]) -> None:
    """A second export with some of the entries adds nothing."""
    again = [row for position, row in enumerate(ENTRIES) if position in chosen]
    copies = [row | {"source": "payments/2026-11/b.xml", "statement": "S-9"} for row in again]
    once, both = counted(*ENTRIES), counted(*ENTRIES, *copies)
    assert both.entries["payment"].tolist() == once.entries["payment"].tolist()
    assert both.entries["amount_minor"].sum() == once.entries["amount_minor"].sum() == 17


def test_the_same_file_twice_counts_once() -> None:
    copies = [row | {"source": "payments/2026-11/copy.csv"} for row in ENTRIES]
    assert len(counted(*ENTRIES, *copies).entries) == len(ENTRIES)


def test_equal_payments_of_one_day_are_both_genuine() -> None:
    book = counted(booked(), booked())
    assert book.entries["payment"].tolist() == [HASHED, f"{HASHED}-2"]
    assert book.entries["amount_minor"].sum() == 20000


def test_equal_references_at_two_banks_are_two_payments() -> None:
    book = counted(booked(1, "1"), booked(1, "1", account_iban=OTHER_BANK))
    assert book.entries["payment"].nunique() == len(book.entries) == 2


def test_entries_are_in_booking_order() -> None:
    book = counted(booked(1, "B"), booked(2, "A"), booked(3, "C", booking_date=date(2026, 10, 1)))
    assert book.entries["payment"].tolist() == ["C", "A", "B"]


@pytest.mark.parametrize(
    ("row", "is_held"),
    [
        (statement(500, 100, 600), False),
        (statement(500, 100, 601), True),
        (statement(500, 100, 599), True),
        (statement(None, 100, 600), False),
        (statement(500, 100, None), False),
        (statement(-500, 100, -400), False),
    ],
)
def test_a_statement_that_does_not_balance_is_held_whole(row: Row, is_held: bool) -> None:
    other = booked(7, "NTRY-9", statement="S-2", source="payments/2026-10/b.csv")
    book = counted(booked(60, "NTRY-1"), booked(40, "NTRY-2"), other, statements=(row,))
    assert book.entries["payment"].tolist() == (["NTRY-9"] if is_held else ["NTRY-1", "NTRY-2", "NTRY-9"])
    assert book.held_payments == (frozenset({"NTRY-1", "NTRY-2"}) if is_held else frozenset())
    assert [item.kind for item in book.discrepancies] == (["statement_unbalanced"] if is_held else [])


def test_an_unbalanced_statement_shows_its_sum() -> None:
    [found] = counted(statements=(statement(500, 100, 650),)).discrepancies
    assert (found.expected_minor, found.invoiced_minor, found.difference_minor) == (650, 600, -50)
    assert found.message == "statement S-1 is held: 5.00 + 1.00 is not 6.50 EUR"
    assert (found.period, found.payment, found.source) == ("2026-10", "S-1", "payments/2026-10/a.csv")


def test_only_the_currency_that_does_not_balance_is_held() -> None:
    rows = [booked(1, "EURO"), booked(2, "DOLLAR", currency="USD")]
    statements = (statement(0, 1, 9), statement(0, 2, 2, currency="USD"))
    assert counted(*rows, statements=statements).entries["payment"].tolist() == ["DOLLAR"]


def test_an_entry_of_a_held_statement_counts_where_another_file_has_it() -> None:
    again = booked(1, "NTRY-1", source="payments/2026-10/b.csv", statement="S-2")
    book = counted(booked(1, "NTRY-1"), again, statements=(statement(0, 1, 9),))
    assert book.entries[["payment", "source"]].to_numpy().tolist() == [["NTRY-1", "payments/2026-10/b.csv"]]


SEPTEMBER = {"statement": "S-0", "opened_on": date(2026, 9, 1), "closed_on": date(2026, 9, 30)}


@pytest.mark.parametrize(
    ("statements", "gaps"),
    [
        ([statement(0, 500, 500, **SEPTEMBER), statement(500, 100, 600)], []),
        ([statement(0, 500, 500, **SEPTEMBER), statement(501, 100, 601)], [(500, 501)]),
        ([statement(0, 500, 500, **SEPTEMBER), statement(501, 100, 601, currency="USD")], []),
        ([statement(0, 500, 500, **SEPTEMBER), statement(501, 100, 601, account_iban=OTHER_BANK)], []),
        ([statement(0, 500, 500, **SEPTEMBER), statement(501, 100, 999)], []),
        ([statement(0, 500, 500, **SEPTEMBER), statement(None, 100, 600)], []),
        ([statement(0, 500, 500, **SEPTEMBER), statement(0, 500, 500, **SEPTEMBER | {"source": "copy.csv"})], []),
    ],
    ids=["in line", "gap", "currency", "bank account", "held anyway", "no balance", "the same twice"],
)
def test_gaps_between_statements(statements: list[Row], gaps: list[tuple[int, int]]) -> None:
    for ordered in (statements, statements[::-1]):
        book = counted(booked(100, "NTRY-1"), statements=tuple(ordered))
        found = [item for item in book.discrepancies if item.kind == "statement_gap"]
        assert [(item.expected_minor, item.invoiced_minor) for item in found] == gaps


def test_entries_after_a_gap_are_used() -> None:
    book = counted(booked(100, "NTRY-1"), statements=(statement(0, 500, 500, **SEPTEMBER), statement(501, 100, 601)))
    assert book.entries["payment"].tolist() == ["NTRY-1"]
    assert [(item.kind, item.period, item.payment) for item in book.discrepancies] == [
        ("statement_gap", "2026-10", "S-1")
    ]


def test_no_bank_files() -> None:
    book = counted()
    assert book.entries.empty
    assert (book.held_payments, book.discrepancies) == (frozenset(), ())


def test_a_payment_of_a_closed_period_may_not_get_lost() -> None:
    closed = counted(booked(1, "NTRY-1"), booked(2, "NTRY-2"))
    remaining = counted(booked(2, "NTRY-2"))
    with pytest.raises(RecordsNotRight) as raised:
        with_recorded(remaining, recorded_of(closed), from_elsewhere=False)
    assert [finding.code for finding in raised.value.findings] == ["payment-lost"]
    assert "NTRY-1" in raised.value.findings[0].message


def test_closed_payments_count_where_other_files_are_named() -> None:
    closed = counted(booked(1, "NTRY-1"), booked(2, "NTRY-2"))
    both = with_recorded(counted(booked(3, "NTRY-3")), recorded_of(closed), from_elsewhere=True)
    assert both[["payment", "amount_minor"]].to_numpy().tolist() == [["NTRY-1", 1], ["NTRY-2", 2], ["NTRY-3", 3]]
    same = counted(booked(1, "NTRY-1"), booked(2, "NTRY-2"))
    pd.testing.assert_frame_equal(with_recorded(same, recorded_of(closed), from_elsewhere=False), same.entries)
