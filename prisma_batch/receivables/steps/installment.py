"""A payment of exactly what is due next by a payment plan settles documents of the plan."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.plans import Dues, installments
from prisma_batch.receivables.settlement import due_order
from prisma_batch.records.table import rows_of


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """A plan from its day on: its documents, those due first in front, and its installments."""

    case: str
    granted_at: Any
    documents: tuple[str, ...]
    dues: Dues


def installment_step(book: Book, assistance: Assistance) -> Callable[[Book, Payment], None]:
    """Return the step for the plans that were granted.

    The amount is that of the next installment, or of the next few. Whoever quotes anything else means that; without a
    quote the payer is known by its IBAN, and no other open item may have the amount.
    """
    plans = _by_account(book, assistance)

    def step(book: Book, payment: Payment) -> None:
        fitting = [plan for plan in _plans_of(book, payment, plans) if _fits(book, payment, plan)]
        if len(fitting) == 1:
            _apply(book, payment, fitting[0])

    return step


def _by_account(book: Book, assistance: Assistance) -> Mapping[tuple[str, str], Sequence[_Plan]]:
    """Return plans by account and currency; a document is in the plan that was granted last for it."""
    last = {row.document: row for row in rows_of(assistance.plans.sort_values(["on", "plan"], kind="stable"))}
    covered = defaultdict(list)
    for document, row in last.items():
        if document in book.documents:
            covered[row.plan].append(document)
    dues = defaultdict(list)
    for row in rows_of(assistance.installments):
        dues[row.plan].append((row.due_on.date(), int(row.amount_minor)))
    found: dict[tuple[str, str], list[_Plan]] = defaultdict(list)
    for name, documents in covered.items():
        own, row = book.documents[documents[0]], last[documents[0]]
        ordered = tuple(sorted(documents, key=lambda document: due_order(book, document)))
        plan = _Plan(case=row.case, granted_at=row.on, documents=ordered, dues=tuple(dues[name]))
        found[own.account, own.currency].append(plan)
    return found


def _plans_of(book: Book, payment: Payment, plans: Mapping[tuple[str, str], Sequence[_Plan]]) -> Iterator[_Plan]:
    """Yield the plans that a payment may be for: of the accounts of its payer, or of what it quotes."""
    if payment.amount_minor <= 0:
        return
    quoted = {quote.document for quote in book.quoted(payment)}
    accounts = {book.documents[document].account for document in quoted}
    accounts |= book.accounts_by_iban.get(payment.counterparty_iban, set())
    for account in sorted(accounts):
        for plan in plans.get((account, payment.currency), ()):
            if payment.value_date >= plan.granted_at and _is_meant(book, payment, plan, quoted):
                yield plan


def _is_meant(book: Book, payment: Payment, plan: _Plan, quoted: set[str]) -> bool:
    if quoted:
        return quoted <= {*plan.documents} and book.may_pay(payment, plan.documents[0])
    left, others = book.left_minor[payment.payment], book.own_items(payment)
    return all(minor != left or document in plan.documents for document, minor in others.items())


def _fits(book: Book, payment: Payment, plan: _Plan) -> bool:
    """Say whether the payment is what is open of the next installment, or of the next few together."""
    open_minor = sum(max(book.open_minor[document], 0) for document in plan.documents)
    next_ones = (own.open_minor for own in installments(plan.dues, open_minor) if own.open_minor)
    return book.left_minor[payment.payment] in accumulate(next_ones)


def _apply(book: Book, payment: Payment, plan: _Plan) -> None:
    how = ("installment", f"certain: what was due next by the payment plan of {plan.case}")
    for document in plan.documents:
        amount = min(book.left_minor[payment.payment], max(book.open_minor[document], 0))
        if amount:
            book.apply(payment, document, (amount, amount), how)
