"""A payment that quotes documents: by their exact reference, or by their numbers in its text."""

from collections.abc import Mapping, Sequence

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.quotes import Quote
from prisma_batch.receivables.settlement import (
    account_items,
    discounts,
    due_order,
    gap_kind,
    only_subset,
    settle_in_full,
    settle_less,
)
from prisma_batch.receivables.subsets import can_tell


def step(book: Book, payment: Payment) -> None:
    """Apply money to the documents that it quotes where it settles them, or where one of them can take it all.

    A reference to another account's document counts only where the payer is new, has paid for that account before, or
    is linked to it by ``billed_to`` (CONTRACT, whose debt). Digits without the rest of a number count only where the
    amount agrees to the cent.
    """
    quotes = _payable(book, payment)
    if not quotes or pay_in_full(book, payment):
        return
    sure = {name: quote for name, quote in quotes.items() if book.is_sure(payment, quote)}
    around = account_items(book, payment, quotes)
    if sure and (_settles(book, payment, sure, around) or _settles_less(book, payment, sure, around)):
        return
    if len(sure) < len(quotes) and _settles(book, payment, quotes, around):
        return
    _settles_a_part(book, payment, sure, around)


def pay_in_full(book: Book, payment: Payment) -> bool:
    """Apply money to the only document that it quotes where that is open with just this amount; say whether it was."""
    quotes = _payable(book, payment)
    return len(quotes) == 1 and _settles_one(book, payment, next(iter(quotes.values())))


def _payable(book: Book, payment: Payment) -> dict[str, Quote]:
    """Return what a payment quotes and may settle; nothing for money that leaves."""
    quoted = book.quoted(payment) if payment.amount_minor > 0 else ()
    return {quote.document: quote for quote in quoted if _is_payable(book, payment, quote.document)}


def _is_payable(book: Book, payment: Payment, document: str) -> bool:
    owed_in = book.documents[document].currency
    return bool(book.open_minor[document]) and owed_in == payment.currency and book.may_pay(payment, document)


def _settles_one(book: Book, payment: Payment, quote: Quote) -> bool:
    left = book.left_minor[payment.payment]
    if book.open_minor[quote.document] == left:
        book.apply(payment, quote.document, (left, left), _how(quote))
        return True
    return False


def _settles(book: Book, payment: Payment, quotes: Mapping[str, Quote], around: Mapping[str, int]) -> bool:
    """Settle the quoted documents to the cent: all, the only ones of them that fit, or with open credits."""
    left = book.left_minor[payment.payment]
    items = {name: book.open_minor[name] for name in quotes}
    debts = [name for name, minor in items.items() if minor > 0]
    owed = sum(items[name] for name in debts)
    if not debts:
        return False
    names: Sequence[str] = ()
    if sum(items.values()) == left:
        names = tuple(items)
    elif owed == left:
        names = debts
    elif len(items) > 1:
        names = only_subset(items, left)
    how: dict[str, tuple[str, str]] = _evidence(quotes) if names or book.has_credits else {}
    if not names and left < owed and book.has_credits:
        open_credits = {name: minor for name, minor in around.items() if minor < 0 and name not in items}
        netted = only_subset(open_credits, left - owed)
        how |= dict.fromkeys(netted, ("credit_netted", "certain: the difference is exactly this open credit"))
        names = [*debts, *netted] if netted else ()
    settle_in_full(book, payment, names, how)
    return bool(names)


def _settles_less(book: Book, payment: Payment, quotes: Mapping[str, Quote], around: Mapping[str, int]) -> bool:
    """Settle the quoted documents with what the terms let go: cash discount, else a small difference."""
    if not (book.has_discounts or book.terms.tolerance):
        return False
    left = book.left_minor[payment.payment]
    debts = {name: book.open_minor[name] for name in quotes if book.open_minor[name] > 0}
    gap = sum(debts.values()) - left
    if not debts or gap <= 0:
        return False
    less = discounts(book, payment, debts)
    how = {name: quoted for name, quoted in _evidence(quotes).items() if name in debts}
    if less and sum(minor for _, minor in less.values()) == gap:
        settle_less(book, payment, less, how)
        return True
    last = max(debts, key=lambda name: due_order(book, name))
    if gap >= debts[last] or _is_for_another(left, quotes, around):
        return False
    kind = gap_kind(book, payment, last, gap, sum(debts.values()))
    if kind:
        settle_less(book, payment, {last: (kind, gap)}, how)
    return bool(kind)


def _settles_a_part(book: Book, payment: Payment, quotes: Mapping[str, Quote], around: Mapping[str, int]) -> None:
    """Settle what is quoted by more, or one document by less, where nothing else explains the amount."""
    left = book.left_minor[payment.payment]
    debts = {name: book.open_minor[name] for name in quotes if book.open_minor[name] > 0}
    if not debts or not all(quotes[name].exact or book.owns(payment, name) for name in debts):
        return
    if _is_for_another(left, quotes, around):
        return
    how, rest = _evidence(quotes), left - sum(debts.values())
    if rest > 0:
        others = {name: minor for name, minor in around.items() if name not in quotes}
        unnamed = only_subset(others, rest) if can_tell([*others.values(), *debts.values()]) else ()
        reason = f"unique: with {', '.join(debts)} it adds up to the payment"
        settle_in_full(book, payment, [*debts, *unnamed], how | dict.fromkeys(unnamed, ("account_subset", reason)))
    elif len(debts) == 1:
        [name] = debts
        book.apply(payment, name, (left, left), how[name])


def _is_for_another(left_minor: int, quotes: Mapping[str, Quote], around: Mapping[str, int]) -> bool:
    """Say whether the amount is exactly that of a document which is not quoted: the payer may have mixed them up."""
    return left_minor in around.values() and any(
        minor == left_minor and name not in quotes for name, minor in around.items()
    )


def _evidence(quotes: Mapping[str, Quote]) -> dict[str, tuple[str, str]]:
    return {name: _how(quote) for name, quote in quotes.items()}


def _how(quote: Quote) -> tuple[str, str]:
    return "exact_reference" if quote.exact else "text_reference", f"certain: {quote.evidence}"
