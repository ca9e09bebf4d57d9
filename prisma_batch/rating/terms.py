"""Terms: what an agreed price asks for beyond price and currency, shared by all rates that ask for the same."""

from dataclasses import dataclass
from decimal import Decimal

from prisma_batch.base.money import product
from prisma_batch.records.agreements import Rate, Tier

MONTHS_BY_EVERY = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """Model and options of a rate; unit prices of ``flat``, ``per_unit`` and ``package`` stand beside it in RATES.

    Prices are in ``price_currency`` where that is given.
    """

    model: str = "per_unit"
    tiers: tuple[Tier, ...] = ()
    package_size: Decimal = Decimal(1)
    aggregate: str = "sum"
    included_quantity: Decimal = Decimal(0)
    quantity_block: Decimal | None = None
    prorate: str = "none"
    discount_percent: Decimal = Decimal(0)
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None
    price_currency: str = ""
    fx: str = ""
    months: int = 1
    anchor_day: int = 1

    @property
    def is_plain(self) -> bool:
        """Say whether the amount is the price, or price × quantity, and nothing else."""
        return self.model in ("flat", "per_unit") and self == Terms(
            model=self.model, months=self.months, anchor_day=self.anchor_day, aggregate=self.aggregate
        )

    @property
    def is_linear(self) -> bool:
        """Say whether a part of the quantity costs the same part of the amount, so that days can be priced apart."""
        whole = (self.quantity_block, self.minimum_amount, self.maximum_amount)
        summed = self.aggregate == "sum" and self.prorate == "none" and not self.included_quantity
        return self.model == "per_unit" and summed and whole == (None, None, None)


def terms_of(rate: Rate, list_discount_percent: Decimal = Decimal(0)) -> Terms:
    """Return the terms of a rate; the discount of a price list is taken off the prices of its tiers."""
    tiers = rate.pricing.tiers
    if list_discount_percent:
        left = (100 - list_discount_percent).scaleb(-2)
        tiers = tuple(
            Tier(up_to=tier.up_to, price=product(tier.price, left), flat=product(tier.flat, left)) for tier in tiers
        )
    return Terms(
        model=rate.pricing.model,
        tiers=tiers,
        package_size=rate.pricing.package_size or Decimal(1),
        aggregate=rate.aggregate or "sum",
        included_quantity=rate.included_quantity or Decimal(0),
        quantity_block=rate.quantity_block,
        prorate=rate.prorate or "none",
        discount_percent=rate.discount_percent or Decimal(0),
        minimum_amount=rate.minimum_amount,
        maximum_amount=rate.maximum_amount,
        price_currency=rate.price_currency or "",
        fx=rate.fx or "",
        months=MONTHS_BY_EVERY[rate.every],
        anchor_day=rate.anchor_day or 1,
    )
