"""Prices usage: exact integers, one rounding a charge."""

from typing import Any

from pandas import DataFrame, Series

from prisma_batch.base.money import checked, divide, minor_digits
from prisma_batch.rating.intervals import totals_under_rates
from prisma_batch.rating.rates import Rates
from prisma_batch.records.tables import CHARGES


def price_usage(totals: DataFrame, rates: Rates) -> DataFrame:
    """Price usage: one charge per account, program, SKU, unit and service interval.

    Args:
        rows: USAGE_ROWS, any order; quantities may be negative for corrections.
        rates: RATES; at most one rate per account, program, SKU and day.
    Returns:
        CHARGES sorted by key, amounts rounded once; null amounts where no rate was agreed for the day and unit.
    Raises:
        AmountOverflow: a total or an amount leaves int64; nothing is returned.
    Source: EN 16931 BR-CO-10 (each line is rounded, then added).
    """
    usage = totals_under_rates(totals, rates.table)
    return CHARGES.conform(usage.assign(kind="usage", amount_minor=_amounts(usage)))


def _amounts(usage: DataFrame) -> "Series[Any]":
    # A list comprehension over one row per SKU and month: Python integers are exact at any size.
    columns = ["model", "rounding", "currency", "quantity_scaled", "quantity_scale", "price_scaled", "price_scale"]
    has_rate = usage["price_scaled"].notna()
    priced = [amount_minor(*row) for row in usage.loc[has_rate, columns].itertuples(index=False, name=None)]
    amounts = Series(None, index=usage.index, dtype="Int64")
    amounts[has_rate] = priced
    return amounts


def amount_minor(
    model: str, rounding: Any, currency: str, quantity_scaled: int, quantity_scale: int, *price: int
) -> int:
    """Return the amount of one charge in minor units.

    ``flat`` is the price whatever the quantity; ``per_unit`` is quantity × price.

    Args:
        price: ``price_scaled`` and ``price_scale``.
    """
    price_scaled, price_scale = map(int, price)
    numerator, scale = price_scaled, price_scale
    if model == "per_unit":
        numerator, scale = price_scaled * int(quantity_scaled), price_scale + int(quantity_scale)
    return checked(divide(numerator * 10 ** minor_digits(currency), 10**scale, rounding))
