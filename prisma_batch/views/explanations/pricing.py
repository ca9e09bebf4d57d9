"""Steps of a charge: the agreed rate, and every option of it that changes the amount, in the order they apply."""

from collections.abc import Iterator

from prisma_batch.base.money import from_scaled, plain
from prisma_batch.rating.terms import Terms
from prisma_batch.records.agreements import Tier
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step


def rate_steps(charge: Row, terms: Terms) -> Iterator[Step]:
    """Yield the agreed rate of a charge, and its options."""
    place = Place(source=charge.rate_source, pointer=charge.rate_pointer)
    yield Step(text=f"the agreed rate: {_price(charge, terms)}", place=place)
    yield from (Step(text=words, place=place) for words in _options(terms))
    if terms.fx and charge.currency != terms.price_currency:
        rate = plain(from_scaled(charge.fx_scaled, charge.fx_scale))
        text = f"{terms.price_currency} becomes {charge.currency} at {rate}, the rate of {charge.period}"
        yield Step(text=text, place=Place(source=f"agreements/fx/{terms.fx}.csv"))
    if terms.prorate != "none":
        yield Step(text=f"prorated: {charge.charged_days} of {charge.period_days} days ({terms.prorate})", place=place)
    if terms.discount_percent:
        yield Step(text=f"less a discount of {plain(terms.discount_percent)} %", place=place)
    if charge.granted_scaled:
        yield Step(text="less a temporary discount that a case granted for some of its days")
    yield from bound_steps(charge, terms)


def bound_steps(charge: Row, terms: Terms) -> Iterator[Step]:
    """Yield the least and the most that the rate of a charge asks for in a period."""
    place = Place(source=charge.rate_source, pointer=charge.rate_pointer)
    yield from (Step(text=words, place=place) for words in _bounds(terms, charge.currency))


def _price(charge: Row, terms: Terms) -> str:
    if terms.tiers:
        return f"{charge.model} prices: {', '.join(map(_tier, terms.tiers))}"
    price = f"{plain(from_scaled(charge.price_scaled, charge.price_scale))} {terms.price_currency or charge.currency}"
    if charge.model == "flat":
        return f"{price} a period, whatever the quantity"
    size = f"{plain(terms.package_size)} " if charge.model == "package" else ""
    return f"{price} per {size}{charge.unit}"


def _tier(tier: Tier) -> str:
    flat = f" and {plain(tier.flat)}" if tier.flat else ""
    return f"{'above that' if tier.up_to is None else f'up to {plain(tier.up_to)}'} {plain(tier.price)} each{flat}"


def _options(terms: Terms) -> Iterator[str]:
    if terms.included_quantity:
        yield f"{plain(terms.included_quantity)} are included and come off"
    if terms.quantity_block is not None:
        yield f"counted in whole blocks of {plain(terms.quantity_block)}"


def _bounds(terms: Terms, currency: str) -> Iterator[str]:
    if terms.maximum_amount is not None:
        yield f"at most {terms.maximum_amount} {currency} a period"
    if terms.minimum_amount is not None:
        yield f"at least {terms.minimum_amount} {currency} a period; what is missing is a charge of its own"
