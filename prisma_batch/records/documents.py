"""``invoices/<account>/<number>.yaml``: issued documents."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

from prisma_batch.base.money import to_minor

DocumentKind: TypeAlias = Literal["invoice", "credit_note", "fee", "opening_item"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line; net amount in the document's currency, service interval inclusive. Goodwill credits have no program."""

    line: int
    description: str
    amount: Decimal
    tax: str
    service_account: str | None = None
    program: str | None = None
    sku: str | None = None
    service_from: date | None = None
    service_to: date | None = None
    quantity: Decimal | None = None
    unit: str | None = None
    unit_price: Decimal | None = None
    price_base_quantity: Decimal = Decimal(1)
    discount_percent: Decimal = Decimal(0)
    tax_rate: Decimal | None = None
    corrects_invoice: str | None = None
    corrects_line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TaxGroup:
    """The lines of one tax code and rate: taxable base and tax."""

    code: str
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """An issued document. Amounts are as printed: positive on a credit note, which reduces the debt."""

    source: str
    number: str
    kind: DocumentKind
    account: str
    issued_on: date
    due_on: date
    currency: str
    purchase_order: str | None = None
    payment_reference: str | None = None
    corrects: tuple[str, ...] = ()
    reason: str | None = None
    lines: tuple[Line, ...] = ()
    taxes: tuple[TaxGroup, ...] = ()
    net: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    open_amount: Decimal = Decimal(0)
    dunning_level: int = 0

    @property
    def sign(self) -> int:
        """Return +1 for a debt, −1 for a credit note."""
        return -1 if self.kind == "credit_note" else 1

    @property
    def debt_minor(self) -> int:
        """Return what the document adds to the debt, in minor units: negative for credits."""
        amount = self.open_amount if self.kind == "opening_item" else self.total * self.sign
        return to_minor(amount, self.currency)
