"""Aging by days: over month ends, a leap day and changes of the clocks; buckets sum to the balance on every day."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.records.tables import BUCKETS
from tests.receivables.tables import Tree, document, settled, tree

DAYS_AND_BUCKETS = [
    *((days, "not_due") for days in (-1, 0)),
    *((days, "1_30") for days in (1, 30)),
    *((days, "31_60") for days in (31, 60)),
    *((days, "61_90") for days in (61, 90)),
    *((days, "91_120") for days in (91, 120)),
    (121, "over_120"),
]
DUE_DAYS = (
    "2026-01-31",  # the end of a month, and of the year's shortest one within reach
    "2027-12-31",
    "2028-01-30",  # 2028-02-29 is 30 days later
    "2026-03-28",  # the day before the clocks go forward
    "2026-10-24",  # … and back
)


@pytest.mark.parametrize(("days", "bucket"), DAYS_AND_BUCKETS)
@pytest.mark.parametrize("due_on", DUE_DAYS)
def test_days_are_those_of_the_calendar(due_on: str, days: int, bucket: str) -> None:
    as_of = date.fromisoformat(due_on) + timedelta(days=days)
    result = settled(tree(document("INV-1", 100, "2026-01-01", due_on)), as_of=as_of, last_as_of=date(2025, 12, 31))
    [item] = result.open_items.to_dict("records")
    assert (item["days_overdue"], item["bucket"]) == (max(0, days), bucket)


@pytest.mark.parametrize(
    ("as_of", "days"), [("2028-02-28", 29), ("2028-02-29", 30), ("2028-03-01", 31), ("2027-03-01", 0)]
)
def test_a_leap_day_is_a_day(as_of: str, days: int) -> None:
    records = tree(document("INV-1", 100, "2026-01-01", "2028-01-30"))
    result = settled(records, as_of=date.fromisoformat(as_of), last_as_of=date(2025, 12, 31))
    assert result.open_items["days_overdue"].tolist() == [days]


def _plan(first_day: date) -> Tree:
    """Debts due all along, a credit, and one of the debts in two installments."""
    documents = [
        document(f"INV-{number}", 10_000 + number, "2026-01-01", str(first_day + timedelta(days=60 * number)))
        for number in range(12)
    ]
    return tree(
        *documents,
        document("CN-1", -500, "2026-01-01"),
        plans=(("CASE-1#0", "CASE-1", "INV-3", first_day + timedelta(days=100)),),
        installments=(
            ("CASE-1#0", 1, first_day + timedelta(days=300), 5_000),
            ("CASE-1#0", 2, first_day + timedelta(days=330), 5_003),
        ),
        grace_days=5,
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 730))
def test_buckets_sum_to_the_balance_on_any_day_of_two_years(days: int) -> None:
    first_day = date(2026, 1, 1)
    result = settled(_plan(first_day), as_of=first_day + timedelta(days=days), last_as_of=date(2025, 12, 31))
    [aging] = result.aging.to_dict("records")
    assert sum(aging[bucket] for bucket in (*BUCKETS, "unapplied")) == aging["balance"]
    assert aging["balance"] == sum(10_000 + number for number in range(12)) - 500
    assert result.open_items["open_minor"].sum() == aging["balance"]
