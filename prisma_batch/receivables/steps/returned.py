"""Money that went back: a debit that reverses an earlier payment reopens what that payment had settled."""

from collections.abc import Container, Iterator

from prisma_batch.receivables.book import Book, Payment
from prisma_batch.receivables.references import normal


def step(book: Book, payment: Payment) -> None:
    """Find the payment that a debit returns and take its allocations back; both stay visible.

    The original is the last earlier payment into the same bank account of the same amount that shares a reference with
    the debit, or its counterparty where the bank marks the entry as a reversal.
    """
    original = link(book, payment)
    if original:
        for row in tuple(book.allocations.get(original, ())):
            how = ("returned", f"certain: takes back {original}")
            book.apply(payment, row.document, (-row.amount_minor, -row.settled_minor), how)
        for document, kind, amount_minor in tuple(book.adjusted.get(original, ())):
            book.adjust(payment, document, kind, -amount_minor)


def link(book: Book, payment: Payment, among: Container[str] | None = None) -> str:
    """Link a debit with the payment that it returns, and return that one; nothing where there is none.

    Args:
        among: the payments that came back in closed periods, where the debit is one of theirs.
    """
    found = (earlier for earlier in _originals(book, payment) if among is None or earlier.payment in among)
    original = next(found, None) if payment.amount_minor < 0 else None
    if original is None:
        return ""
    book.returned[original.payment] = payment.payment
    book.returned[payment.payment] = original.payment
    return original.payment


def _originals(book: Book, payment: Payment) -> Iterator[Payment]:
    transfer = (payment.bank_account, payment.currency, -payment.amount_minor)
    for earlier in reversed(book.by_transfer[transfer]):
        before = earlier.position < payment.position
        if before and earlier.payment not in book.returned and _same_transfer(book, earlier, payment):
            yield earlier


def _same_transfer(book: Book, earlier: Payment, payment: Payment) -> bool:
    if set(book.referred(earlier)) & set(book.referred(payment)):
        return True
    if set(filter(None, map(normal, book.words.of(earlier)))) & set(map(normal, book.words.of(payment))):
        return True
    return payment.reversal and earlier.counterparty_iban == payment.counterparty_iban != ""
