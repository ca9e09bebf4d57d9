"""Which keys are totalled by day: those whose price depends on the days inside a month."""

import numpy as np
from pandas import Series, Timedelta

from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, Key


def daily_keys(rates: Rates) -> frozenset[Key]:
    """Return account, program and SKU of the rates for which days matter; the rest is totalled by month.

    Days matter where a rate or a billing period begins or ends inside a month, and for the highest or last daily total.
    """
    table = rates.table
    begins_inside = table["starts_on"].dt.day.ne(1)
    ends_inside = table["ends_on"].notna() & (table["ends_on"] + Timedelta(days=1)).dt.day.ne(1)
    by_day = np.array([terms.anchor_day != 1 or terms.aggregate != "sum" for terms in rates.terms])
    return _keys(rates, begins_inside | ends_inside | by_day[table["terms"].to_numpy()])


def peak_keys(rates: Rates) -> frozenset[Key]:
    """Return account, program and SKU of the rates that charge one daily total, not the sum of all."""
    peaks = np.array([terms.aggregate != "sum" for terms in rates.terms])
    return _keys(rates, Series(peaks[rates.table["terms"].to_numpy()], index=rates.table.index))


def _keys(rates: Rates, chosen: "Series[bool]") -> frozenset[Key]:
    return frozenset(zip(*(rates.table.loc[chosen, column] for column in KEY), strict=True))
