"""Money paid back: a debit that meets a refund which a case granted."""

from collections.abc import Callable
from typing import Any

from pandas import DataFrame

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.records.table import rows_of


def still_granted(book: Book, refunds: DataFrame) -> list[Any]:
    """Return the granted refunds (REFUNDS) that no closed period paid out."""
    granted = list(rows_of(refunds))
    paid_out = [row for rows in book.allocations.values() for row in rows if row.method == "refund"]
    for row in paid_out:
        met = [
            refund for refund in granted if (refund.document, -refund.amount_minor) == (row.document, row.amount_minor)
        ]
        granted = [refund for refund in granted if refund is not next(iter(met), None)]
    return granted


def credit_step(granted: list[Any]) -> Callable[[Book, Payment], None]:
    """Return the step by which a refund pays out one open credit of a known payee; what is met leaves the list."""

    def step(book: Book, payment: Payment) -> None:
        met = [
            refund
            for refund in _met(book, payment, granted)
            if book.open_minor[refund.document] <= payment.amount_minor
        ]
        if len(met) == 1:
            _pay_out(book, payment, met[0])
            granted.remove(met[0])

    return step


def excess_step(granted: list[Any]) -> Callable[[Book, Payment], None]:
    """Return the step by which a refund gives back what one payment brought too much for its document.

    What was left of that payment is applied to the document, and the refund takes it off again: both rows show.
    """

    def step(book: Book, payment: Payment) -> None:
        met = [(refund, own) for refund in _met(book, payment, granted) for own in _excess(book, refund)]
        if len(met) == 1:
            refund, excess = met[0]
            amounts = (refund.amount_minor, refund.amount_minor)
            book.apply(excess, refund.document, amounts, ("refund", f"certain: paid back by {payment.payment}"))
            _pay_out(book, payment, refund)
            granted.remove(refund)

    return step


def _met(book: Book, payment: Payment, granted: list[Any]) -> list[Any]:
    payee = book.accounts_by_iban.get(payment.counterparty_iban, set())
    return [
        refund
        for refund in granted
        if payment.amount_minor == -refund.amount_minor
        and (refund.account in payee or refund.document in book.referred(payment))
        and refund.document in book.documents
        and book.documents[refund.document].currency == payment.currency
    ]


def _excess(book: Book, refund: Any) -> list[Payment]:
    document = book.documents[refund.document]
    return [
        payment
        for payment in book.payments.where(book.left_minor.column() >= refund.amount_minor)
        if payment.currency == document.currency
        and book.payer(payment) == refund.account
        and (document.document in book.referred(payment) or _settles(book, payment, document.document))
    ]


def _settles(book: Book, payment: Payment, document: str) -> bool:
    return any(row.document == document for row in book.allocations.get(payment.payment, ()))


def _pay_out(book: Book, payment: Payment, refund: Any) -> None:
    amounts = (payment.amount_minor, payment.amount_minor)
    book.apply(payment, refund.document, amounts, ("refund", f"certain: granted in {refund.case}"))
