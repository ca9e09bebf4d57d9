"""The statement of account: what one account owes as of a day, by currency and never netted."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import BillTo
from prisma_batch.records.documents import Document
from prisma_batch.records.settings import BankAccount, ContactPoint, Issuer
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Text, say
from prisma_batch.views.payment import PaymentRequest, asked
from prisma_batch.views.substance import Substance

_NOT_TO_BE_PAID = ("until ", "promise ")


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementSpan:
    """The days a statement covers: from the day after the previous as-of day up to this one.

    ``late_documents`` are numbers of documents dated before that the previous run did not know.
    """

    period: Period
    opened_on: date
    as_of: date
    late_documents: frozenset[str] = frozenset()

    def tells_of(self, document: Document) -> bool:
        """Say whether the customer hears of an issued document in this run."""
        is_new = document.issued_on >= self.opened_on or document.number in self.late_documents
        return document.kind != "opening_item" and is_new and document.issued_on <= self.as_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Movement:
    """What changed the balance, and the balance after it; ``prior_period`` marks what became known only later.

    ``description``: the documents that a payment settled; a document's reason or purchase order.
    """

    on: date
    kind: str
    reference: str
    description: str
    amount: Money
    balance: Money
    prior_period: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenItem:
    """What is open on a document or an ``installment`` of it (``1 of 3``); credits are negative."""

    document: str
    installment: str
    kind: str
    payment_reference: str
    purchase_order: str
    issued_on: date | None
    due_on: date | None
    amount: Money
    open_amount: Money
    days_overdue: int
    bucket: str
    disputed: Money
    hold: str

    @property
    def is_overdue(self) -> bool:
        return self.days_overdue > 0 and self.open_amount.minor > 0

    @property
    def installment_figures(self) -> str:
        """Return the installment as it is printed in any language: ``1/3``."""
        return self.installment.replace(" of ", "/")

    @property
    def undisputed_minor(self) -> int:
        return self.open_amount.minor - self.disputed.minor

    @property
    def is_payable(self) -> bool:
        """Say whether the customer is asked to pay something of it."""
        return self.undisputed_minor > 0 and not self.is_held

    @property
    def is_held(self) -> bool:
        """Say whether it is not to be paid for now: a dispute holds its own amount only, other reasons reminders."""
        return bool(self.hold) and any(reason.startswith(_NOT_TO_BE_PAID) for reason in self.hold.split("; "))


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One thing that is not as the last statement had it; ``kind`` is a label without its ``change_``."""

    document: str
    kind: str
    before: Money | date | None = None
    now: Money | date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UnappliedPayment:
    payment: str
    value_date: date | None
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Dues:
    """What to pay: ``pay_now`` = overdue − disputed − held − credit, not below zero; then what falls due next."""

    overdue: Money
    disputed: Money
    held: Money
    credit: Money
    pay_now: Money
    pay_next: Money
    pay_next_by: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """Everything in one currency; ``aging`` has the buckets in order, then ``unapplied`` and ``balance``.

    What ``collected_by`` says how to collect the customer does not pay; ``references`` are to be quoted for the rest.
    """

    currency: str
    opening: Money
    movements: tuple[Movement, ...]
    closing: Money
    open_items: tuple[OpenItem, ...]
    changes: tuple[Change, ...]
    aging: Mapping[str, Money]
    unapplied: tuple[UnappliedPayment, ...]
    dues: Dues
    bank_accounts: tuple[BankAccount, ...]
    references: tuple[str, ...]
    collected_by: str = ""

    @property
    def substance(self) -> Substance:
        dues = self.dues
        return (
            *(self.opening, self.closing, dues.pay_now, dues.pay_next, dues.pay_next_by),
            [(own.on, own.kind, own.reference, own.amount) for own in self.movements],
            [(own.document, own.installment, own.due_on, own.open_amount, own.disputed) for own in self.open_items],
            [(own.payment, own.amount) for own in self.unapplied],
        )

    @property
    def request(self) -> PaymentRequest | None:
        """Return the next payment: what is overdue, else what falls due first; the items it is for are quoted."""
        is_overdue = bool(self.dues.pay_now.minor)
        if self.collected_by and not is_overdue:
            return None
        amount = self.dues.pay_now if is_overdue else self.dues.pay_next
        asked = [
            item.payment_reference
            for item in self.open_items
            if item.is_payable and (item.is_overdue if is_overdue else item.due_on == self.dues.pay_next_by)
        ]
        return PaymentRequest(amount=amount, references=tuple(dict.fromkeys(asked))) if amount.minor and asked else None

    @property
    def ask(self) -> Text:
        """Return what the customer is to do first: what is overdue is for them to pay, however the rest is paid."""
        if self.dues.pay_now.minor:
            return say("Please pay %(amount)s now: it is overdue.", amount=self.dues.pay_now)
        return self._next

    @property
    def then(self) -> Text | None:
        """Return what comes after what is overdue."""
        dues = self.dues
        if not (dues.pay_now.minor and dues.pay_next.minor and dues.pay_next_by):
            return None
        if self.collected_by:
            return self._next
        return say("Then %(amount)s by %(day)s.", amount=dues.pay_next, day=dues.pay_next_by)

    @property
    def _next(self) -> Text:
        return asked(self.dues.pay_next, self.dues.pay_next_by, self.collected_by)

    @property
    def sums(self) -> tuple[tuple[str, Money], ...]:
        """Return what the movements of each kind come to."""
        sums: dict[str, int] = {}
        for movement in self.movements:
            sums[movement.kind] = sums.get(movement.kind, 0) + movement.amount.minor
        return tuple((kind, Money(minor, self.currency)) for kind, minor in sums.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """A statement; those of all kinds are of one model, and ``kind`` says what is listed."""

    account: str
    kind: Literal["open_item", "activity", "balance_forward"]
    customer_name: str
    bill_to: BillTo
    language: str
    span: StatementSpan
    issuer: Issuer
    contact_point: ContactPoint
    sections: tuple[Section, ...]

    @property
    def help_page(self) -> str:
        return "mails/statement_of_account"

    @property
    def substance(self) -> Substance:
        return [section.substance for section in self.sections]
