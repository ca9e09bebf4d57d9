"""A payment without a reference from a known payer, of exactly the amount of one open document."""

import re

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.look_alikes import context_of
from prisma_batch.receivables.payments import Payment

_NUMBER = re.compile(r"[0-9]+")
_LAST_NUMBER = re.compile(r"([0-9]+)[^0-9]*$")


def step(book: Book, payment: Payment) -> None:
    """Apply money to the only open document of the payer's account that has this amount; two are never guessed between.

    Of several, the text may still say which: by the end of its number, such as ``invoice 123``. The payer is known by
    the accounts that its IBAN has paid for.
    """
    equal = equal_documents(book, payment)
    amount = book.left_minor[payment.payment]
    if len(equal) == 1:
        how = ("account_amount", "unique: the payer's only open item of this amount")
        book.apply(payment, equal[0], (amount, amount), how)
    elif equal:
        named = named_in_short(book, payment, equal)
        if len(named) == 1:
            how = ("text_reference", "certain: the text gives the end of its number, and the amount agrees")
            book.apply(payment, named[0], (amount, amount), how)


def equal_documents(book: Book, payment: Payment) -> list[str]:
    """Return the open documents of the payer's accounts with the amount that is left of the payment."""
    left = book.left_minor[payment.payment]
    return [document for document, minor in book.own_items(payment).items() if minor == left]


def named_in_short(book: Book, payment: Payment, documents: list[str]) -> list[str]:
    """Return the documents of which the text gives the last part of the number, behind a word for an invoice or #."""
    text = " ".join(book.words.of(payment)).upper()
    numbers = {
        found[0].lstrip("0")
        for found in _NUMBER.finditer(text)
        if text[: found.start()].endswith("#") or context_of(text, found.start()) == "invoice"
    }
    return [document for document in documents if short_number(document) in numbers]


def short_number(number: str) -> str:
    """Return the last part of a document's number without leading zeros: 123 of INV-2026-00123."""
    found = _LAST_NUMBER.search(number)
    return found[1].lstrip("0") if found else ""
