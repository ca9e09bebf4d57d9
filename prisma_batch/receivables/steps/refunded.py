"""Money paid back: a debit that meets a refund which a case granted."""

from collections.abc import Callable

from pandas import DataFrame

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.records.table import rows_of


def refund_step(book: Book, refunds: DataFrame) -> Callable[[Book, Payment], None]:
    """Return the step for the granted refunds (REFUNDS): each pays out one open credit of a known payee."""
    granted = list(rows_of(refunds))
    paid_out = [row for rows in book.allocations.values() for row in rows if row.method == "refund"]
    for row in paid_out:  # of closed periods
        met = [
            refund for refund in granted if (refund.document, -refund.amount_minor) == (row.document, row.amount_minor)
        ]
        granted = [refund for refund in granted if refund is not next(iter(met), None)]

    def step(book: Book, payment: Payment) -> None:
        payee = book.accounts_by_iban.get(payment.counterparty_iban, set())
        met = [
            refund
            for refund in granted
            if payment.amount_minor == -refund.amount_minor
            and (refund.account in payee or refund.document in book.referred(payment))
            and refund.document in book.documents
            and book.documents[refund.document].currency == payment.currency
            and book.open_minor[refund.document] <= payment.amount_minor
        ]
        if len(met) == 1:
            amounts = (payment.amount_minor, payment.amount_minor)
            book.apply(payment, met[0].document, amounts, ("refund", f"certain: granted in {met[0].case}"))
            granted.remove(met[0])

    return step
