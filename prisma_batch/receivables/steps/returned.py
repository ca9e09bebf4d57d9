"""Money that went back: a debit that reverses an earlier payment reopens what that payment had settled."""

from collections.abc import Container, Iterator

from prisma_batch.receivables.book import Allocation, Book
from prisma_batch.receivables.earlier_payments import sharing_a_reference
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.references import normal


def step(book: Book, payment: Payment) -> None:
    """Find the payment that a debit returns and take its allocations back; both stay visible.

    The original is the last earlier payment into the same bank account of the same amount that shares a reference with
    the debit, or its counterparty where the bank marks the entry as a reversal; else the only one of another amount
    that shares a reference with a marked reversal. What is taken back beyond the original are the costs of the return.
    """
    original = link(book, payment) or link_of_another_amount(book, payment)
    if not original:
        return
    how = ("returned", f"certain: takes back {original}")
    for row in _rows_taken_back(book, book.payments[original], payment):
        book.apply(payment, row.document, (-row.amount_minor, -row.settled_minor), how)
    for document, kind, amount_minor in tuple(book.adjusted.get(original, ())):
        book.adjust(payment, document, kind, -amount_minor)


def _rows_taken_back(book: Book, original: Payment, payment: Payment) -> tuple[Allocation, ...]:
    rows = tuple(book.allocations.get(original.payment, ()))
    if -payment.amount_minor >= original.amount_minor:
        return rows
    return tuple(row._replace(amount_minor=-payment.amount_minor, settled_minor=-payment.amount_minor) for row in rows)


def link(book: Book, payment: Payment, among: Container[str] | None = None) -> str:
    """Link a debit with the payment of its amount that it returns, and return that one; nothing where there is none.

    Args:
        among: the payments that came back in closed periods, where the debit is one of theirs.
    """
    found = (earlier for earlier in _originals(book, payment) if among is None or earlier.payment in among)
    return _linked(book, payment, next(found, None) if payment.amount_minor < 0 else None)


def link_of_another_amount(book: Book, payment: Payment, among: Container[str] | None = None) -> str:
    """Link a marked reversal with the only payment that it can mean, if it is clear what a part of it takes back.

    Args:
        among: the payments of closed periods, where the debit is one of theirs: then it was clear.
    """
    if payment.amount_minor >= 0 or not payment.reversal:
        return ""
    found = [earlier for earlier in sharing_a_reference(book, payment) if among is None or earlier.payment in among]
    is_clear = len(found) == 1 and (among is not None or _is_clear(book, found[0], payment))
    return _linked(book, payment, found[0] if is_clear else None)


def _linked(book: Book, payment: Payment, original: Payment | None) -> str:
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


def _is_clear(book: Book, original: Payment, payment: Payment) -> bool:
    if -payment.amount_minor > original.amount_minor:
        return True
    rows = book.allocations.get(original.payment, ())
    one_whole = len(rows) == 1 and rows[0].amount_minor == rows[0].settled_minor == original.amount_minor
    return one_whole and original.payment not in book.adjusted
