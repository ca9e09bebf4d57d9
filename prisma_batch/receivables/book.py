"""The book: what is open while payments are matched with documents."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from prisma_batch.base.findings import Finding
from prisma_batch.receivables.payments import LeftMinor, Payment, Payments
from prisma_batch.receivables.quotes import Quote
from prisma_batch.receivables.subsets import SubsetSums
from prisma_batch.receivables.terms import CAPPED_KINDS, Terms

# The documents that have a reference, by its spelling, each with the reference as it is written.
References: TypeAlias = Mapping[str, Sequence[tuple[str, str]]]


class Allocation(NamedTuple):
    """A row of ALLOCATIONS."""

    payment: str
    value_date: Any
    account: str
    document: str
    amount_minor: int
    currency: str
    settled_minor: int
    method: str
    confidence: str


class OpenDocument(NamedTuple):
    """A row of DOCUMENTS as the matcher sees it."""

    document: str
    account: str
    currency: str
    debt_minor: int
    due_on: Any
    payment_reference: str
    purchase_order: str
    corrects: str
    discount_minor: int
    discount_until: Any


class AdviceLine(NamedTuple):
    """A row of REMITTANCE_LINES: what the payer says a part of a payment is for."""

    reference: str
    amount_minor: int
    memo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What payers wrote, by the position of their payments; a column each, so that a million take little room."""

    columns: tuple[Any, ...] = ()
    names: Any = ()
    rules_hit: Mapping[int, str] = field(default_factory=dict)

    def of(self, payment: Payment) -> tuple[str, ...]:
        """Return structured reference, end-to-end id and text of a payment."""
        return tuple(str(column[payment.position]) for column in self.columns)

    def name(self, payment: Payment) -> str:
        """Return the name of the other side."""
        return str(self.names[payment.position]) if len(self.names) else ""


@dataclass(slots=True, kw_only=True)
class Book:
    """Open amounts by document and what is left of each payment; every step of the matcher reads and writes it.

    ``open_minor`` starts at each document's debt and ``left_minor`` at each payment's amount. ``on_account`` and
    ``not_receivable_minor`` are what was taken out of the match, ``barred`` what a person undid; ``returned`` links a
    returned payment and its return, both ways, and ``reserved`` has the returns that a person links in the end.
    ``by_reference`` has the documents of each spelling of a reference; ``quotes``, ``advices`` and ``words`` are what
    payers say of their payments. ``by_transfer`` and, once anybody asks, ``paid_under`` find the payments that a debit
    may return, ``adjusted`` has what was let go with a payment and ``let_go_minor`` what in a year,
    ``netted`` by how much and since when credit notes reduce documents.
    """

    documents: Mapping[str, OpenDocument]
    payments: Payments
    links: Mapping[str, str]
    terms: Terms
    by_reference: References = field(default_factory=dict)
    quotes: Mapping[str, tuple[Quote, ...]] = field(default_factory=dict)
    advices: Mapping[str, Sequence[AdviceLine]] = field(default_factory=dict)
    words: Words = field(default_factory=Words)
    open_minor: dict[str, int] = field(init=False)
    left_minor: LeftMinor = field(init=False)
    allocations: dict[str, list[Allocation]] = field(default_factory=lambda: defaultdict(list))
    adjustments: list[tuple[Any, ...]] = field(default_factory=list)
    adjusted: dict[str, list[tuple[str, str, int]]] = field(default_factory=lambda: defaultdict(list))
    let_go_minor: dict[tuple[str, str, int], int] = field(default_factory=lambda: defaultdict(int))
    netted: dict[str, list[tuple[Any, int]]] = field(default_factory=lambda: defaultdict(list))
    sums: dict[tuple[str, str], SubsetSums | None] = field(default_factory=dict)
    on_account: dict[str, str] = field(default_factory=dict)
    not_receivable_minor: dict[str, int] = field(default_factory=dict)
    barred: set[tuple[str, str]] = field(default_factory=set)
    returned: dict[str, str] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)
    accounts_by_iban: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    open_items: dict[tuple[str, str], dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    by_transfer: dict[tuple[str, str, int], list[Payment]] = field(default_factory=lambda: defaultdict(list))
    paid_under: Mapping[str, Sequence[Payment]] | None = None
    has_discounts: bool = field(init=False)
    has_credits: bool = field(init=False)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        amounts_minor = self.payments.amounts_minor
        for payment in self.payments.where(np.isin(amounts_minor, -amounts_minor[amounts_minor < 0])):
            self.by_transfer[payment.bank_account, payment.currency, payment.amount_minor].append(payment)
        self.open_minor = {document.document: document.debt_minor for document in self.documents.values()}
        self.left_minor = LeftMinor(self.payments)
        self.has_discounts = any(document.discount_minor for document in self.documents.values())
        self.has_credits = any(document.debt_minor < 0 for document in self.documents.values())
        for document in self.documents.values():
            if document.debt_minor:
                self.open_items[document.account, document.currency][document.document] = document.debt_minor

    def apply(self, payment: Payment, document: str, amounts: tuple[int, int], how: tuple[str, str]) -> None:
        """Apply a payment to a document and learn its payer.

        Args:
            amounts: in the payment's and in the document's currency, minor units.
            how: method and confidence.
        """
        amount_minor, settled_minor = amounts
        account = self.documents[document].account
        row = (payment.payment, payment.value_date, account, document, amount_minor, payment.currency, settled_minor)
        self.allocations[payment.payment].append(Allocation(*row, *how))
        self.left_minor[payment.payment] -= amount_minor
        self.reduce(document, settled_minor)
        if payment.counterparty_iban:
            self.accounts_by_iban[payment.counterparty_iban].add(account)

    def reduce(self, document: str, settled_minor: int) -> None:
        """Take what was settled off a document; a negative amount opens it again."""
        owed = self.documents[document]
        self.open_minor[document] -= settled_minor
        items = self.open_items[owed.account, owed.currency]
        self.sums.pop((owed.account, owed.currency), None)
        if self.open_minor[document]:
            items[document] = self.open_minor[document]
        else:
            items.pop(document, None)

    def undoes(self, document: str, settled_minor: int) -> bool:
        """Say whether a settlement opens a document again: one of a debt below zero, or of a credit above."""
        return settled_minor * self.documents[document].debt_minor < 0

    def adjust(self, payment: Payment, document: str, kind: str, amount_minor: int) -> None:
        """Let a difference between a payment and a document go, as an adjustment with its reason."""
        account, currency = self.documents[document].account, payment.currency
        self.reduce(document, amount_minor)
        self.adjusted[payment.payment].append((document, kind, amount_minor))
        if kind in CAPPED_KINDS:
            self.let_go_minor[account, currency, payment.value_date.year] += amount_minor
        by = (payment.value_date, self.terms.approved_by(kind), payment.payment, "")
        self.adjustments.append((document, account, kind, amount_minor, currency, *by))

    def left(self, among: Iterable[Payment]) -> Iterator[Payment]:
        """Yield the payments that a step may still apply."""
        for payment in among:
            name = payment.payment
            apart = name in self.on_account or name in self.returned or name in self.reserved
            if self.left_minor[name] and not apart:
                yield payment

    def quoted(self, payment: Payment) -> tuple[Quote, ...]:
        """Return what the payment quotes, whatever the state of the documents."""
        found = self.quotes.get(payment.payment, ())
        if self.barred:
            return tuple(quote for quote in found if (payment.payment, quote.document) not in self.barred)
        return found

    def referred(self, payment: Payment) -> tuple[str, ...]:
        """Return the documents that the payment surely refers to, whatever their state."""
        return tuple(quote.document for quote in self.quoted(payment) if self.is_sure(payment, quote))

    def is_sure(self, payment: Payment, quote: Quote) -> bool:
        """Say whether a quote can only mean its document: by more than digits, or many digits of the payer's own."""
        return quote.exact or quote.named or (quote.likely and self.owns(payment, quote.document))

    def may_pay(self, payment: Payment, document: str) -> bool:
        """Say whether a reference settles the document without a person: its payer is new, its own, or linked."""
        known = self.accounts_by_iban.get(payment.counterparty_iban)
        return not known or self.owns(payment, document)

    def owns(self, payment: Payment, document: str) -> bool:
        """Say whether the payer has paid for the document's account before, or for one that is linked to it."""
        known = self.accounts_by_iban.get(payment.counterparty_iban, set())
        owner = self.documents[document].account
        return owner in known or any(self._linked(account, owner) for account in known)

    def own_items(self, payment: Payment) -> Mapping[str, int]:
        """Return what is open in the payment's currency on the accounts that its payer has paid for, credits too."""
        return self.items_of(payment, self.accounts_by_iban.get(payment.counterparty_iban, ()))

    def items_of(self, payment: Payment, accounts: Collection[str]) -> Mapping[str, int]:
        """Return what is open in the payment's currency on accounts, but for what a person undid."""
        if len(accounts) == 1:
            items = self.open_items.get((next(iter(accounts)), payment.currency), {})
        else:
            items = {}
            for account in sorted(accounts):
                items |= self.open_items.get((account, payment.currency), {})
        if self.barred:
            return {name: minor for name, minor in items.items() if (payment.payment, name) not in self.barred}
        return items

    def payer(self, payment: Payment) -> str:
        """Return the account that the rest of a payment belongs to where that is certain, else nothing."""
        if payment.payment in self.on_account:
            return self.on_account[payment.payment]
        if self.not_receivable_minor.get(payment.payment) or self.costs_minor(payment):
            return ""
        own = {row.account for row in self.allocations.get(payment.payment, ())}
        known = own or self.accounts_by_iban.get(payment.counterparty_iban, set())
        return next(iter(known)) if len(known) == 1 else ""

    def came_back(self, payment: Payment) -> bool:
        """Say whether all of a payment that had come was returned."""
        back = self.returned.get(payment.payment)
        return back is not None and payment.amount_minor <= -self.payments[back].amount_minor

    def costs_minor(self, payment: Payment) -> int:
        """Return what a returned payment took beyond what had come: the bank's costs, which no customer owes yet."""
        original = self.returned.get(payment.payment)
        if original is None or payment.amount_minor > 0:
            return 0
        return max(0, -payment.amount_minor - self.payments[original].amount_minor)

    def _linked(self, one: str, other: str) -> bool:
        return self.links.get(one) == other or self.links.get(other) == one
