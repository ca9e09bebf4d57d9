"""Usage under the rate in force: one row per account, program, SKU, unit and billing interval that one rate covers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.findings import pointer
from prisma_batch.rating.billing_periods import ONE_DAY, Days, calendar_of, days_of, distinct_dates
from prisma_batch.rating.keys import key_codes
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, summed
from prisma_batch.records.coded import codes_of, of_codes, shared_codes, where_text
from prisma_batch.records.table import with_columns

Positions = NDArray[np.int64]
_DAYS = ["service_from", "service_to", "period_first", "period_last"]
_FIRSTS = {"total": "first", "source": "first", "row": "first"}


def usage_under_rates(totals: DataFrame, rates: Rates) -> DataFrame:
    """Put totals under the rate in force (position -1 if none) and aggregate them per billing interval.

    The interval is the billing period, or the part of it that one rate covers where the rate changes inside.

    Args:
        totals: USAGE_TOTALS, any order.
        rates: at most one per account, program, SKU and day.
    Returns:
        KEY, unit, quantity, source and pointer, ``rate`` as position in ``rates.table``, service and period dates;
        sorted by key, service dates and unit.
    Raises:
        AmountOverflow: a total leaves int64.
        InvariantBroken: rates overlap.
    """
    totals = totals.reset_index(drop=True)
    codes, rate_codes = key_codes(totals, rates.table)
    day = days_of(totals["service_to"])
    agreed_days = days_of(rates.table["starts_on"]), days_of(rates.table["ends_on"])
    position = _rate_in_force((codes, day), (rate_codes, *agreed_days))
    position = np.where(_has_unit(totals["unit"], position, rates.table), position, -1)
    days = _intervals(day, position, agreed_days, rates)
    unit = _units(totals["unit"], position, rates.table)
    interval, order = _numbered([codes, days[0], days[1], codes_of(unit)[0], position])
    measures = totals[["service_to", "quantity_scaled", "quantity_scale", "source", "row"]]
    placed = with_columns(measures, interval=interval, total=np.arange(len(totals)))
    intervals = _aggregated(placed, order, position, rates)
    # Where each total is an interval of its own, nothing is copied.
    first: Any = slice(None) if intervals is placed else intervals["total"].to_numpy()
    return DataFrame(
        {
            **{column: totals[column].array[first] for column in KEY},
            "unit": unit.array[first],
            "rate": position[first],
            **{column: values[first] for column, values in zip(_DAYS, days, strict=True)},
            **{column: intervals[column].array for column in ("quantity_scaled", "quantity_scale", "source")},
            "pointer": _pointers(intervals["source"], intervals["row"]).array,
        },
        copy=False,
    )


def _rate_in_force(used: tuple[Any, Days], agreed: tuple[Any, Days, Days]) -> Positions:
    """Return the position of the rate that is in force on each day, or -1.

    Args:
        used: keys and days.
        agreed: keys, first and last days of the rates.
    """
    codes, day = used
    rate_codes, starts, ends = agreed
    begins = _sortable(rate_codes, starts)
    order = np.argsort(begins)
    begins, ordered_codes = begins.take(order), rate_codes.take(order)
    follows = np.flatnonzero(ordered_codes[1:] == ordered_codes[:-1])
    if (starts[order[follows + 1]] <= ends[order[follows]]).any():
        raise InvariantBroken("rates of an account, program and SKU are not unique on each day")
    if not len(order):
        return np.full(len(codes), -1)
    before = np.searchsorted(begins, _sortable(codes, day), side="right") - 1
    position: Positions = order.take(before, mode="clip")  # -1 is before the first
    in_force = (before >= 0) & (rate_codes.take(position) == codes) & (day <= ends.take(position))
    return np.where(in_force, position, -1)


def _sortable(codes: Any, days: Days) -> Any:
    # 22 bits hold every day up to the year 9999.
    return (codes << 22) + days.astype("int64") + 719_163


def _has_unit(unit: "Series[Any]", position: Positions, rates: DataFrame) -> NDArray[np.bool_]:
    """Say where usage names the unit of its rate, or none."""
    [own, agreed], texts = shared_codes(unit, rates["unit"])
    if len(texts) == 1:
        return np.ones(len(own), dtype=np.bool_)
    has_unit: NDArray[np.bool_] = unit.eq("").to_numpy() | (own == np.append(agreed, -1)[position])
    return has_unit


def _units(unit: "Series[Any]", position: Positions, rates: DataFrame) -> "Series[Any]":
    unnamed = unit.eq("").to_numpy() & (position >= 0)
    if not unnamed.any():
        return unit
    [own, agreed], texts = shared_codes(unit, rates["unit"])
    return Series(of_codes(np.where(unnamed, agreed.take(position, mode="clip"), own), texts))


def _intervals(
    day: Days, position: Positions, agreed_days: tuple[Days, Days], rates: Rates
) -> tuple[Days, Days, Days, Days]:
    """Return first and last day of what one rate covers of each day's billing period, then those of the period."""
    codes, distinct = distinct_dates(day)
    month: Any = distinct.astype("datetime64[M]")
    first, last = month.astype(day.dtype).take(codes), ((month + 1).astype(day.dtype) - ONE_DAY).take(codes)
    is_month = np.array([(terms.months, terms.anchor_day) == (1, 1) for terms in rates.terms], dtype=bool)
    rated = position >= 0
    if not rated.any():
        return first, last, first, last
    other = np.flatnonzero(rated & ~is_month.take(rates.table["terms"].to_numpy().take(position)))
    if len(other):
        calendar = calendar_of(rates.table[["counted_from", "terms"]].take(position[other]), rates.terms)
        first[other], last[other] = calendar.period(calendar.numbers(day[other]))
    starts, ends = (days.take(position) for days in agreed_days)
    since = np.where(rated & (starts > first), starts, first)
    return since, np.where(rated & (ends < last), ends, last), first, last


def _numbered(columns: list[Any]) -> tuple[Positions, Positions]:
    """Number the different rows of columns in their order; return each row's number, and the order of the rows."""
    if (columns[0][1:] > columns[0][:-1]).all():  # totals are sorted, and most keys have one
        order = np.arange(len(columns[0]))
        return order, order
    order = np.lexsort(columns[::-1])
    differs = np.zeros(len(order), dtype="int64")
    for column in columns:
        differs[1:] |= column[order][1:] != column[order][:-1]
    numbers = np.empty(len(order), dtype="int64")
    numbers[order] = np.cumsum(differs)
    return numbers, order


def _aggregated(placed: DataFrame, order: Positions, position: Positions, rates: Rates) -> DataFrame:
    """Add up each interval, or take its highest or last daily total where the terms say so."""
    rules = np.array([terms.aggregate for terms in rates.terms], dtype=object)
    interval = placed["interval"].to_numpy()
    if len(placed) == interval.max(initial=-1) + 1 and (rules == "sum").all():
        return placed if (order[1:] > order[:-1]).all() else placed.take(order)
    rule = np.full(len(placed), "sum", dtype=object)
    rated = position >= 0
    rule[rated] = rules[rates.table["terms"].to_numpy()[position[rated]]]
    parts = [summed(placed[rule == "sum"], ["interval"], _FIRSTS)]
    parts += [_peaks(placed[rule == peak], peak) for peak in ("max", "last") if (rule == peak).any()]
    return pd.concat(parts).sort_values("interval", ignore_index=True)


def _peaks(placed: DataFrame, rule: str) -> DataFrame:
    daily = summed(placed, ["interval", "service_to"], _FIRSTS)
    order = ["interval", "service_to"]
    if rule == "max":
        finest = daily.groupby("interval")["quantity_scale"].transform("max")
        factor = 10 ** (finest - daily["quantity_scale"]).astype(object)
        daily, order = daily.assign(height=daily["quantity_scaled"].astype(object) * factor), ["interval", "height"]
    return daily.sort_values(order, kind="stable").drop_duplicates("interval", keep="last")


def _pointers(source: "Series[Any]", row: "Series[Any]") -> "Series[Any]":
    # A YAML report is pointed at by line index, a table by its row.
    is_record = where_text(source, lambda name: name.endswith(".yaml"))
    pointers = row.astype("int64[pyarrow]").astype("str")
    if is_record.any():
        pointers[is_record] = pointer("lines", "") + pointers[is_record]
    return pointers
