"""The copy of an issued document, as the customer receives it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from prisma_batch.records.agreements import BillTo
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.settings import BankAccount, ContactPoint, Issuer
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Text, say
from prisma_batch.views.parties import (
    bank_accounts_for,
    bill_to,
    collected_by,
    customer_name,
    language_of,
    program_name,
)
from prisma_batch.views.payment import PaymentRequest, asked
from prisma_batch.views.substance import Substance


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedLine:
    """One line; ``unit_price`` is for ``price_base_quantity`` units and exact, ``amount`` net."""

    line: int
    description: str
    program: str
    sku: str
    service_account: str
    service_from: date | None
    service_to: date | None
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    price_base_quantity: Decimal
    discount_percent: Decimal
    amount: Money
    corrects: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PrintedTax:
    code: str
    rate: Decimal
    base: Money
    amount: Money
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class InvoiceCopy:
    """An invoice, fee or credit note; amounts as issued: positive on a credit note, which has nothing to pay.

    ``to_pay`` and ``pay_by`` are as issued too; a mail asks for what is left of it on its day.
    """

    number: str
    kind: str
    account: str
    customer_name: str
    bill_to: BillTo
    language: str
    issuer: Issuer
    contact_point: ContactPoint
    issued_on: date
    due_on: date
    currency: str
    purchase_order: str
    payment_reference: str
    corrects: tuple[str, ...]
    reason: str
    lines: tuple[PrintedLine, ...]
    taxes: tuple[PrintedTax, ...]
    net: Money
    tax: Money
    total: Money
    to_pay: Money
    pay_by: date
    collected_by: str
    bank_accounts: tuple[BankAccount, ...]

    @property
    def help_page(self) -> str:
        return "mails/invoice_available"

    @property
    def substance(self) -> Substance:
        return (self.number, self.due_on, self.total)

    @property
    def is_credit(self) -> bool:
        return self.kind == "credit_note"

    @property
    def request(self) -> PaymentRequest | None:
        """Return what is to be transferred; nothing on a credit note, nor where it is collected."""
        if self.collected_by or not self.to_pay.minor:
            return None
        return PaymentRequest(amount=self.to_pay, references=(self.payment_reference,))

    @property
    def ask(self) -> Text:
        """Return what the customer is to do, or what becomes of the amount."""
        if self.is_credit:
            return say("We credit you %(amount)s. There is nothing to pay.", amount=self.total)
        return asked(self.to_pay, self.pay_by, self.collected_by)


def build_invoice_copy(document: Document, snapshot: Snapshot) -> InvoiceCopy:
    """Build the copy of an invoice, fee or credit note; an opening item was never issued here and has none."""
    if document.kind == "opening_item":
        raise ValueError("an opening item has no copy")
    settings, currency = snapshot.settings, document.currency
    total = Money.of(document.total, currency)
    return InvoiceCopy(
        number=document.number,
        kind=document.kind,
        account=document.account,
        customer_name=customer_name(snapshot, document.account),
        bill_to=bill_to(snapshot, document.account),
        language=language_of(snapshot, document.account),
        issuer=settings.issuer,
        contact_point=settings.contact_point,
        issued_on=document.issued_on,
        due_on=document.due_on,
        currency=currency,
        purchase_order=document.purchase_order or "",
        payment_reference=document.payment_reference or document.number,
        corrects=document.corrects,
        reason=document.reason or "",
        lines=tuple(_line(line, snapshot, document) for line in document.lines),
        taxes=_taxes(document, snapshot),
        net=Money.of(document.net, currency),
        tax=Money.of(document.tax, currency),
        total=total,
        to_pay=Money(0, currency) if document.kind == "credit_note" else total,
        pay_by=document.due_on,
        collected_by=collected_by(snapshot, document.account),
        bank_accounts=bank_accounts_for(settings.issuer.bank_accounts, currency),
    )


def _line(line: Line, snapshot: Snapshot, document: Document) -> PrintedLine:
    elsewhere = line.service_account if line.service_account != document.account else None
    return PrintedLine(
        line=line.line,
        description=line.description,
        program=program_name(snapshot, line.program or ""),
        sku=line.sku or "",
        service_account=elsewhere or "",
        service_from=line.service_from,
        service_to=line.service_to,
        quantity=line.quantity,
        unit=line.unit or "",
        unit_price=line.unit_price,
        price_base_quantity=line.price_base_quantity,
        discount_percent=line.discount_percent,
        amount=Money.of(line.amount, document.currency),
        corrects=_corrected(line),
    )


def _corrected(line: Line) -> str:
    place = "" if line.corrects_line is None else f"#{line.corrects_line}"
    return f"{line.corrects_invoice}{place}" if line.corrects_invoice else ""


def _taxes(document: Document, snapshot: Snapshot) -> tuple[PrintedTax, ...]:
    agreement = snapshot.agreements.get(document.account)
    treatment = agreement.tax_on(document.issued_on) if agreement else None
    reasons = {treatment.code: treatment.reason or ""} if treatment else {}
    return tuple(
        PrintedTax(
            code=group.code,
            rate=group.rate,
            base=Money.of(group.base, document.currency),
            amount=Money.of(group.amount, document.currency),
            reason=reasons.get(group.code, ""),
        )
        for group in document.taxes
    )
