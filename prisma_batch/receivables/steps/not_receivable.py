"""Bank entries that no customer owes: fees, interest, transfers between own accounts."""

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment


def step(book: Book, payment: Payment) -> None:
    """Set an entry apart for which a declared rule holds, unless a person has decided about it."""
    decided = payment.payment in book.allocations or payment.payment in book.not_receivable_minor
    if payment.position in book.words.rules_hit and not decided:
        set_apart(book, payment)


def set_apart(book: Book, payment: Payment) -> None:
    """Take all that is left of an entry out of the match."""
    book.not_receivable_minor[payment.payment] = book.left_minor[payment.payment]
    book.left_minor[payment.payment] = 0
