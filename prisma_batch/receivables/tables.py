"""The tables of the receivables, read off the matched book."""

from collections.abc import Iterator
from typing import Any

from pandas import DataFrame

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.suggestions import Suggester
from prisma_batch.records.table import is_among
from prisma_batch.records.tables import (
    ADJUSTMENTS,
    ALLOCATIONS,
    PAYMENTS,
    UNAPPLIED,
)


def allocations_of(book: Book) -> DataFrame:
    """Return ALLOCATIONS sorted by value date, payment and document."""
    table = ALLOCATIONS.of(row for rows in book.allocations.values() for row in rows)
    return table.sort_values(["value_date", "payment", "document"], kind="stable", ignore_index=True)


def adjustments_of(book: Book) -> DataFrame:
    """Return ADJUSTMENTS: what people granted, and both sides of each settlement across currencies."""
    exchange = [row for rows in book.allocations.values() for allocation in rows for row in _exchange(book, allocation)]
    table = ADJUSTMENTS.of([*book.adjustments, *exchange])
    return table.sort_values(
        ["on", "document", "kind", "source", "pointer", "currency"], kind="stable", ignore_index=True
    )


def _exchange(book: Book, row: Any) -> Iterator[tuple[Any, ...]]:
    currency = book.documents[row.document].currency
    if currency != row.currency:
        of = (row.value_date, "", row.payment, "")
        yield (row.document, row.account, "exchange", row.settled_minor, currency, *of)
        yield (row.document, row.account, "exchange", -row.amount_minor, row.currency, *of)


def unapplied_of(book: Book) -> DataFrame:
    """Return UNAPPLIED: what is left of each payment, whose it is, why, and what a person might settle with it."""
    rows = []
    left_over = [payment for payment in book.payments.values() if book.left_minor[payment.payment]]
    suggester = Suggester.of(book, left_over) if left_over else None
    applied = {(row.document, row.amount_minor) for rows in book.allocations.values() for row in rows}
    for payment in left_over:
        reason = _reason(book, payment, applied)
        place = (payment.payment, payment.value_date, book.payer(payment))
        text = suggester.text(payment) if suggester else ""
        rows.append((*place, book.left_minor[payment.payment], payment.currency, reason, text))
    return UNAPPLIED.of(rows).sort_values(["value_date", "payment"], ignore_index=True)


def _reason(book: Book, payment: Payment, applied: set[tuple[str, int]]) -> str:
    if payment.payment in book.returned:
        return "returned"
    if payment.payment in book.on_account:
        return "on_account"
    referred = [book.documents[document] for document in book.referred(payment)]
    if payment.amount_minor > 0 and referred:
        if all(document.currency != payment.currency for document in referred):
            return "payment_currency_mismatch"
        if book.allocations.get(payment.payment):
            return "over_payment"
        paid = [document.document for document in referred if book.open_minor[document.document] == 0]
        if any((document, payment.amount_minor) in applied for document in paid):
            return "duplicate_payment"
    return "unapplied_cash" if book.payer(payment) else "unidentified_payment"


def payments_of(book: Book, entries: DataFrame) -> DataFrame:
    """Return PAYMENTS: every bank entry up to as-of with its account and what became of it."""
    known = entries[is_among(entries["payment"], book.payments.positions)]
    payments = [book.payments[name] for name in known["payment"].tolist()]
    states = {
        "account": [book.payer(payment) for payment in payments],
        "state": [_state(book, payment) for payment in payments],
    }
    return PAYMENTS.conform(known.assign(**states))


def _state(book: Book, payment: Payment) -> str:
    if payment.amount_minor < 0 and (payment.payment in book.returned or _took_back(book, payment)):
        return "returned"
    if book.came_back(payment):
        return "reversed"
    if book.not_receivable_minor.get(payment.payment):
        return "not_receivable"
    if not book.left_minor[payment.payment]:
        return "refunded" if payment.amount_minor < 0 else "applied"
    if book.left_minor[payment.payment] != payment.amount_minor:
        return "partly_applied"
    return "unapplied" if book.payer(payment) else "unidentified"


def _took_back(book: Book, payment: Payment) -> bool:
    """Say whether a person decided that a debit opened documents again with all of it; a refund opens none."""
    rows = book.allocations.get(payment.payment, ())
    whole = not book.left_minor[payment.payment] and not book.not_receivable_minor.get(payment.payment)
    return whole and any(row.method != "refund" and book.undoes(row.document, row.settled_minor) for row in rows)
