"""Usage that came after the late window of its month."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.rating.late_usage import LateRows, LateUnit, UnitTotal, usage_after_window
from prisma_batch.rating.placement import with_period
from prisma_batch.records.discrepancies import Discrepancy, discrepancy_table
from prisma_batch.records.price_tables import RATES
from tests.rating.tables import Row, billed, invoice_lines, priced, rate, rates, scope, usage_rows, used

NEW = "usage/2026-10/late.csv"
OLD = "usage/2026-08/cloud.csv"
AUGUST = {"service_from": "2026-08-01", "service_to": "2026-08-31"}
UNIT = LateUnit("ACME-001", "cloud", "A1", "2026-08")


def told(
    late: Iterable[Row],
    lines: Iterable[Row] = (),
    *,
    before: Iterable[Row] = (),
    known: Iterable[str] = (),
    totals: UnitTotal | None = None,
    **fields: Any,
) -> list[Discrepancy]:
    """What is told in October, with a window back to September.

    ``late`` are rows of files that are new, or ``known`` and changed since; ``before`` is what else was used;
    ``totals`` was published of A1 in August; ``fields`` are others of LateRows.
    """
    late = list(late)
    agreed = rates(rate("2"), rate("3", sku="B2"))
    published = {} if totals is None else {UNIT: totals}
    rows = LateRows(rows=usage_rows(*late), known_sources=frozenset(known), totals=published, **fields)
    charges = priced(usage_rows(*before, *late), agreed)
    table = with_period(invoice_lines(*lines), RATES.of([]))
    return usage_after_window(rows, agreed, charges, table, scope("2026-09", "2026-10"))


def figures(found: Iterable[Discrepancy]) -> list[tuple[Any, ...]]:
    return [
        (item.sku, item.expected_quantity, item.invoiced_quantity, item.expected_minor, item.invoiced_minor)
        for item in found
    ]


@pytest.mark.parametrize(
    ("on", "expected"),
    [("2026-08-31", 1), ("2026-09-01", 0), ("2026-10-05", 0)],
    ids=["before the window", "within the window", "of the month"],
)
def test_what_is_told(on: str, expected: int) -> None:
    assert len(told([used("5", on, source=NEW)])) == expected


def test_rows_for_a_unit_that_is_known_are_told_with_all_of_it() -> None:
    """4 were used and billed at 2.00 in August; 3 more come in October."""
    before, lines = [used("4", "2026-08-05", source=OLD)], [billed("4", "8.00", **AUGUST)]
    found = told([used("3", "2026-08-06", source=NEW)], lines, before=before, totals=(Decimal(4), 800))
    assert figures(found) == [("A1", 7, 4, 1400, 800)]
    assert found[0].source == NEW


def test_a_file_that_grew_tells_only_what_is_new() -> None:
    both = [used("4", "2026-08-05", source=OLD), used("3", "2026-08-06", source=OLD)]
    assert figures(told(both, known=[OLD], totals=(Decimal(4), 800))) == [("A1", 7, 0, 1400, 0)]
    assert told(both, known=[OLD], totals=(Decimal(7), 1400)) == []


def test_a_file_that_grew_does_not_tell_what_was_billed_since() -> None:
    both = [used("4", "2026-08-05", source=OLD), used("3", "2026-08-06", source=OLD)]
    lines = [billed("4", "8.00", **AUGUST), billed("3", "6.00", line=2, **AUGUST)]
    assert told(both, lines, known=[OLD], totals=(Decimal(4), 800)) == []


def test_what_a_revision_takes_away_is_told() -> None:
    """The rows of the first revision are no usage any more: 5 were billed, nothing is left."""
    agreed, lines = rates(rate("2")), invoice_lines(billed("5", "10.00", **AUGUST))
    late = LateRows(rows=usage_rows(used("5", "2026-08-05", source=NEW)))
    charges = priced(usage_rows(), agreed)
    found = usage_after_window(late, agreed, charges, with_period(lines, RATES.of([])), scope("2026-09"))
    assert figures(found) == [("A1", 0, 5, 0, 1000)]
    assert found[0].message == "used 0 = 0.00 EUR, on record only after the late window of 2026-08"


def test_it_has_its_money_and_what_was_billed_all_the_same() -> None:
    usage = [used("5", "2026-08-05", source=NEW), used("1", "2026-08-06", sku="B2", source=NEW)]
    found = told(usage, [billed("2", "4.00", **AUGUST)])
    figures: list[tuple[Any, ...]] = [
        (item.sku, item.expected_quantity, item.invoiced_quantity, item.expected_minor, item.invoiced_minor)
        for item in found
    ]
    assert figures == [("A1", 5, 2, 1000, 400), ("B2", 1, 0, 300, 0)]
    assert {(item.kind, item.period, item.source) for item in found} == {("late_usage", "2026-08", NEW)}
    assert found[0].message == "used 5 = 10.00 EUR, on record only after the late window of 2026-08"


def test_money_is_lost_where_it_was_not_billed() -> None:
    usage, lines = [used("5", "2026-08-05", source=NEW)], [billed("5", "10.00", **AUGUST)]
    unpriced = [used("5", "2026-08-05", sku="C3", source=NEW)]
    each = (told(usage), told(usage, lines), told(unpriced))
    assert [discrepancy_table(found)["severity"].item() for found in each] == ["high", "low", "high"]


def test_rows_that_do_not_count_are_not_told() -> None:
    """Refused rows are no usage: metered ones of a reported program, say."""
    late = LateRows(rows=usage_rows(used("5", "2026-08-05", source=NEW)))
    none = priced(usage_rows(), rates(rate("2")))
    lines = with_period(invoice_lines(), RATES.of([]))
    assert usage_after_window(late, rates(rate("2")), none, lines, scope("2026-09")) == []


def test_usage_without_a_price_is_told_too() -> None:
    [found] = told([used("5", "2026-08-05", sku="C3", unit="hour", source=NEW)])
    assert found.message == "used 5 hour without a price, on record only after the late window of 2026-08"
    assert (found.kind, found.expected_quantity, found.difference_minor) == ("late_usage", 5, None)


def test_units_without_a_price_are_told_apart() -> None:
    """Hours and gigabytes do not add up; the rest of a month whose rate ended does."""
    usage = [used("5", "2026-08-05", sku="C3", unit=unit, source=NEW) for unit in ("hour", "GB")]
    found = told(usage)
    assert [(item.unit, item.line, item.expected_quantity) for item in found] == [("GB", "", 5), ("hour", "", 5)]
    assert len({item.id for item in found}) == 2


def test_a_unit_with_and_without_a_price_is_told_once() -> None:
    agreed = rates(rate("2", ends_on="2026-08-10"))
    late = LateRows(rows=usage_rows(used("5", "2026-08-05", source=NEW), used("3", "2026-08-20", source=NEW)))
    lines = with_period(invoice_lines(), RATES.of([]))
    [found] = usage_after_window(late, agreed, priced(late.rows, agreed), lines, scope("2026-09"))
    assert figures([found]) == [("A1", 8, 0, 1000, 0)]


def test_currencies_are_not_added_up() -> None:
    """The rate is in dollars from 11 August: 5 at 2.00 EUR, then 3 at 1.00 USD."""
    usage = usage_rows(used("5", "2026-08-05", source=NEW), used("3", "2026-08-20", source=NEW))

    def in_dollars(price: str, *lines: Row) -> Discrepancy:
        agreed = rates(rate("2", ends_on="2026-08-10"), rate(price, starts_on="2026-08-11", currency="USD"))
        late = LateRows(rows=usage, known_sources=frozenset([NEW]))
        table = with_period(invoice_lines(*lines), RATES.of([]))
        [found] = usage_after_window(late, agreed, priced(usage, agreed), table, scope("2026-09"))
        return found

    found = in_dollars("1")
    assert (found.expected_quantity, found.expected_minor, found.difference_minor, found.currency) == (
        8,
        None,
        None,
        "",
    )
    assert [part.partition(",")[0] for part in found.message.split("; ")] == ["used 5 = 10.00 EUR", "used 3 = 3.00 USD"]
    assert (found.severity, found.fingerprint != in_dollars("1.10").fingerprint) == ("high", True)
    of_dollars = in_dollars("1", billed("5", "10.00", **AUGUST))
    assert (figures([of_dollars]), of_dollars.currency) == ([("A1", 3, 0, 300, 0)], "USD")


def test_what_was_billed_in_another_currency_is_not_settled() -> None:
    [found] = told([used("5", "2026-08-05", source=OLD)], [billed("5", "10.00", currency="USD", **AUGUST)], known=[OLD])
    assert (found.expected_quantity, found.invoiced_quantity, found.difference_minor) == (5, 5, None)


def test_what_an_earlier_run_told_is_not_told_again_until_it_changes() -> None:
    """The file grows by the month: in its other months."""
    usage = [used("5", "2026-08-05", sku="C3", source=OLD), used("5", "2026-08-05", source=OLD)]
    before = {item.fingerprint for item in told(usage, known=[OLD])}
    assert told(usage, known=[OLD], told=before) == []
    more = [*usage, used("1", "2026-08-06", source=OLD)]
    assert figures(told(more, known=[OLD], told=before)) == [("A1", 6, 0, 1200, 0)]


@pytest.mark.parametrize(("lines", "expected"), [([], 1), ([billed("5", "10.00", **AUGUST)], 0)])
def test_the_first_run_tells_what_was_not_billed_before_its_window(lines: list[Row], expected: int) -> None:
    """No run has matched August, so nothing says that it was settled but its lines."""
    usage = [used("5", "2026-08-05", source=NEW), used("5", "2026-09-05", source=NEW)]
    assert len(told([], lines, before=usage, all_new=True)) == expected
    assert told([], lines, before=usage) == []


def test_usage_before_the_first_period_has_its_money_and_is_billed_by_nobody_here() -> None:
    usage = [used("5", "2026-08-05", source=NEW), used("5", "2026-09-05", source=NEW)]
    [found] = told([], [billed("2", "4.00", **AUGUST)], before=usage, all_new=True, first_period="2026-09")
    assert found.message == "used 5 = 10.00 EUR, before 2026-09, the first period"
    assert figures([found]) == [("A1", 5, None, 1000, None)]
    assert (found.period, found.severity, found.difference_minor) == ("2026-08", "low", None)
    assert told(usage, first_period="2026-09") == [found]
    assert told(usage, first_period="2026-08")[0].severity == "high"


@pytest.mark.parametrize(("lines", "expected"), [([], 1), ([billed("5", "10.00", **AUGUST)], 0)])
def test_usage_before_the_first_period_is_told_unless_a_line_bills_it(lines: list[Row], expected: int) -> None:
    """What costs nothing is told as well: every row that was read is in some place."""
    usage = [used("5", "2026-08-05", source=NEW)]
    assert len(told([], lines, before=usage, all_new=True, first_period="2026-09")) == expected
    free = priced(usage_rows(*usage), rates(rate("0")))
    late = LateRows(all_new=True, first_period="2026-09")
    table = with_period(invoice_lines(), RATES.of([]))
    assert len(usage_after_window(late, rates(rate("0")), free, table, scope("2026-09"))) == 1


def named(lines: Iterable[Row], *usage: Row, **fields: Any) -> list[Discrepancy]:
    """What a run of October tells of files that were named for it."""
    return told([], lines, before=usage, all_new=True, named_sources={NEW}, **fields)


def test_a_named_file_tells_of_earlier_months_and_claims_nothing() -> None:
    """5 of perhaps more: the rest of August may be in files that were not named."""
    usage = [used("5", "2026-08-05", source=NEW), used("7", "2026-08-05", sku="B2", source="usage/2026-08/a.yaml")]
    [found] = named([billed("9", "18.00", **AUGUST)], *usage)
    assert found.message == (
        "used 5 = 10.00 EUR, in a file that was named, which need not hold all of 2026-08: compared with nothing"
    )
    assert figures([found]) == [("A1", 5, None, 1000, None)]
    assert (found.severity, found.source) == ("low", NEW)
    assert named([billed("9", "18.00", currency="USD", **AUGUST)], *usage) == [found]


@pytest.mark.parametrize(
    ("lines", "fields"),
    [([billed("5", "10.00", **AUGUST)], {}), ([], {"totals": (Decimal(5), 1000)})],
    ids=["billed as it was used", "published with its month"],
)
def test_a_named_file_that_repeats_an_earlier_month_tells_nothing(lines: list[Row], fields: dict[str, Any]) -> None:
    usage = used("5", "2026-08-05", source=NEW)
    assert named(lines, usage, **fields) == []
    assert named(lines, usage, used("1", "2026-08-06", source=NEW), **fields) != []
