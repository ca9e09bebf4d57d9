"""How a charge was computed, in words and figures; made only for charges that somebody looks at."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from prisma_batch.base.money import from_minor, from_scaled, plain, to_scaled
from prisma_batch.rating.amounts import charge_price
from prisma_batch.rating.exact import Charged, amounts_minor, billable_quantity
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.tiers import whole_blocks
from prisma_batch.records.agreements import Tier

_AGGREGATES = {"sum": "", "max": " (the highest day)", "last": " (the last day)"}
_ROUNDINGS = {"down_twice": ", cut before and after conversion", "down_price": ", the converted price cut"}


def formula_of(charge: Any, terms: Sequence[Terms]) -> str:
    """Return how the amount of a charge came about: ``12 core-pair × 23.45 = 281.40``.

    Args:
        charge: a row of CHARGES with an amount.
        terms: those of the Rates that priced it.
    """
    amount = from_minor(charge.amount_minor, charge.currency)
    if charge.kind == "commitment":
        return f"what is missing to {_price(charge)}{_days(charge)} committed = {amount}"
    agreed = terms[int(charge.terms)]
    if charge.kind == "minimum":
        bounds = (agreed.minimum_amount, agreed.maximum_amount)
        least = min(bound for bound in bounds if bound is not None)
        return f"minimum {plain(least)} − {least - amount} charged = {amount}"
    return f"{''.join(_steps(charge, agreed))} = {amount}"


def amount_at(charge: Any, terms: Sequence[Terms], quantity_scaled: int, quantity_scale: int) -> int:
    """Return what another quantity costs under the terms of a charge, in minor units, before minimum and maximum."""
    charged = _charged(charge, quantity_scaled, quantity_scale)
    return int(amounts_minor(charged, charge_price(charge, terms))[0])


def in_price_currency(charge: Any, terms: Sequence[Terms]) -> Any:
    """Return a charge with the amount that it has before conversion: for want of a rate of exchange it has no other."""
    currency = terms[int(charge.terms)].price_currency
    own = charge._replace(currency=currency, fx_scaled=1, fx_scale=0)
    return own._replace(amount_minor=amount_at(own, terms, charge.quantity_scaled, charge.quantity_scale))


def printed_quantities(charge: Any, agreed: Terms) -> frozenset[Decimal]:
    """Return the quantities that an invoice line may show for a charge: used, left to be priced, or in packages."""
    quantity, scale = billable_quantity(_charged(charge, charge.quantity_scaled, charge.quantity_scale), agreed)
    shown = {from_scaled(charge.quantity_scaled, charge.quantity_scale), from_scaled(int(quantity[0]), scale)}
    if agreed.model == "package":
        size, size_scale = to_scaled(agreed.package_size)
        shown.add(Decimal(int(whole_blocks(quantity, size * 10 ** (scale - size_scale))[0])))
    return frozenset(shown)


def _steps(charge: Any, terms: Terms) -> Iterator[str]:
    yield _cost(charge, terms)
    if (charge.fx_scaled, charge.fx_scale) != (1, 0):
        rate = plain(from_scaled(charge.fx_scaled, charge.fx_scale))
        yield f" × {rate} {charge.currency}/{terms.price_currency}"
    yield _days(charge)
    if terms.discount_percent:
        yield f" − {plain(terms.discount_percent)} %"
    if charge.granted_scaled:
        days = (charge.service_to - charge.service_from).days + 1
        percent = Decimal(int(charge.granted_scaled)).scaleb(-12) / days
        yield f" − {plain(round(percent, 4))} % granted for a time"
    if terms.maximum_amount is not None:
        yield f", at most {plain(terms.maximum_amount)}"
    yield _ROUNDINGS.get(charge.rounding, "")


def _cost(charge: Any, terms: Terms) -> str:
    if terms.model == "flat":
        return f"flat {_price(charge)}"
    text = _quantity(charge, terms)
    if terms.model == "per_unit" and terms.quantity_block is None:
        return f"{text} × {_price(charge)}"
    charged = _charged(charge, charge.quantity_scaled, charge.quantity_scale)
    quantity, scale = billable_quantity(charged, terms)
    billable = from_scaled(int(quantity[0]), scale)
    if terms.quantity_block is not None:
        text += f" → {plain(billable)} in blocks of {plain(terms.quantity_block)}"
    if terms.model == "per_unit":
        return f"{text} × {_price(charge)}"
    if terms.model == "package":
        return f"{text} in packages of {plain(terms.package_size)} × {_price(charge)}"
    parts = _graduated if terms.model == "graduated" else _volume
    sign = "−" if billable < 0 else ""
    return f"{text}: {sign}({' + '.join(parts(abs(billable), terms.tiers)) or '0'})"


def _quantity(charge: Any, terms: Terms) -> str:
    quantity = plain(from_scaled(charge.quantity_scaled, charge.quantity_scale))
    text = f"{quantity} {charge.unit}".rstrip() + _AGGREGATES[terms.aggregate]
    return f"({text} − {plain(terms.included_quantity)} included)" if terms.included_quantity else text


def _graduated(units: Decimal, tiers: Sequence[Tier]) -> Iterator[str]:
    below = Decimal(0)
    for tier in tiers:
        if units > below:
            inside = (units if tier.up_to is None else min(units, tier.up_to)) - below
            yield _tier_cost(inside, tier)
        below = tier.up_to or below


def _volume(units: Decimal, tiers: Sequence[Tier]) -> Iterator[str]:
    if units:
        yield _tier_cost(units, next(tier for tier in tiers if tier.up_to is None or units <= tier.up_to))


def _tier_cost(units: Decimal, tier: Tier) -> str:
    parts = [f"{plain(units)} × {plain(tier.price)}"] if tier.price or not tier.flat else []
    return " + ".join([*parts, *([plain(tier.flat)] if tier.flat else [])])


def _price(charge: Any) -> str:
    return plain(from_scaled(charge.price_scaled, charge.price_scale))


def _days(charge: Any) -> str:
    whole = charge.charged_days == charge.period_days
    return "" if whole else f" × {charge.charged_days}/{charge.period_days} days"


def _charged(charge: Any, quantity_scaled: int, quantity_scale: int) -> Charged:
    def single(number: Any) -> Any:
        return np.array([int(number)], dtype=object)

    return Charged(
        quantity=single(quantity_scaled),
        quantity_scale=int(quantity_scale),
        unit_price=single(charge.price_scaled),
        price_scale=int(charge.price_scale),
        charged_days=single(charge.charged_days),
        period_days=single(charge.period_days),
        granted=single(charge.granted_scaled),
        service_days=single((charge.service_to - charge.service_from).days + 1),
    )
