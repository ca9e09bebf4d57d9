"""Prices usage and subscriptions: exact integers, one rounding a charge."""

from typing import Any

import numpy as np
from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.rating.amounts import charge_amounts
from prisma_batch.rating.bounds import capped, minimum_rows
from prisma_batch.rating.charge_rows import charge_rows
from prisma_batch.rating.intervals import usage_under_rates
from prisma_batch.rating.keys import ordered_by
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.subscriptions import subscription_rows
from prisma_batch.rating.totals import KEY
from prisma_batch.records.coded import named, where_text
from prisma_batch.records.table import stacked, with_columns
from prisma_batch.records.tables import CHARGES

_ORDER = [*KEY, "service_from", "service_to", "unit", "kind"]


def price_usage(totals: DataFrame, rates: Rates, months: tuple[Period, Period] | None = None) -> DataFrame:
    """Price usage: one charge per account, program, SKU, unit and billing interval that a rate covers.

    Given the first and the last of some months, charges without usage that are matched in those are there too:
    subscriptions, and what is missing to the minimum of a rate, a row of its own.

    Args:
        totals: USAGE_TOTALS, any order, by day for the ``daily_keys``; quantities may be negative for corrections.
        rates: at most one per account, program, SKU and day.
    Returns:
        CHARGES sorted by key, amounts rounded once; null amounts where no rate was agreed for the day and unit, or
        no exchange rate is known for the month.
    Raises:
        AmountOverflow: a total or an amount leaves int64; nothing is returned.
    Source: EN 16931 BR-CO-10 (each line is rounded, then added).
    """
    days = None if months is None else (np.datetime64(months[0].first_day), np.datetime64(months[1].last_day))
    used = usage_under_rates(totals, rates)
    used = with_columns(used, kind=named(["usage"], np.zeros(len(used), dtype=np.int8)))
    charges = _priced(used, rates.table, rates, days)
    if days is not None and len(rates.subscriptions):
        subscribed = _priced(subscription_rows(rates, *days), rates.subscriptions, rates, None)
        charges = stacked(charges, subscribed)
    others = charges["kind"].ne("usage")
    if not others.any():
        return charges
    if months is not None:
        first, last = map(str, months)
        charges = charges[~others | where_text(charges["period"], lambda period: first <= period <= last)]
    return CHARGES.conform(ordered_by(charges, _ORDER))


def _priced(rows: DataFrame, table: DataFrame, rates: Rates, days: tuple[Any, Any] | None) -> DataFrame:
    charged = charge_rows(rows, table, rates)
    charges = capped(charged.assign(amount_minor=charge_amounts(charged, rates.terms)), rates.terms)
    missing = minimum_rows(charges, table, rates, days)
    charges = CHARGES.conform(charges)
    return charges if missing.empty else stacked(charges, CHARGES.conform(charge_rows(missing, table, rates)))
