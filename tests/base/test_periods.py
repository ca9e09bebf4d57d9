"""Periods: months as values."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.base.periods import Period, days_after, periods_between

PERIODS = st.builds(Period, st.integers(1000, 3000), st.integers(1, 12))


@pytest.mark.parametrize("text", ["2026-01", "2026-12", "0001-06", "9999-12"])
def test_parse_and_print(text: str) -> None:
    assert str(Period.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026-1", "26-01", "0000-01", " 2026-01", "2026-01\n", "2026-01-01", "2026-0१", ""]
)
def test_parse_refuses(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM"):
        Period.parse(text)


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", date(2026, 12, 1), date(2026, 12, 31)),
    ],
)
def test_first_and_last_day(period: str, first: date, last: date) -> None:
    parsed = Period.parse(period)
    assert (parsed.first_day, parsed.last_day) == (first, last)
    assert Period.of(first) == Period.of(last) == parsed


@pytest.mark.parametrize(
    ("months", "period"),
    [(0, "2026-11"), (1, "2026-12"), (2, "2027-01"), (-11, "2025-12"), (-10, "2026-01"), (14, "2028-01")],
)
def test_plus(months: int, period: str) -> None:
    assert str(Period(2026, 11).plus(months)) == period


@settings(max_examples=100, deadline=None, derandomize=True)
@given(PERIODS, st.integers(-500, 500))
def test_plus_returns_and_keeps_order(period: Period, months: int) -> None:
    moved = period.plus(months)
    assert moved.plus(-months) == period
    assert (moved > period) == (months > 0)
    assert 1 <= moved.month <= 12


@pytest.mark.parametrize(
    ("period", "number", "day"),
    [("2026-02", 28, 28), ("2026-02", 31, 28), ("2024-02", 30, 29), ("2026-11", 15, 15), ("2026-11", 31, 30)],
)
def test_day_of_a_shorter_month_is_its_last(period: str, number: int, day: int) -> None:
    assert Period.parse(period).day(number).day == day


def test_periods_between_includes_both_ends() -> None:
    found = periods_between(Period(2026, 11), Period(2027, 2))
    assert [str(period) for period in found] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert list(periods_between(Period(2026, 11), Period(2026, 11))) == [Period(2026, 11)]
    assert list(periods_between(Period(2026, 12), Period(2026, 11))) == []


@pytest.mark.parametrize(
    ("day", "count", "later"),
    [
        (date(2026, 10, 31), 1, date(2026, 11, 1)),
        (date(2026, 10, 31), -31, date(2026, 9, 30)),
        (date(9999, 12, 30), 1, date.max),
        (date(9999, 12, 30), 30, date.max),
        (date.max, 0, date.max),
    ],
)
def test_no_day_is_after_the_last_one(day: date, count: int, later: date) -> None:
    assert days_after(day, count) == later
