"""Amounts of charges: int64 by column where it is proved to hold, exact Python integers for the rest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from prisma_batch.base.money import INT64_MAX, checked, minor_digits
from prisma_batch.rating.exact import Charged, Price, amounts_minor
from prisma_batch.rating.kernel.entries import largest
from prisma_batch.rating.rounding import divide_each
from prisma_batch.rating.terms import Terms
from prisma_batch.records.coded import codes_of

_DECIMALS_MAX = 18
_COMMON = ["terms", "rounding", "currency", "quantity_scale", "price_scale", "fx_scaled", "fx_scale"]
Integers = NDArray[np.int64]


def charge_amounts(charges: DataFrame, terms: Sequence[Terms]) -> "Series[Any]":
    """Return the amount of each charge in minor units, before minimum and maximum; null where it has no price.

    Raises:
        AmountOverflow: an amount leaves int64.
    """
    has_price = (charges["price_scaled"].notna() & charges["fx_scaled"].notna()).to_numpy()
    amounts, is_done = _plain_amounts(charges, terms, has_price)
    rest = np.flatnonzero(has_price & ~is_done)
    if len(rest):
        for _, group in charges.take(rest).assign(row=rest).groupby(_COMMON, sort=False):
            amounts[group["row"].to_numpy()] = _group_amounts(group, terms)
    return Series(pd.arrays.IntegerArray(amounts, ~has_price), index=charges.index)


def _plain_amounts(
    charges: DataFrame, terms: Sequence[Terms], has_price: NDArray[np.bool_]
) -> tuple[Integers, NDArray[np.bool_]]:
    """Return amounts, and which of them are those of a flat or unit price whose products are proved to fit in int64."""
    price = _numbers(charges["price_scaled"])
    by_terms = np.array([[item.is_plain for item in terms], [item.model == "flat" for item in terms]])
    is_plain, is_flat = by_terms.take(_numbers(charges["terms"]), axis=1)
    quantity = np.where(is_flat, 1, charges["quantity_scaled"].to_numpy())
    # What is left of quantity × price to be cut off, or missing, in decimals of the minor unit.
    decimals = np.where(is_flat, 0, charges["quantity_scale"].to_numpy()) - _digits(charges["currency"])
    decimals += _numbers(charges["price_scale"])
    is_done = has_price & is_plain & (charges["granted_scaled"].to_numpy() == 0) & (abs(decimals) <= _DECIMALS_MAX)
    rules, names = codes_of(charges["rounding"])
    amounts = np.zeros(len(charges), dtype=np.int64)
    # Few rules and scales, many rows: a column is divided much faster by one number than by another column.
    kinds = (decimals + _DECIMALS_MAX) * len(names) + rules
    for kind in pd.unique(kinds[is_done]).tolist():
        places, rule = divmod(kind, len(names))
        is_kind = is_done & (kinds == kind)
        rows: Any = slice(None) if is_kind.all() else np.flatnonzero(is_kind)
        factor, divisor = 10 ** max(_DECIMALS_MAX - places, 0), 10 ** max(places - _DECIMALS_MAX, 0)
        is_done[rows] = fits = _fits(price[rows], quantity[rows], factor)
        products = np.where(fits, price[rows] * quantity[rows] * factor, 0)
        amounts[rows] = divide_each(products, divisor, names[rule])
    return amounts, is_done


def _fits(price: Integers, quantity: Integers, factor: int) -> NDArray[np.bool_]:
    """Say which products stay so small that twice what dividing them leaves fits, too."""
    if largest(price) * largest(quantity) * factor <= INT64_MAX // 2:
        return np.ones(len(price), dtype=np.bool_)
    return abs(quantity) <= INT64_MAX // 2 // np.maximum(abs(price), 1) // factor


def _digits(currencies: "Series[Any]") -> Integers:
    codes, names = codes_of(currencies)
    return np.array([*map(minor_digits, names)], dtype=np.int64).take(codes)


def _numbers(column: "Series[Any]") -> Integers:
    return column.to_numpy("int64", na_value=0)


def charge_price(charge: Any, terms: Sequence[Terms]) -> Price:
    """Return what a charge has in common with others that are priced alike."""
    return Price(
        terms=terms[int(charge.terms)],
        rounding=charge.rounding,
        currency=charge.currency,
        fx_scaled=int(charge.fx_scaled),
        fx_scale=int(charge.fx_scale),
    )


def _group_amounts(group: DataFrame, terms: Sequence[Terms]) -> Integers:
    first = group.iloc[0]
    charged = Charged(
        quantity=_exact(group["quantity_scaled"]),
        quantity_scale=int(first["quantity_scale"]),
        unit_price=_exact(group["price_scaled"]),
        price_scale=int(first["price_scale"]),
        charged_days=_exact(group["charged_days"]),
        period_days=_exact(group["period_days"]),
        granted=_exact(group["granted_scaled"]),
        service_days=_exact((group["service_to"] - group["service_from"]).dt.days + 1),
    )
    return np.array([checked(amount) for amount in amounts_minor(charged, charge_price(first, terms))], dtype="int64")


def _exact(column: "Series[Any]") -> NDArray[np.object_]:
    return column.to_numpy("int64").astype(object)
