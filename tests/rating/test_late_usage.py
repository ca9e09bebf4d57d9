"""Usage that came after the late window of its month."""

from collections.abc import Iterable
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.late_usage import usage_after_window
from prisma_batch.rating.placement import with_period
from prisma_batch.records.discrepancies import Discrepancy, discrepancy_table
from prisma_batch.records.price_tables import RATES
from tests.rating.tables import Row, billed, invoice_lines, priced, rate, rates, scope, usage_rows, used

NEW = "usage/2026-10/late.csv"
SEPTEMBER = {"service_from": "2026-08-01", "service_to": "2026-08-31"}


def told(usage: Iterable[Row], lines: Iterable[Row] = (), known: Iterable[str] = ()) -> list[Discrepancy]:
    """What is told in October, with a window back to September."""
    charges = priced(usage_rows(*usage), rates(rate("2"), rate("3", sku="B2")))
    table = with_period(invoice_lines(*lines), RATES.of([]))
    return usage_after_window(charges, table, scope("2026-09", "2026-10"), Period(2026, 10), frozenset(known))


@pytest.mark.parametrize(
    ("on", "known", "expected"),
    [
        ("2026-08-05", [], 1),
        ("2026-08-05", [NEW], 0),
        ("2026-09-05", [], 0),
        ("2026-10-05", [], 0),
        ("2026-11-05", [], 0),
    ],
    ids=["before the window", "known to the run before", "within the window", "of the month", "of a later month"],
)
def test_what_is_told(on: str, known: list[str], expected: int) -> None:
    assert len(told([used("5", on, source=NEW)], known=known)) == expected


def test_it_has_its_money_and_what_was_billed_all_the_same() -> None:
    usage = [used("5", "2026-08-05", source=NEW), used("1", "2026-08-06", sku="B2", source=NEW)]
    found = told(usage, [billed("2", "4.00", **SEPTEMBER)])
    figures: list[tuple[Any, ...]] = [
        (item.sku, item.expected_quantity, item.invoiced_quantity, item.expected_minor, item.invoiced_minor)
        for item in found
    ]
    assert figures == [("A1", 5, 2, 1000, 400), ("B2", 1, 0, 300, 0)]
    assert {(item.kind, item.period, item.source) for item in found} == {("late_usage", "2026-08", NEW)}
    assert found[0].message == "used 5 = 10.00 EUR, on record only after the late window of 2026-08"


def test_money_is_lost_where_it_was_not_billed() -> None:
    usage, lines = [used("5", "2026-08-05", source=NEW)], [billed("5", "10.00", **SEPTEMBER)]
    severities = [discrepancy_table(found)["severity"].item() for found in (told(usage), told(usage, lines))]
    assert severities == ["high", "low"]


def test_usage_without_a_price_is_told_elsewhere() -> None:
    assert told([used("5", "2026-08-05", sku="C3", source=NEW)]) == []
