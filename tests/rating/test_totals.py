"""Usage is totalled by day only where its price depends on days."""

from datetime import date

import pytest

from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.totals import usage_totals
from tests.rating.tables import Row, rate, rates, usage_rows, used

A1 = ("ACME-001", "cloud", "A1")


@pytest.mark.parametrize(
    ("agreed", "daily"),
    [
        ([rate("1")], set()),
        ([rate("1", "2026-02-01", "2026-02-28"), rate("2", "2026-03-01")], set()),
        ([rate("1", "2026-02-01", "2026-02-27")], {A1}),
        ([rate("1", "2026-02-02"), rate("1", sku="B2")], {A1}),
        ([], set()),
    ],
    ids=["open", "whole months", "ends inside", "begins inside", "no rates"],
)
def test_keys_by_day(agreed: list[Row], daily: set[tuple[str, str, str]]) -> None:
    assert daily_keys(rates(*agreed)) == daily


def test_totals_by_day_and_by_month() -> None:
    rows = usage_rows(
        *(used("1", "2026-10-02"), used("2.5", "2026-10-02"), used("4", "2026-10-30")),
        *(used("1", "2026-10-02", sku="B2"), used("4", "2026-10-30", sku="B2"), used("5", "2026-11-30", sku="B2")),
    )
    totals = usage_totals(rows, {A1})
    columns = ["sku", "service_from", "service_to", "quantity_scaled", "quantity_scale"]
    found = [
        (sku, str(since.date()), str(until.date()), *scaled)
        for sku, since, until, *scaled in totals[columns].to_numpy()
    ]
    assert found == [
        ("A1", "2026-10-02", "2026-10-02", 35, 1),
        ("A1", "2026-10-30", "2026-10-30", 4, 0),
        ("B2", "2026-10-01", "2026-10-31", 5, 0),
        ("B2", "2026-11-01", "2026-11-30", 5, 0),
    ]


def test_accounts_that_look_like_nothing_are_kept() -> None:
    rows = usage_rows(used("1", account="NA"), used("1", account="NULL"), used("1", account="007"))
    totals = usage_totals(rows, frozenset())
    assert totals["account"].tolist() == ["007", "NA", "NULL"]
    assert totals["service_from"].dt.date.unique().tolist() == [date(2026, 10, 1)]
