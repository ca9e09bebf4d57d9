"""Charges without usage: subscribed quantities by date, a row a billing period or part of it."""

from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from prisma_batch.rating.billing_periods import calendar_of, covered_periods, days_of
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY

_PERIOD = ["rate", "period_first"]


def subscription_rows(rates: Rates, first_day: Any, last_day: Any) -> DataFrame:
    """Return what subscriptions charge in the billing periods that touch the days from first to last.

    Prorated, each quantity is a row of its own days. Else a billing period is one row, in full: of its highest
    quantity, or of its last one where the terms say so.
    """
    rows = _pieces(rates, first_day, last_day)
    rule = [rates.terms[position] for position in rates.subscriptions["terms"]]
    prorated = np.array([terms.prorate != "none" for terms in rule], dtype=bool)[rows["rate"]]
    takes_last = np.array([terms.aggregate == "last" for terms in rule], dtype=bool)[rows["rate"]]
    whole = rows[~prorated]
    whole = whole.assign(rank=np.where(takes_last[~prorated], 0, _heights(whole)))
    whole = whole.sort_values([*_PERIOD, "rank", "service_from"], ignore_index=True)
    spans = whole.groupby(_PERIOD)[["service_from", "service_to"]]
    first, last = spans.transform("min")["service_from"], spans.transform("max")["service_to"]
    whole = whole.assign(service_from=first, service_to=last)
    rows = pd.concat([rows[prorated], whole.drop_duplicates(_PERIOD, keep="last")], ignore_index=True)
    rows = rows[rows["quantity_scaled"].ne(0)].sort_values(["rate", "service_from"], ignore_index=True)
    agreed = rates.subscriptions.take(rows["rate"].to_numpy()).reset_index(drop=True)
    return rows.assign(
        kind="subscription", **{column: agreed[column] for column in [*KEY, "unit", "source", "pointer"]}
    )


def _pieces(rates: Rates, first_day: Any, last_day: Any) -> DataFrame:
    """Return each subscribed quantity in each billing period that it touches, on the days on which it counts."""
    subscribed = rates.subscribed
    calendar = calendar_of(rates.subscriptions.take(subscribed["rate"].to_numpy()), rates.terms)
    starts, ends = days_of(subscribed["starts_on"]), days_of(subscribed["ends_on"])
    periods = covered_periods(calendar, np.maximum(starts, first_day), np.minimum(ends, last_day))
    position = periods["position"].to_numpy()
    counted = subscribed.take(position).reset_index(drop=True)
    return periods.assign(
        service_from=np.maximum(days_of(periods["period_first"]), starts[position]),
        service_to=np.minimum(days_of(periods["period_last"]), ends[position]),
        **{column: counted[column] for column in ("rate", "quantity_scaled", "quantity_scale")},
    )


def _heights(rows: DataFrame) -> "pd.Series[int]":
    """Rank quantities of different scales."""
    finest = rows["quantity_scale"].max() if len(rows) else 0
    exact = rows["quantity_scaled"].astype(object) * 10 ** (finest - rows["quantity_scale"]).astype(object)
    return exact.rank(method="dense").astype("int64")
