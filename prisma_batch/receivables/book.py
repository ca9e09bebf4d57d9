"""The book: what is open while payments are matched with documents."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from prisma_batch.base.findings import Finding


class Payment(NamedTuple):
    """A bank entry as the matcher sees it; amounts are minor units, negative for money that leaves."""

    payment: str
    bank_account: str
    value_date: Any
    amount_minor: int
    currency: str
    counterparty_iban: str
    references: tuple[str, ...]
    reversal: bool


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
    references: tuple[str, ...]
    corrects: str


@dataclass(slots=True, kw_only=True)
class Book:
    """Open amounts by document and what is left of each payment; every step of the matcher reads and writes it.

    ``open_minor`` starts at each document's debt and ``left_minor`` at each payment's amount. ``on_account`` and
    ``not_receivable_minor`` are what a person took out of the match, ``barred`` what a person undid; ``returned``
    links a returned payment and its return, both ways.
    """

    documents: Mapping[str, OpenDocument]
    payments: Mapping[str, Payment]
    links: Mapping[str, str]
    open_minor: dict[str, int]
    left_minor: dict[str, int]
    allocations: dict[str, list[Allocation]] = field(default_factory=lambda: defaultdict(list))
    adjustments: list[tuple[Any, ...]] = field(default_factory=list)
    on_account: dict[str, str] = field(default_factory=dict)
    not_receivable_minor: dict[str, int] = field(default_factory=dict)
    barred: set[tuple[str, str]] = field(default_factory=set)
    returned: dict[str, str] = field(default_factory=dict)
    accounts_by_iban: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    by_reference: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_account: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    by_transfer: dict[tuple[str, str, int], list[Payment]] = field(default_factory=lambda: defaultdict(list))
    position: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        for position, payment in enumerate(self.payments.values()):
            self.position[payment.payment] = position
            self.by_transfer[payment.bank_account, payment.currency, payment.amount_minor].append(payment)
        for document in self.documents.values():
            self.by_account[document.account].append(document.document)
            for reference in document.references:
                self.by_reference[reference].append(document.document)

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
        self.open_minor[document] -= settled_minor
        if payment.counterparty_iban:
            self.accounts_by_iban[payment.counterparty_iban].add(account)

    def left(self) -> Iterator[Payment]:
        """Yield, in booking order, the payments that a step may still apply."""
        for payment in self.payments.values():
            name = payment.payment
            if self.left_minor[name] and name not in self.on_account and name not in self.returned:
                yield payment

    def referred(self, payment: Payment) -> tuple[str, ...]:
        """Return the documents that the payment refers to exactly, whatever their state."""
        named = (self.by_reference.get(reference, ()) for reference in payment.references)
        found = dict.fromkeys(document for documents in named for document in documents)
        return tuple(document for document in found if (payment.payment, document) not in self.barred)

    def may_pay(self, payment: Payment, document: str) -> bool:
        """Say whether a reference settles the document without a person: its payer is new, its own, or linked."""
        known = self.accounts_by_iban.get(payment.counterparty_iban, set())
        owner = self.documents[document].account
        return not known or owner in known or any(self._linked(account, owner) for account in known)

    def payer(self, payment: Payment) -> str:
        """Return the account that the rest of a payment belongs to where that is certain, else nothing."""
        if payment.payment in self.on_account:
            return self.on_account[payment.payment]
        own = {row.account for row in self.allocations.get(payment.payment, ())}
        known = own or self.accounts_by_iban.get(payment.counterparty_iban, set())
        return next(iter(known)) if len(known) == 1 else ""

    def _linked(self, one: str, other: str) -> bool:
        return self.links.get(one) == other or self.links.get(other) == one
