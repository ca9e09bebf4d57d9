"""Billing periods of days: months, quarters or years that begin on an anchor day, and the share of one that is charged.

Dates are numpy ``datetime64[D]`` arrays; both days of an interval are included.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from prisma_batch.rating.terms import Terms

Days = NDArray[np.datetime64]
Counts = NDArray[np.int64]
ONE_DAY = np.timedelta64(1, "D")
NO_END = np.datetime64("9999-12-31")


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """The billing periods of some rates: their length and anchor day, numbered from that in which counting starts.

    An anchor day beyond the end of a month is its last day.
    """

    counted_from: Days
    months: Counts
    anchor_day: Counts

    def take(self, rows: Any) -> "Calendar":
        """Return the calendars of other rows, by position."""
        return Calendar(
            counted_from=self.counted_from[rows], months=self.months[rows], anchor_day=self.anchor_day[rows]
        )

    def numbers(self, days: Days) -> Counts:
        """Number the billing period that each day lies in."""
        origin = _anchored_month(self.counted_from, self.anchor_day)
        return (_anchored_month(days, self.anchor_day) - origin) // self.months

    def period(self, numbers: Counts) -> tuple[Days, Days]:
        """Return first and last day of numbered periods."""
        first = _anchored_month(self.counted_from, self.anchor_day) + numbers * self.months
        return _anchor(first, self.anchor_day), _anchor(first + self.months, self.anchor_day) - ONE_DAY


def calendar_of(table: DataFrame, terms: tuple[Terms, ...]) -> Calendar:
    """Return the calendar of each row of RATES."""
    by_terms = np.array([(item.months, item.anchor_day) for item in terms], dtype="int64")[table["terms"].to_numpy()]
    return Calendar(counted_from=days_of(table["counted_from"]), months=by_terms[:, 0], anchor_day=by_terms[:, 1])


def covered_periods(calendar: Calendar, first: Days, last: Days) -> DataFrame:
    """Return every billing period that touches the days of each row: ``position`` of the row, and the period's days."""
    begin = calendar.numbers(first)
    counts = np.where(first <= last, calendar.numbers(last) - begin + 1, 0)
    position = np.repeat(np.arange(len(first)), counts)
    nth = np.arange(len(position)) - np.repeat(np.cumsum(counts) - counts, counts)
    period_first, period_last = calendar.take(position).period(begin[position] + nth)
    return DataFrame({"position": position, "period_first": period_first, "period_last": period_last})


def charged_days(prorate: str, first: Days, last: Days) -> Counts:
    """Return how many days an interval counts: its calendar days (``actual``), or months of 30 days (``thirty_360``).

    The days of two parts add up to those of the whole: with 30 days a month, the 31st counts nothing, and the last
    of February up to the 30th.
    """
    if prorate == "actual":
        return (last - first).astype(np.int64) + 1
    return _days_of_30(last) - _days_of_30(first - ONE_DAY)


def days_of(column: "Series[Any]", otherwise: np.datetime64 = NO_END) -> Days:
    """Return a column of dates as days, ``otherwise`` where there is none."""
    codes, dates = distinct_dates(column.to_numpy())
    days: Days = dates.astype("datetime64[D]")
    return np.where(np.isnat(days), otherwise, days).take(codes)


def distinct_dates(dates: Days) -> tuple[NDArray[np.integer], Days]:
    """Return the number of each date, and the dates, sorted: few dates stand in many rows, often just one."""
    numbers = dates.view(np.int64)
    if len(numbers) and numbers.min() == numbers.max():
        return np.zeros(len(numbers), dtype=np.int8), dates[:1]
    codes, distinct = pd.factorize(numbers, sort=True)
    return codes, distinct.view(dates.dtype)


def _days_of_30(days: Days) -> Counts:
    months = days.astype("datetime64[M]")
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    is_last = (days + ONE_DAY).astype("datetime64[M]") > months
    counted: Counts = months.astype(np.int64) * 30 + np.where(is_last, 30, np.minimum(day, 30))
    return counted


def _anchored_month(days: Days, anchor_day: Counts) -> Counts:
    """Number the month whose anchor day is the last one up to each day."""
    month: Counts = days.astype("datetime64[M]").astype(np.int64)
    return month - (days < _anchor(month, anchor_day))


def _anchor(month: Counts, anchor_day: Counts) -> Days:
    first = month.astype("datetime64[M]").astype("datetime64[D]")
    length: Any = (month + 1).astype("datetime64[M]").astype("datetime64[D]") - first
    anchor: Days = first + (np.minimum(anchor_day, length.astype(np.int64)) - 1).astype("timedelta64[D]")
    return anchor
