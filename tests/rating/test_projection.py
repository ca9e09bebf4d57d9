"""Usage so far, carried to the end of the month: a straight line that adds up, by days; nothing is lost."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas import DataFrame

from prisma_batch.base.money import to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.rating.projection import MonthSoFar, Projection, projected_usage
from prisma_batch.rating.rates import Rates, agreed_rates
from prisma_batch.rating.totals import Key
from prisma_batch.records.table import rows_of
from tests.rating.agreed import agreement, rate
from tests.rating.tables import Row, usage_rows, used

OCTOBER = Period(2026, 10)
A1: Key = ("ACME-001", "cloud", "A1")
PLAIN = agreed_rates([agreement(rate("2"))])


def so_far(until: str | None = "2026-10-10", **fields: object) -> MonthSoFar:
    covered = {"cloud": date.fromisoformat(until)} if until else {}
    known: dict[str, object] = {"reported_programs": frozenset(), "reported": frozenset(), "ends": {}}
    return MonthSoFar(period=OCTOBER, covered_until=covered, **{**known, **fields})  # type: ignore[arg-type]


def projected(
    *rows: Row, month: MonthSoFar | None = None, rates: Rates = PLAIN, wanted: Mapping[Key, Decimal] | None = None
) -> tuple[DataFrame, dict[Key, Projection]]:
    return projected_usage(usage_rows(*rows), month or so_far(), rates, wanted or {})


def total(usage: DataFrame, month: str = "2026-10") -> Fraction:
    in_month = usage[usage["usage_date"].dt.strftime("%Y-%m").eq(month)]
    return sum((Fraction(int(r.quantity_scaled), 10 ** int(r.quantity_scale)) for r in rows_of(in_month)), Fraction(0))


def test_straight_line() -> None:
    usage, found = projected(used("4", "2026-10-02"), used("6", "2026-10-09"))
    assert total(usage) == 31
    assert found == {A1: Projection(basis="projected", used=Decimal(10), days_covered=10, days=31)}
    added = usage[usage["source"].eq("")]
    assert added["usage_date"].min().date() == date(2026, 10, 11)
    assert added["usage_date"].max().date() == date(2026, 10, 31)


@settings(deadline=None, max_examples=60)
@given(quantity=st.integers(0, 10**9), day=st.integers(1, 31))
def test_straight_line_is_rounded_once(quantity: int, day: int) -> None:
    month = so_far(f"2026-10-{day:02d}")
    used_so_far = f"{Decimal(quantity).scaleb(-3):f}"
    whole = total(projected(used(used_so_far, "2026-10-01"), month=month)[0])
    scale = to_scaled(Decimal(used_so_far))[1]  # that of the source: a quantity is not finer than its usage
    assert abs(whole - Fraction(quantity, 1000) * 31 / day) <= Fraction(1, 2 * 10**scale)


def test_a_correction_is_not_carried_on() -> None:
    usage, found = projected(used("-5", "2026-10-01"))
    assert (total(usage), found[A1].basis) == (-5, "corrected")
    usage, found = projected(used("-5", "2026-10-01"), month=so_far("2026-10-31"))
    assert (total(usage), found[A1].basis) == (-5, "projected")  # the whole month is on record
    usage, found = projected(used("-5", "2026-09-01"), month=so_far(None))
    assert (total(usage), total(usage, "2026-09"), found) == (0, -5, {})


def test_whole_month_on_record_is_left_alone() -> None:
    usage, found = projected(used("12", "2026-10-05"), month=so_far("2026-10-31"))
    assert (total(usage), len(usage)) == (12, 1)
    assert (found[A1].days_covered, found[A1].days) == (31, 31)


@pytest.mark.parametrize(
    ("ends", "agreed", "expected"),
    [
        pytest.param({"ACME-001": date(2026, 10, 20)}, rate("2"), 20, id="the account closes"),
        pytest.param({}, rate("2", ends_on="2026-10-15"), 15, id="the rate ends"),
        pytest.param({}, rate("2", starts_on="2026-10-06"), 10 * 26 // 5, id="the rate began inside the month"),
        pytest.param({}, rate("2", starts_on="2026-10-11"), 31, id="the rate begins later"),
    ],
)
def test_only_days_that_can_be_billed(ends: dict[str, date], agreed: dict[str, object], expected: int) -> None:
    usage, _ = projected(used("10", "2026-10-08"), month=so_far(ends=ends), rates=agreed_rates([agreement(agreed)]))
    assert total(usage) == expected


def test_usage_goes_on_at_the_rate_that_follows() -> None:
    followed = agreement(rate("2", ends_on="2026-10-15"), rate("3", starts_on="2026-10-16"))
    assert total(projected(used("10", "2026-10-08"), rates=agreed_rates([followed]))[0]) == 31


@pytest.mark.parametrize(("aggregate", "peak"), [("max", 7), ("last", 3)])
def test_daily_totals_keep_the_last_day(aggregate: str, peak: int) -> None:
    rates = agreed_rates([agreement(rate("2", aggregate=aggregate))])
    usage, _ = projected(used("7", "2026-10-02"), used("1", "2026-10-09"), used("2", "2026-10-09"), rates=rates)
    daily = usage.groupby("usage_date")["quantity_scaled"].sum()
    assert daily.max() == 7
    assert daily[daily.index >= "2026-10-11"].tolist() == [3] * 21
    assert {"max": daily.max(), "last": daily.iloc[-1]}[aggregate] == peak


def test_months_without_usage_are_taken_to_be_as_the_last_one() -> None:
    rows = [used("8", "2026-08-05"), used("9", "2026-09-05")]
    usage, found = projected(*rows, month=so_far(None))
    assert (total(usage), total(usage, "2026-09")) == (9, 9)
    assert found[A1] == Projection(basis="carried", used=Decimal(9), carried_from=Period(2026, 9))
    # Others have usage of the program in the month: this account has used nothing.
    usage, found = projected(*rows, month=so_far())
    assert (total(usage), found) == (0, {})


def test_reports_hold_for_the_whole_month() -> None:
    reported = so_far(None, reported_programs=frozenset(["cloud"]), reported=frozenset([("ACME-001", "cloud")]))
    usage, found = projected(used("12", "2026-10-31"), month=reported)
    assert (total(usage), found[A1].basis) == (12, "reported")
    usage, found = projected(used("9", "2026-09-30"), month=reported)
    assert (total(usage), found) == (0, {}), "a report of nothing is a report"
    missing = so_far(None, reported_programs=frozenset(["cloud"]))
    usage, found = projected(used("9", "2026-09-30"), month=missing)
    assert (total(usage), found[A1].basis) == (9, "carried")
    assert usage["usage_date"].max().date() == date(2026, 10, 31)
    assert len(usage) == 2


def test_quantities_that_are_asked_for_replace_those_on_record() -> None:
    rows = [used("10", "2026-10-02"), used("5", "2026-09-02"), used("3", "2026-10-02", sku="B2")]
    usage, found = projected(*rows, wanted={A1: Decimal("62.5")}, month=so_far("2026-10-31"))
    assert total(usage[usage["sku"].eq("A1")]) == Fraction("62.5")
    assert total(usage[usage["sku"].eq("B2")]) == 3
    assert total(usage, "2026-09") == 5
    assert found[A1] == Projection(basis="set", used=Decimal("62.5"))
    assert total(projected(*rows, wanted={A1: Decimal(0)})[0]) == total(projected(rows[2])[0])


def test_nothing_is_nothing() -> None:
    assert projected()[1] == {}
    usage, _ = projected(wanted={A1: Decimal(31)})
    assert total(usage) == 31
