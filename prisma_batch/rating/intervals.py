"""Usage under the rate in force: one row per account, program, SKU, unit and billing interval that one rate covers."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.findings import pointer
from prisma_batch.rating.billing_periods import ONE_DAY, Days, calendar_of, days_of
from prisma_batch.rating.keys import key_codes
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, summed

_FIRSTS = {"key_row": "first", "source": "first", "row": "first"}


def usage_under_rates(totals: DataFrame, rates: Rates) -> DataFrame:
    """Put totals under the rate in force (position -1 if none) and aggregate them per billing interval.

    The interval is the billing period, or the part of it that one rate covers where the rate changes inside.

    Args:
        totals: USAGE_TOTALS, any order.
        rates: at most one per account, program, SKU and day.
    Returns:
        KEY, unit, quantity, source and pointer, ``rate`` as position in ``rates.table``, service and period dates;
        sorted by key, period, service dates and unit.
    Raises:
        AmountOverflow: a total leaves int64.
        InvariantBroken: rates overlap.
    """
    codes, rate_codes = key_codes(totals, rates.table)
    position = _rate_in_force(totals, codes, rates.table, rate_codes)
    unit = _units(totals, position, rates.table)
    placed = totals.assign(unit=unit, rate=position, key_row=range(len(totals)), **_intervals(totals, position, rates))
    by = DataFrame({"key": codes, **{column: placed[column] for column in ("service_from", "day_to", "unit", "rate")}})
    placed["interval"] = by.groupby(list(by.columns), sort=True).ngroup()
    intervals = _aggregated(placed, rates)
    first = placed.iloc[intervals["key_row"].to_numpy()].reset_index(drop=True)
    columns = [*KEY, "unit", "rate", "service_from", "day_to", "period_first", "period_last"]
    measured = intervals[["quantity_scaled", "quantity_scale", "source", "row"]]
    result = pd.concat([first[columns].rename(columns={"day_to": "service_to"}), measured], axis=1)
    return result.assign(pointer=_pointers(result)).drop(columns="row")


def _rate_in_force(totals: DataFrame, codes: Any, rates: DataFrame, rate_codes: Any) -> NDArray[np.int64]:
    """Return the position of the rate of each total's last day and, where the usage names a unit, of its unit."""
    starts, ends = days_of(rates["starts_on"]), days_of(rates["ends_on"])
    order = np.lexsort([starts, rate_codes])
    followed = (rate_codes[order][1:] == rate_codes[order][:-1]) & (starts[order][1:] <= ends[order][:-1])
    if followed.any():
        raise InvariantBroken("rates of an account, program and SKU are not unique on each day")
    if not len(rates):
        return np.full(len(totals), -1)
    day = days_of(totals["service_to"])
    before = np.searchsorted(_sortable(rate_codes, starts)[order], _sortable(codes, day), side="right") - 1
    position: NDArray[np.int64] = order[np.maximum(before, 0)]
    in_force = (before >= 0) & (rate_codes[position] == codes) & (day <= ends[position])
    of_rate = rates["unit"].take(position).reset_index(drop=True)
    in_force &= (totals["unit"].eq("") | totals["unit"].reset_index(drop=True).eq(of_rate)).to_numpy()
    return np.where(in_force, position, -1)


def _sortable(codes: Any, days: Days) -> Any:
    # 22 bits hold every day up to the year 9999.
    return (codes << 22) + days.astype("int64") + 719_163


def _units(totals: DataFrame, position: NDArray[np.int64], rates: DataFrame) -> "Series[Any]":
    unit, unnamed = totals["unit"].reset_index(drop=True), totals["unit"].eq("").to_numpy() & (position >= 0)
    if unnamed.any():
        unit[unnamed] = rates["unit"].take(position[unnamed]).to_numpy()
    return unit.set_axis(totals.index)


def _intervals(totals: DataFrame, position: NDArray[np.int64], rates: Rates) -> dict[str, Any]:
    """Return first and last day of each row's billing period, and of the part of it that its rate covers."""
    day = days_of(totals["service_to"])
    first, last = _months(day)
    since, until, rated = first.copy(), last.copy(), np.flatnonzero(position >= 0)
    table = rates.table.take(position[rated])
    calendar = calendar_of(table, rates.terms)
    first[rated], last[rated] = calendar.period(calendar.numbers(day[rated]))
    since[rated] = np.maximum(first[rated], days_of(table["starts_on"]))
    until[rated] = np.minimum(last[rated], days_of(table["ends_on"]))
    return {"service_from": since, "day_to": until, "period_first": first, "period_last": last}


def _months(days: Days) -> tuple[Days, Days]:
    month: Any = days.astype("datetime64[M]")
    return month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - ONE_DAY


def _aggregated(placed: DataFrame, rates: Rates) -> DataFrame:
    """Add up each interval, or take its highest or last daily total where the terms say so."""
    rule_of_terms = np.array([terms.aggregate for terms in rates.terms], dtype=object)
    rule = np.full(len(placed), "sum", dtype=object)
    rated = placed["rate"].to_numpy() >= 0
    rule[rated] = rule_of_terms[rates.table["terms"].to_numpy()[placed["rate"].to_numpy()[rated]]]
    parts = [_summed_once(placed[rule == "sum"])]
    parts += [_peaks(placed[rule == peak], peak) for peak in ("max", "last") if (rule == peak).any()]
    return pd.concat(parts).sort_values("interval", ignore_index=True) if len(parts) > 1 else parts[0]


def _summed_once(placed: DataFrame) -> DataFrame:
    if placed["interval"].is_unique:
        return placed.sort_values("interval", ignore_index=True)
    return summed(placed, ["interval"], _FIRSTS)


def _peaks(placed: DataFrame, rule: str) -> DataFrame:
    daily = summed(placed, ["interval", "service_to"], _FIRSTS)
    scale = daily["quantity_scale"]
    order = ["interval", "service_to"]
    if rule == "max":
        finest = daily.groupby("interval")["quantity_scale"].transform("max")
        daily = daily.assign(height=daily["quantity_scaled"].astype(object) * 10 ** (finest - scale).astype(object))
        order = ["interval", "height"]
    return daily.sort_values(order, kind="stable").drop_duplicates("interval", keep="last")


def _pointers(rows: DataFrame) -> "Series[Any]":
    # A YAML report is pointed at by line index, a table by its row.
    is_record = rows["source"].str.endswith(".yaml")
    return rows["row"].astype(str).where(~is_record, pointer("lines", "") + rows["row"].astype(str))
