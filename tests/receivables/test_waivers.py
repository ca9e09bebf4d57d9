"""Waived late fees: off the balance, and owed again where the debt stays open."""

from datetime import date

import pytest

from tests.receivables.tables import (
    LAST_AS_OF,
    Row,
    Tree,
    balances,
    closed,
    day,
    document,
    entry,
    left,
    open_minor,
    settled,
    tree,
)

DEBT = document("INV-1", 10_000, "2026-08-01", "2026-08-31")
FEE = document("FEE-1", 4_000, "2026-09-20", "2026-10-04", kind="fee")
BY = ("finance@issuer.example", "cases/c.yaml", "/outcome/0")
WAIVER = ("FEE-1", 4_000, day("2026-10-01"), day("2026-10-31"), *BY)
LATE = date(2026, 11, 15)


def waived(*rows: Row, waiver: Row = WAIVER) -> Tree:
    return tree(DEBT, FEE, *rows, waivers=(waiver,))


def posted(records: Tree, as_of: date) -> list[tuple[str, int, str]]:
    table = settled(records, as_of).adjustments
    rows = zip(table["kind"], table["amount_minor"], table["on"].dt.date, table["approved_by"], strict=True)
    return [(kind, minor, str(on)) for kind, minor, on, by in rows if by == BY[0]]


@pytest.mark.parametrize(
    ("as_of", "rows"),
    [
        (date(2026, 9, 30), []),
        (date(2026, 10, 1), [("waiver", 4_000, "2026-10-01")]),
        (date(2026, 10, 31), [("waiver", 4_000, "2026-10-01")]),
        (date(2026, 11, 1), [("waiver", 4_000, "2026-10-01"), ("waiver", -4_000, "2026-11-01")]),
    ],
)
def test_a_waiver_counts_to_its_last_day_while_the_debt_is_open(as_of: date, rows: list[tuple[str, int, str]]) -> None:
    assert posted(waived(), as_of) == rows
    assert open_minor(settled(waived(), as_of, date(2026, 9, 1)))["INV-1"] == 10_000
    assert open_minor(settled(waived(), as_of, date(2026, 9, 1))).get("FEE-1", 0) == 4_000 - sum(row[1] for row in rows)


@pytest.mark.parametrize(
    ("paid_on", "lapsed"), [("2026-10-20", False), ("2026-10-31", False), ("2026-11-01", True), ("2026-11-10", True)]
)
def test_a_debt_that_was_paid_in_time_keeps_the_fee_waived(paid_on: str, *, lapsed: bool) -> None:
    records = waived(entry("P-1", 10_000, "INV-1", paid_on))
    assert open_minor(settled(records, LATE)) == ({"FEE-1": 4_000} if lapsed else {})


@pytest.mark.parametrize(("credited_on", "lapsed"), [("2026-10-31", False), ("2026-11-01", True)])
def test_a_credit_note_settles_the_debt_from_its_day_on(credited_on: str, *, lapsed: bool) -> None:
    records = waived(document("CN-1", -10_000, credited_on, corrects="INV-1"))
    assert open_minor(settled(records, LATE)) == ({"FEE-1": 4_000} if lapsed else {})


@pytest.mark.parametrize(("due_on", "lapsed"), [("2026-10-01", True), ("2026-10-02", False)])
def test_what_was_not_due_when_it_was_waived_is_not_the_debt(due_on: str, *, lapsed: bool) -> None:
    later = document("INV-2", 7_000, "2026-09-15", due_on)
    records = waived(later, entry("P-1", 10_000, "INV-1", "2026-10-20"))
    assert open_minor(settled(records, LATE)) == {"INV-2": 7_000} | ({"FEE-1": 4_000} if lapsed else {})


def test_a_fee_that_is_owed_again_can_be_paid() -> None:
    records = waived(entry("P-1", 10_000, "INV-1", "2026-11-05"), entry("P-2", 4_000, "FEE-1", "2026-11-06"))
    result = settled(records, LATE)
    assert (open_minor(result), left(result)) == ({}, {})


def test_only_what_is_open_is_waived() -> None:
    """A part was paid in a closed month, and the waiver came after it."""
    part = entry("P-1", 1_000, "FEE-1", "2026-10-05")
    before = tree(DEBT, FEE, part)
    later = waived(part, waiver=("FEE-1", 4_000, day("2026-10-20"), day("2026-12-31"), *BY))
    result = settled(later, LATE, LAST_AS_OF, closed(before))
    assert (open_minor(result), left(result)) == ({"INV-1": 10_000}, {})
    assert posted_of(result) == [3_000]


def test_a_month_that_follows_starts_from_the_waiver() -> None:
    first = closed(waived())
    result = settled(waived(), LATE, LAST_AS_OF, first)
    assert posted_of(result) == [4_000, -4_000]
    assert balances(result) == balances(settled(waived(), LATE, LAST_AS_OF))


def posted_of(result: object) -> list[int]:
    table = result.adjustments  # type: ignore[attr-defined]
    return [int(minor) for kind, minor in zip(table["kind"], table["amount_minor"], strict=True) if kind == "waiver"]
