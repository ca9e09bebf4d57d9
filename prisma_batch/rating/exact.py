"""The amount of charges under one price: every option in its order, in exact integers, rounded once."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from prisma_batch.base.money import RateRounding, divide, last_rounding, minor_digits, to_scaled
from prisma_batch.rating.rounding import divide_each
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.tiers import COST_BY_MODEL, Exact, ScaledPricing, ScaledTier, whole_blocks

_WHOLE_PERCENT = 100 * 10**12  # percentages have up to 12 decimals


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What some charges have in common: terms, rounding, currency, and the rate into it (1 at scale 0 if none)."""

    terms: Terms
    rounding: RateRounding
    currency: str
    fx_scaled: int = 1
    fx_scale: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Charged:
    """Quantities to be priced, at one scale, each with its unit price and the share of the period that is charged.

    ``granted`` is the temporary discount in percent × days at scale 12, of ``service_days``.
    """

    quantity: Exact
    quantity_scale: int
    unit_price: Exact
    price_scale: int
    charged_days: Exact
    period_days: Exact
    granted: Exact
    service_days: Exact


def billable_quantity(charged: Charged, terms: Terms) -> tuple[Exact, int]:
    """Return the quantity that is left to be priced, and its scale: less what is included, in whole blocks."""
    scale = max(charged.quantity_scale, *(to_scaled(number)[1] for number in _quantities(terms)))
    quantity = charged.quantity * 10 ** (scale - charged.quantity_scale)
    if terms.included_quantity:
        left = np.maximum(abs(quantity) - _at(terms.included_quantity, scale), 0)
        quantity = np.where(quantity < 0, -left, left)
    if terms.quantity_block is not None:
        size = _at(terms.quantity_block, scale)
        quantity = whole_blocks(quantity, size) * size
    return quantity, scale


def amounts_minor(charged: Charged, price: Price) -> Exact:
    """Return the amount of each quantity in minor units, before the rate's minimum and maximum.

    Source: CONTRACT.md §2 (order of the options).
    """
    quantity, quantity_scale = billable_quantity(charged, price.terms)
    pricing, scale = _pricing(charged, price, quantity_scale)
    cost, scale = COST_BY_MODEL[price.terms.model](quantity, pricing), scale + quantity_scale
    if price.rounding == "down_twice":
        digits = minor_digits(price.terms.price_currency or price.currency)
        cost, scale = divide_each(cost * 10**digits, 10**scale, "down"), digits
    if price.rounding != "down_price":  # else the unit price was converted
        cost, scale = cost * price.fx_scaled, scale + price.fx_scale
    divisor: Any = 10**scale
    if price.terms.prorate != "none":
        cost, divisor = cost * charged.charged_days, divisor * charged.period_days
    if price.terms.discount_percent:
        cost, divisor = cost * (_WHOLE_PERCENT - _at(price.terms.discount_percent, 12)), divisor * _WHOLE_PERCENT
    if charged.granted.any():
        whole = charged.service_days * _WHOLE_PERCENT
        cost, divisor = cost * (whole - charged.granted), divisor * whole
    return divide_each(cost * 10 ** minor_digits(price.currency), divisor, last_rounding(price.rounding))


def _quantities(terms: Terms) -> Iterator[Decimal]:
    yield terms.included_quantity
    yield terms.package_size
    yield terms.quantity_block or Decimal(1)
    yield from (tier.up_to for tier in terms.tiers if tier.up_to is not None)


def _pricing(charged: Charged, price: Price, quantity_scale: int) -> tuple[ScaledPricing, int]:
    """Return prices as integers and their scale; cut to cents after conversion where the rule says so."""
    terms = price.terms
    tier_prices = [number for tier in terms.tiers for number in (tier.price, tier.flat)]
    scale = max(charged.price_scale, *(to_scaled(number)[1] for number in tier_prices), 0)
    unit_price = charged.unit_price * 10 ** (scale - charged.price_scale)
    by_tier = [(tier.up_to, _at(tier.price, scale), _at(tier.flat, scale)) for tier in terms.tiers]
    if price.rounding == "down_price":
        digits = minor_digits(price.currency)
        factor, divisor = price.fx_scaled * 10**digits, 10 ** (scale + price.fx_scale)
        unit_price, scale = divide_each(unit_price * factor, divisor, "down"), digits
        by_tier = [
            (up_to, divide(unit * factor, divisor, "down"), divide(flat * factor, divisor, "down"))
            for up_to, unit, flat in by_tier
        ]
    unit_quantity = 10**quantity_scale
    tiers = [
        ScaledTier(
            up_to=None if up_to is None else _at(up_to, quantity_scale), price=tier_price, flat=flat * unit_quantity
        )
        for up_to, tier_price, flat in by_tier
    ]
    package_size = _at(terms.package_size, quantity_scale)
    return ScaledPricing(price=unit_price, unit=unit_quantity, package_size=package_size, tiers=tiers), scale


def _at(number: Decimal, scale: int) -> int:
    scaled, own_scale = to_scaled(number)
    return scaled * int(10 ** (scale - own_scale))
