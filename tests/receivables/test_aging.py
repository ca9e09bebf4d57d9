"""Aging by days: over month ends, a leap day and changes of the clocks; buckets sum to the balance on every day."""

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.receivables.matching import matched_book
from prisma_batch.receivables.open_items import aging_of, open_items_of
from prisma_batch.receivables.plans import plan_states
from prisma_batch.receivables.tables import unapplied_of
from prisma_batch.records.tables import BUCKETS
from tests.receivables.tables import Tree, decision, document, entry, settled, tree

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


FIRST_DAY, LAST_DAY = date(2026, 1, 1), date(2028, 1, 1)
DAYS = [FIRST_DAY + timedelta(days=count) for count in range((LAST_DAY - FIRST_DAY).days + 1)]
BEFORE = FIRST_DAY - timedelta(days=1)


def _debts(*due_on_and_minor: tuple[date, int]) -> Tree:
    """Debts due all along, a credit, money that is not used, and one of the debts in two installments."""
    debts = [
        document(f"INV-{number}", minor, str(BEFORE), str(due_on))
        for number, (due_on, minor) in enumerate(due_on_and_minor)
    ]
    parts = (debts[0][6] // 2, debts[0][6] - debts[0][6] // 2)
    return tree(
        *debts,
        document("CN-1", -500, str(BEFORE)),
        entry("P-1", 77, "nobody knows", on=str(BEFORE)),
        decisions=(decision("on_account", 77, on=str(BEFORE), payment="P-1", account="ACME-001"),),
        plans=(("CASE-1#0", "CASE-1", "INV-0", FIRST_DAY + timedelta(days=100)),),
        installments=tuple(
            ("CASE-1#0", number, FIRST_DAY + timedelta(days=270 + 30 * number), minor)
            for number, minor in enumerate(parts, start=1)
        ),
        grace_days=5,
    )


def _adds_up(aging: dict[str, int], balance_minor: int) -> bool:
    return sum(aging[bucket] for bucket in (*BUCKETS, "unapplied")) == aging["balance"] == balance_minor


def test_buckets_sum_to_the_balance_on_every_day_of_two_years() -> None:
    """Nothing is paid after the first day, so the book is the same; each day stands as an account of its own."""
    inputs = _debts(*((FIRST_DAY + timedelta(days=60 * number), 10_000 + number) for number in range(12))).tables()
    book = matched_book(inputs, FIRST_DAY, None)
    found = []
    for day in DAYS:
        granted = inputs.assistance, plan_states(book, inputs.assistance, day)
        found.append(open_items_of(book, inputs.documents, inputs.disputes, granted, day).assign(account=str(day)))
    cash = pd.concat([unapplied_of(book).assign(account=str(day)) for day in DAYS])
    table = aging_of(pd.concat(found), cash).set_index("account")
    assert [str(day) for day in DAYS] == table.index.tolist()
    balance_minor = sum(10_000 + number for number in range(12)) - 500 - 77
    wrong = [day for day, aging in table.to_dict("index").items() if not _adds_up(aging, balance_minor)]
    assert wrong == []


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(DAYS), st.integers(1, 10**9)), min_size=1, max_size=12), st.sampled_from(DAYS)
)
def test_buckets_sum_to_the_balance_whatever_is_due(debts: list[tuple[date, int]], as_of: date) -> None:
    [aging] = settled(_debts(*debts), as_of=as_of, last_as_of=BEFORE).aging.to_dict("records")
    assert _adds_up(aging, sum(minor for _, minor in debts) - 500 - 77)
