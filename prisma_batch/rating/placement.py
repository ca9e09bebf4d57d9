"""In which month an invoice line is matched: that of its last day, or of its first where its rate bills in advance."""

from typing import Any

import numpy as np
from pandas import Categorical, DataFrame, Series

from prisma_batch.rating.billing_periods import distinct_dates
from prisma_batch.rating.totals import KEY
from prisma_batch.records.coded import of_codes


def with_period(lines: DataFrame, advance: DataFrame) -> DataFrame:
    """Return INVOICE_LINES with the ``period`` in which each is matched, once and whole.

    Args:
        lines: INVOICE_LINES.
        advance: RATES that bill in advance; a line is placed by its first day where one is in force on it.
    """
    days = lines["service_to"]
    if not advance.empty:
        days = days.where(~_in_advance(lines, advance), lines["service_from"])
    return lines.assign(period=month_names(days))


def _in_advance(lines: DataFrame, advance: DataFrame) -> "Series[bool]":
    begins = Series(False, index=lines.index)
    first_days = lines[["service_account", "program", "sku", "service_from"]].assign(row=lines.index)
    first_days = first_days.rename(columns={"service_account": "account"})
    pairs = first_days.merge(advance[[*KEY, "starts_on", "ends_on"]], on=KEY, how="inner", validate="many_to_many")
    in_force = (pairs["starts_on"] <= pairs["service_from"]) & ~(pairs["ends_on"] < pairs["service_from"])
    begins[pairs.loc[in_force, "row"].unique()] = True
    return begins


def month_names(days: "Series[Any]") -> Categorical:
    """Return the month of each day as ``YYYY-MM``; few months, many rows: each is written once."""
    codes, distinct = distinct_dates(days.to_numpy())
    months, places = np.unique(distinct.astype("datetime64[M]"), return_inverse=True)
    return of_codes(places.take(codes), np.datetime_as_string(months).tolist())
