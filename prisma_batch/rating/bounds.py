"""The most and the least that a rate charges for a billing period; what is missing to the least is a line of its own.

Both are whole minor units, so that bounding the rounded amount is the same as rounding the bounded one.
"""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, cast

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.base.money import to_minor
from prisma_batch.rating.billing_periods import calendar_of, covered_periods, days_of
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.totals import KEY
from prisma_batch.records.table import safe_to_sum

_PERIOD = ["rate", "period_first"]


def capped(charges: DataFrame, terms: Sequence[Terms]) -> DataFrame:
    """Bound the charges of each rate and billing period by the rate's maximum; they are in the order of their days."""
    if all(item.maximum_amount is None for item in terms):
        return charges
    maximum = _bound(charges, terms, lambda item: item.maximum_amount)
    bounded = charges[maximum.notna() & charges["amount_minor"].notna()]
    if bounded.empty:
        return charges
    running = safe_to_sum(bounded["amount_minor"]).groupby([bounded[column] for column in _PERIOD]).cumsum()
    below = running.where(running < maximum[bounded.index], maximum[bounded.index])
    before = below.groupby([bounded[column] for column in _PERIOD]).shift(fill_value=0)
    amounts = charges["amount_minor"].copy()
    amounts[bounded.index] = below - before
    return charges.assign(amount_minor=amounts)


def minimum_rows(charges: DataFrame, table: DataFrame, rates: Rates, days: tuple[Any, Any] | None) -> DataFrame:
    """Return a row for each rate and billing period whose charges stay below the rate's minimum, with the shortfall.

    Args:
        charges: with ``rate`` as position in ``table``, amounts capped.
        days: first and last; the billing periods that touch them are due even without a charge.
    """
    if all(_least(terms) is None for terms in rates.terms):
        return DataFrame()
    least = _bound(table, rates.terms, _least)
    bounded = charges[charges["rate"].isin(np.flatnonzero(least.notna()))]
    sums = bounded.groupby([*_PERIOD, "period_last"])["amount_minor"].agg(["sum", "count", "size"]).reset_index()
    due = [] if days is None else [_due_periods(table, least, rates, days)]
    periods = pd.concat([sums, *due], ignore_index=True).drop_duplicates(_PERIOD)
    periods = periods[periods["count"].eq(periods["size"])]  # without a charge whose amount is not known
    of_rate = least.iloc[periods["rate"].to_numpy("int64")].to_numpy("int64")
    shortfall = of_rate - periods["sum"].to_numpy("int64")
    rows = periods.assign(amount_minor=shortfall)[shortfall > 0].sort_values(_PERIOD, ignore_index=True)
    agreed = table.take(rows["rate"].to_numpy()).reset_index(drop=True)
    minimum: DataFrame = rows.assign(
        kind="minimum",
        quantity_scaled=0,
        quantity_scale=0,
        service_from=np.maximum(days_of(rows["period_first"]), days_of(agreed["starts_on"])),
        service_to=np.minimum(days_of(rows["period_last"]), days_of(agreed["ends_on"])),
        **{column: agreed[column] for column in [*KEY, "unit", "source", "pointer"]},
    )
    return minimum


def _least(terms: Terms) -> Any:
    if terms.minimum_amount is None or terms.maximum_amount is None:
        return terms.minimum_amount
    return min(terms.minimum_amount, terms.maximum_amount)


def _due_periods(table: DataFrame, least: "Series[Any]", rates: Rates, days: tuple[Any, Any]) -> DataFrame:
    """Return the billing periods in which a minimum is due, on days on which both rate and account are active."""
    bounded = table[least.notna().to_numpy()]
    active = [rates.active.get(account, (date.min, date.max)) for account in bounded["account"]]
    opened, closed = (np.array([pair[side] for pair in active], dtype="datetime64[D]") for side in (0, 1))
    first = np.maximum.reduce([days_of(bounded["starts_on"]), opened, np.full(len(bounded), days[0])])
    last = np.minimum.reduce([days_of(bounded["ends_on"]), closed, np.full(len(bounded), days[1])])
    periods = covered_periods(calendar_of(bounded, rates.terms), first, last)
    rate = bounded.index.to_numpy()[periods["position"].to_numpy()]
    return periods.drop(columns="position").assign(rate=rate, sum=0, count=0, size=0)


def _bound(rows: DataFrame, terms: Sequence[Terms], bound: Callable[[Terms], Any]) -> "Series[Any]":
    """Return a bound of each row's terms in minor units, null where there is none."""
    bounds = Series(None, index=rows.index, dtype="Int64")
    bounded = [position for position, item in enumerate(terms) if bound(item) is not None]
    for common, group in rows[rows["terms"].isin(bounded)].groupby(["terms", "currency"]):
        position, currency = cast("tuple[int, str]", common)
        bounds[group.index] = to_minor(bound(terms[position]), currency)
    return bounds
