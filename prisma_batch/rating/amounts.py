"""Amounts of charges: int64 by column where it is proved to hold, exact Python integers for the rest."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame, Series

from prisma_batch.base.money import INT64_MAX, checked, minor_digits
from prisma_batch.rating.exact import Charged, Price, amounts_minor
from prisma_batch.rating.rounding import divide_each
from prisma_batch.rating.terms import Terms

_COMMON = ["terms", "rounding", "currency", "quantity_scale", "price_scale", "fx_scaled", "fx_scale"]


def charge_amounts(charges: DataFrame, terms: Sequence[Terms]) -> "Series[Any]":
    """Return the amount of each charge in minor units, before minimum and maximum; null where it has no price.

    Raises:
        AmountOverflow: an amount leaves int64.
    """
    amounts = Series(0, index=charges.index, dtype="Int64")
    has_price = charges["price_scaled"].notna() & charges["fx_scaled"].notna()
    amounts[~has_price] = None
    plain_terms = np.array([item.is_plain for item in terms], dtype=bool)
    plain = has_price & charges["granted_scaled"].eq(0) & plain_terms[charges["terms"].fillna(0).to_numpy("int64")]
    fits = plain & _fits_int64(charges)
    amounts[fits] = _plain_amounts(charges[fits])
    for common, group in charges[has_price & ~fits].groupby(_COMMON, sort=False):
        amounts[group.index] = np.array(_group_amounts(group, terms, common), dtype="int64")
    return amounts


def _fits_int64(charges: DataFrame) -> NDArray[np.bool_]:
    """Say which products quantity × price × 10^digits hold in int64, with room for rounding."""
    price = abs(charges["price_scaled"].fillna(0).to_numpy("int64"))
    digits = charges["currency"].map(minor_digits).to_numpy("int64")
    scale = charges["price_scale"].fillna(0).to_numpy("int64") + charges["quantity_scale"].to_numpy("int64")
    room = INT64_MAX // 2 // 10**digits // np.maximum(price, 1)
    fits: NDArray[np.bool_] = (abs(charges["quantity_scaled"].to_numpy("int64")) <= room) & (scale <= 18)
    return fits


def _plain_amounts(charges: DataFrame) -> NDArray[np.int64]:
    is_flat = charges["model"].eq("flat").to_numpy()
    quantity = np.where(is_flat, 1, charges["quantity_scaled"].to_numpy("int64"))
    scale = charges["price_scale"].to_numpy("int64") + np.where(is_flat, 0, charges["quantity_scale"].to_numpy("int64"))
    minor = 10 ** charges["currency"].map(minor_digits).to_numpy("int64")
    numerators = charges["price_scaled"].to_numpy("int64") * quantity * minor
    amounts = np.zeros(len(charges), dtype="int64")
    for rounding in charges["rounding"].unique():
        rows = charges["rounding"].eq(rounding).to_numpy()
        amounts[rows] = divide_each(numerators[rows], 10 ** scale[rows], rounding)
    return amounts


def _group_amounts(group: DataFrame, terms: Sequence[Terms], common: Any) -> list[int]:
    position, rounding, currency, quantity_scale, price_scale, fx_scaled, fx_scale = common
    price = Price(
        terms=terms[position], rounding=rounding, currency=currency, fx_scaled=int(fx_scaled), fx_scale=int(fx_scale)
    )
    charged = Charged(
        quantity=_integers(group["quantity_scaled"]),
        quantity_scale=int(quantity_scale),
        unit_price=_integers(group["price_scaled"]),
        price_scale=int(price_scale),
        charged_days=_integers(group["charged_days"]),
        period_days=_integers(group["period_days"]),
        granted=_integers(group["granted_scaled"]),
        service_days=_integers((group["service_to"] - group["service_from"]).dt.days + 1),
    )
    return [checked(amount) for amount in amounts_minor(charged, price)]


def _integers(column: "Series[Any]") -> Any:
    return np.array([int(number) for number in column], dtype=object)
