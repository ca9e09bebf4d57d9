"""The earlier payments that a debit may return, by what both refer to."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.references import normal

_FIELDS = 2  # of the words, those that are references: what payers write freely is alike too often


def sharing_a_reference(book: Book, payment: Payment) -> list[Payment]:
    """Return the earlier payments, of whatever amount, that refer to what a debit refers to and may be of its payer.

    They came into the same bank account in the same currency, and have not come back.
    """
    if book.paid_under is None:
        book.paid_under = _paid_under(book)
    under = book.paid_under
    found = {
        earlier.payment: earlier for reference in _references(book, payment) for earlier in under.get(reference, ())
    }
    return [earlier for earlier in found.values() if _may_come_back(book, earlier, payment)]


def _may_come_back(book: Book, earlier: Payment, payment: Payment) -> bool:
    is_before = earlier.position < payment.position and earlier.payment not in book.returned
    place = (payment.bank_account, payment.currency)
    payers = ("", payment.counterparty_iban)
    same_payer = not payment.counterparty_iban or earlier.counterparty_iban in payers
    return is_before and same_payer and (earlier.bank_account, earlier.currency) == place


def _references(book: Book, payment: Payment) -> set[str]:
    written = map(normal, book.words.of(payment)[:_FIELDS])
    return {*filter(None, written), *book.referred(payment)}


def _paid_under(book: Book) -> Mapping[str, Sequence[Payment]]:
    """Return the payments under each reference that any debit gives: few of many, so columns are asked at once."""
    debits = book.payments.where(book.payments.amounts_minor < 0)
    found: dict[str, list[Payment]] = defaultdict(list)
    for column in book.words.columns[:_FIELDS]:
        said = {str(column[payment.position]) for payment in debits} - {""}
        for position in pd.Series(column).isin(sorted(said)).to_numpy().nonzero()[0].tolist():
            found[normal(str(column[position]))].append(book.payments.at(position))
    documents = {document for payment in debits for document in book.referred(payment)}
    for name, quotes in book.quotes.items() if documents else ():
        for quote in quotes:
            if quote.document in documents:
                found[quote.document].append(book.payments[name])
    return {under: [payment for payment in rows if payment.amount_minor > 0] for under, rows in found.items()}
