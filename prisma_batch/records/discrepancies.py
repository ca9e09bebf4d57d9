"""Discrepancies: their kinds, how they are identified, and their table."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from types import MappingProxyType
from typing import Any

from prisma_batch.base.money import plain

# Severity by kind: high = money is lost or taken wrongly, medium = someone has to decide, low = for the record.
SEVERITY_BY_KIND = MappingProxyType(
    {
        "unbilled_usage": "high",
        "billed_without_usage": "high",
        "quantity_mismatch": "high",
        "price_mismatch": "high",
        "wrong_service_period": "medium",
        "duplicate_line": "high",
        "duplicate_invoice": "high",
        "currency_mismatch": "high",
        "tax_mismatch": "high",
        "rounding_difference": "low",
        "missing_usage_report": "medium",
        "late_usage": "low",
        "no_agreed_rate": "high",
        "unknown_account": "high",
        "minimum_not_billed": "high",
        "credit_exceeds_invoice": "high",
        "due_date_mismatch": "medium",
        "incident_credit_due": "high",
        "unidentified_payment": "medium",
        "unapplied_cash": "medium",
        "short_payment": "medium",
        "over_payment": "medium",
        "duplicate_payment": "medium",
        "payment_currency_mismatch": "medium",
        "returned_payment": "high",
        "statement_gap": "high",
        "statement_unbalanced": "high",
    }
)


# Of the states open, reopened, within_tolerance, accepted, credited and waived those that somebody is alerted to.
ALERTED_STATES = ("open", "reopened")


@dataclass(frozen=True, kw_only=True, slots=True)
class Discrepancy:
    """One difference between two sources. Amounts are minor units of ``currency``; difference = invoiced − expected.

    For payment kinds expected is what was claimed and invoiced what was received. ``inputs`` are further values that
    the fingerprint covers, such as unit prices. ``unit`` tells usage apart that nothing adds up: without a price, hours
    and gigabytes of a SKU are two discrepancies; ``tax``, a code and rate, for the groups of a document. ``state`` is
    that before cases are looked at.
    """

    kind: str
    message: str
    source: str
    pointer: str = ""
    account: str = ""
    program: str = ""
    sku: str = ""
    period: str = ""
    invoice: str = ""
    line: str = ""
    payment: str = ""
    unit: str = ""
    tax: str = ""
    expected_quantity: Decimal | None = None
    invoiced_quantity: Decimal | None = None
    expected_minor: int | None = None
    invoiced_minor: int | None = None
    currency: str = ""
    inputs: tuple[str, ...] = ()
    state: str = "open"

    @property
    def id(self) -> str:
        """Identify the discrepancy by what it is about, whatever its amounts are."""
        about = (self.kind, self.account, self.program, self.sku, self.period, self.invoice, self.line)
        return _digest((*about, *filter(None, (self.payment, self.unit, self.tax))))

    @property
    def difference_minor(self) -> int | None:
        """Return invoiced − expected: positive is overbilled. Where a side has no amount there is none."""
        if self.expected_minor is None or self.invoiced_minor is None:
            return None
        return self.invoiced_minor - self.expected_minor

    @property
    def severity(self) -> str:
        """Return the severity of the kind; usage that came too late to be matched is money that was lost.

        What was used before the first period has its amount alone: who billed it is not known here.
        """
        is_one_sided = self.expected_minor is not None and self.invoiced_minor is None
        is_lost = self.kind == "late_usage" and self.sku and self.difference_minor != 0 and not is_one_sided
        return "high" if is_lost else SEVERITY_BY_KIND[self.kind]

    @property
    def fingerprint(self) -> str:
        """Identify the values that the discrepancy was computed from."""
        quantities = _text(self.expected_quantity), _text(self.invoiced_quantity)
        amounts = (self.expected_minor, self.invoiced_minor, self.difference_minor)
        return _digest((self.id, *quantities, *map(str, amounts), self.currency, *self.inputs))

    def row(self) -> tuple[Any, ...]:
        """Return the row of the DISCREPANCIES table."""
        place = (self.account, self.program, self.sku, self.period, self.invoice, self.line, self.payment)
        return (
            *(self.id, self.kind, self.severity, self.state),
            *place,
            *(_text(self.expected_quantity), _text(self.invoiced_quantity)),
            *(self.expected_minor, self.invoiced_minor, self.difference_minor, 0),
            *(self.currency, self.fingerprint, self.message, self.source, self.pointer),
        )


def discrepancy_table(discrepancies: Iterable[Discrepancy]) -> Any:
    """Return the DISCREPANCIES table, sorted by account, period, kind and what the row is about."""
    # Not at the top: documents are judged where pandas is not loaded.
    from prisma_batch.records.tables import DISCREPANCIES  # noqa: PLC0415 - as said

    order = ("account", "period", "kind", "program", "sku", "invoice", "line", "payment", "id")
    place: Callable[[Any], Any] = itemgetter(*map(list(DISCREPANCIES.columns).index, order))
    return DISCREPANCIES.of(sorted((discrepancy.row() for discrepancy in discrepancies), key=place))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def _text(quantity: Decimal | None) -> str:
    return "" if quantity is None else plain(quantity)
