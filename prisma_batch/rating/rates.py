"""Agreed rates as a table, and the rates that are not rated yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from pandas import DataFrame, NaT

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import to_scaled
from prisma_batch.records.agreements import Agreement, Rate
from prisma_batch.records.tables import RATES

RATED_MODELS = ("flat", "per_unit")
_OPTIONS = (
    "anchor_day",
    "aggregate",
    "included_quantity",
    "quantity_block",
    "prorate",
    "discount_percent",
    "minimum_amount",
    "maximum_amount",
    "price_currency",
    "fx",
)
_WITHOUT_EFFECT = (None, "sum", "none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """The RATES table, and a finding per rate that is kept out; ``unrated`` has their account, program and SKU."""

    table: DataFrame
    unrated: frozenset[tuple[str, str, str]] = frozenset()
    findings: tuple[Finding, ...] = ()


def agreed_rates(agreements: Iterable[Agreement]) -> Rates:
    """Collect the rates of every agreement, monthly usage in arrears at a flat or a unit price.

    A rate that asks for anything else is never priced as if it did not: it becomes a finding, and its usage and
    invoice lines are left out of the match.
    """
    rows, unrated, findings = [], set(), []
    for agreement in sorted(agreements, key=lambda agreement: agreement.account):
        for index, rate in enumerate(agreement.rates):
            reason = _not_rated(rate)
            place = pointer("rates", index)
            if reason:
                unrated.add((agreement.account, rate.program, rate.sku))
                findings.append(_unrated(agreement, rate, reason, place))
            else:
                rows.append(_row(agreement, rate, place))
    return Rates(table=RATES.of(rows), unrated=frozenset(unrated), findings=tuple(findings))


def _not_rated(rate: Rate) -> str:
    if rate.pricing.model not in RATED_MODELS:
        return f"{rate.pricing.model} pricing"
    if rate.basis != "usage" or rate.bills != "arrears" or rate.every != "month":
        return "billing other than monthly usage in arrears"
    return next((option for option in _OPTIONS if getattr(rate, option) not in _WITHOUT_EFFECT), "")


def _unrated(agreement: Agreement, rate: Rate, reason: str, place: str) -> Finding:
    return Finding(
        code="rate-not-used",
        message=f"the rate for {rate.program} {rate.sku} is not rated: {reason} is not supported",
        remedy="its usage and invoice lines are left out of the match; compare them by hand",
        source=agreement.source,
        pointer=place,
        severity="warning",
    )


def _row(agreement: Agreement, rate: Rate, place: str) -> tuple[object, ...]:
    return (
        *(agreement.account, rate.program, rate.sku, rate.unit),
        *(rate.starts_on, rate.ends_on or NaT, rate.bills, rate.pricing.model),
        *to_scaled(rate.pricing.price or Decimal(0)),
        *(rate.currency or agreement.currency, rate.rounding, 0, agreement.source, place),
    )
