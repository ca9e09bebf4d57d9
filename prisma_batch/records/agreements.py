"""``agreements/``: what was agreed with an account, shared price lists, and exchange rates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from prisma_batch.base.money import RateRounding
from prisma_batch.base.periods import Period, days_after


@dataclass(frozen=True, kw_only=True, slots=True)
class BillTo:
    legal_name: str
    address: tuple[str, ...] = ()
    country: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentTerms:
    """Terms for documents issued from ``starts_on`` on; days count from the document's date or its month's end."""

    starts_on: date
    net_days: int
    from_: Literal["issued_on", "month_end"] = "issued_on"
    discount_percent: Decimal | None = None
    discount_days: int | None = None

    def due_on(self, issued_on: date) -> date:
        """Return the day on which a document issued that day is due."""
        start = Period.of(issued_on).last_day if self.from_ == "month_end" else issued_on
        return days_after(start, self.net_days)


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxTreatment:
    starts_on: date
    code: str
    rate: Decimal
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BillingPreferences:
    purchase_order: str | None = None
    payment_method: str = "bank_transfer"
    statement: Literal["open_item", "activity", "balance_forward"] = "open_item"
    send_zero_statement: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceListUse:
    id: str
    starts_on: date
    ends_on: date | None = None
    discount_percent: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    up_to: Decimal | None = None
    price: Decimal = Decimal(0)
    flat: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pricing:
    model: Literal["flat", "per_unit", "graduated", "volume", "package"]
    price: Decimal | None = None
    tiers: tuple[Tier, ...] = ()
    package_size: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SubscribedQuantity:
    """A quantity that is charged from a day on, until the next one."""

    from_: date
    quantity: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """What a SKU of a program costs from ``starts_on`` to ``ends_on`` (inclusive, open where absent)."""

    program: str
    sku: str
    unit: str
    starts_on: date
    pricing: Pricing
    ends_on: date | None = None
    basis: Any = "usage"
    bills: Literal["arrears", "advance"] = "arrears"
    every: Literal["month", "quarter", "year"] = "month"
    anchor_day: int | None = None
    currency: str | None = None
    rounding: RateRounding = "half_up"
    aggregate: str | None = None
    included_quantity: Decimal | None = None
    quantity_block: Decimal | None = None
    prorate: str | None = None
    discount_percent: Decimal | None = None
    minimum_amount: Decimal | None = None
    maximum_amount: Decimal | None = None
    price_currency: str | None = None
    fx: str | None = None

    @property
    def subscribed(self) -> tuple[SubscribedQuantity, ...]:
        """Return the quantities of a subscription by their first day; none where usage is charged."""
        if self.basis == "usage":
            return ()
        entries = [
            SubscribedQuantity(from_=date.fromisoformat(entry["from"]), quantity=Decimal(entry["quantity"]))
            for entry in self.basis["subscription"]["quantities"]
        ]
        return tuple(sorted(entries, key=lambda entry: entry.from_))


@dataclass(frozen=True, kw_only=True, slots=True)
class Commitment:
    id: str
    programs: tuple[str, ...]
    amount: Decimal
    starts_on: date
    ends_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditStep:
    """The percentage that is credited where the availability of a month is below a percentage."""

    below_percent: Decimal
    credit_percent: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceCredit:
    """What an account gets back of a month's charges of a program that was not available enough."""

    program: str
    schedule: tuple[CreditStep, ...]
    cap_percent: Decimal | None = None

    def percent_at(self, availability_percent: Decimal) -> Decimal:
        """Return the highest percentage that an availability earns; 0 where it earns none."""
        steps = [step.credit_percent for step in self.schedule if availability_percent < step.below_percent]
        return max(steps, default=Decimal(0))


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceList:
    source: str
    id: str
    currency: str
    rates: tuple[Rate, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """What was agreed with one account; ``billed_to`` names the account that owes the invoices, where it is another."""

    source: str
    account: str
    bill_to: BillTo
    active_from: date
    currency: str
    payment_terms: tuple[PaymentTerms, ...]
    tax: tuple[TaxTreatment, ...]
    billed_to: str | None = None
    closed_on: date | None = None
    suspended_on: date | None = None
    external_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    billing: BillingPreferences = BillingPreferences()
    price_lists: tuple[PriceListUse, ...] = ()
    commitments: tuple[Commitment, ...] = ()
    service_credits: tuple[ServiceCredit, ...] = ()
    rates: tuple[Rate, ...] = ()

    def terms_on(self, day: date) -> PaymentTerms | None:
        """Return the payment terms for a document issued on a day."""
        return max((t for t in self.payment_terms if t.starts_on <= day), key=lambda t: t.starts_on, default=None)

    def tax_on(self, day: date) -> TaxTreatment | None:
        """Return the tax treatment for a document issued on a day."""
        return max((t for t in self.tax if t.starts_on <= day), key=lambda t: t.starts_on, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRate:
    period: Period
    from_currency: str
    to_currency: str
    rate: Decimal
