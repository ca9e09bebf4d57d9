"""What a payment may settle: documents to the cent, less what the terms let go, or with open credits."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.subsets import MOST_ITEMS, SubsetSums
from prisma_batch.receivables.terms import CAPPED_KINDS

Evidence = Mapping[str, tuple[str, str]]

_FEE = re.compile(
    r"\b(?:fees?|charges?|bank ?costs?|(?:bank)?kosten|spesen|geb(?:ü|ue)hr(?:en)?|entgelt|frais|op[łl]ata)\b",
    re.IGNORECASE,
)


def settle_in_full(book: Book, payment: Payment, documents: Iterable[str], how: Evidence) -> None:
    """Apply a payment to everything that is open of some documents, credits included."""
    for document in documents:
        amount = book.open_minor[document]
        book.apply(payment, document, (amount, amount), how[document])


def settle_less(book: Book, payment: Payment, less: Mapping[str, tuple[str, int]], how: Evidence) -> None:
    """Apply a payment to the documents of ``how`` in full, letting go what ``less`` says: kind and amount."""
    for document in how:
        kind, gap = less.get(document, ("", 0))
        amount = book.open_minor[document] - gap
        book.apply(payment, document, (amount, amount), how[document])
        if gap:
            book.adjust(payment, document, kind, gap)


def discounts(book: Book, payment: Payment, documents: Iterable[str]) -> dict[str, tuple[str, int]]:
    """Return the cash discount of each document that still has one on the payment's value date."""
    found = {}
    for name in documents:
        document = book.documents[name]
        in_time = document.discount_minor and payment.value_date <= document.discount_until
        if in_time and book.open_minor[name] == document.debt_minor:
            found[name] = ("discount", document.discount_minor)
    return found


def gap_kind(book: Book, payment: Payment, document: str, gap_minor: int, claimed_minor: int) -> str:
    """Return as what a receipt's difference may be let go, within its limits and the year's; nothing where it may not.

    Args:
        document: what the adjustment would be booked on.
        gap_minor: claimed less received.
        claimed_minor: what was due.
    """
    if not 0 < gap_minor <= book.terms.limit_minor(claimed_minor, payment.currency):
        return ""
    cap = book.terms.cap_minor(payment.currency)
    year = (book.documents[document].account, payment.currency, payment.value_date.year)
    if cap is not None and book.let_go_minor.get(year, 0) + gap_minor > cap:
        return ""
    words = " ".join(book.words.of(payment))
    return CAPPED_KINDS[bool(_FEE.search(words))]


def only_subset(items: Mapping[str, int], target_minor: int) -> tuple[str, ...]:
    """Return the only documents whose open amounts add up to a sum; nothing where there are none, or others."""
    if not 0 < len(items) <= MOST_ITEMS:
        return ()
    names = tuple(items)
    return tuple(names[position] for position in SubsetSums.of(tuple(items.values())).only(target_minor))


def account_items(book: Book, payment: Payment, documents: Iterable[str]) -> Mapping[str, int]:
    """Return what is open in the payment's currency on the accounts of documents and of the payer."""
    accounts = {book.documents[document].account for document in documents}
    accounts.update(book.accounts_by_iban.get(payment.counterparty_iban, ()))
    return book.items_of(payment, accounts)


def due_order(book: Book, document: str) -> tuple[Any, str]:
    """Order documents by their due date."""
    return book.documents[document].due_on, document
