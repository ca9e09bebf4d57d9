"""A payment that quotes documents: by their exact reference, or by their numbers in its text."""

from collections.abc import Mapping

from prisma_batch.receivables.book import Book, Payment
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
    if payment.amount_minor < 0:
        return
    quotes = {quote.document: quote for quote in book.quoted(payment) if _is_payable(book, payment, quote.document)}
    if not quotes:
        return
    sure = {name: quote for name, quote in quotes.items() if _is_sure(book, payment, quote)}
    if sure and (_settles(book, payment, sure) or _settles_less(book, payment, sure)):
        return
    if len(sure) < len(quotes) and _settles(book, payment, quotes):
        return
    _settles_a_part(book, payment, sure)


def _is_payable(book: Book, payment: Payment, document: str) -> bool:
    owed_in = book.documents[document].currency
    return bool(book.open_minor[document]) and owed_in == payment.currency and book.may_pay(payment, document)


def _is_sure(book: Book, payment: Payment, quote: Quote) -> bool:
    return quote.exact or quote.named or (quote.likely and book.owns(payment, quote.document))


def _settles(book: Book, payment: Payment, quotes: Mapping[str, Quote]) -> bool:
    """Settle the quoted documents to the cent: all, the only ones of them that fit, or with open credits."""
    left = book.left_minor[payment.payment]
    items = {name: book.open_minor[name] for name in quotes}
    debts = [name for name, minor in items.items() if minor > 0]
    if not debts:
        return False
    how = _evidence(quotes)
    for names in (tuple(items), tuple(debts)):
        if sum(items[name] for name in names) == left:
            settle_in_full(book, payment, names, how)
            return True
    fitting = only_subset(items, left)
    if fitting:
        settle_in_full(book, payment, fitting, how)
        return True
    credit_items = {
        n: minor for n, minor in account_items(book, payment, debts).items() if minor < 0 and n not in items
    }
    netted = only_subset(credit_items, left - sum(items[name] for name in debts))
    for name in netted:
        how[name] = ("credit_netted", "certain: the difference is exactly this open credit")
    settle_in_full(book, payment, [*debts, *netted] if netted else [], how)
    return bool(netted)


def _settles_less(book: Book, payment: Payment, quotes: Mapping[str, Quote]) -> bool:
    """Settle the quoted documents with what the terms let go: cash discount, else a small difference."""
    left = book.left_minor[payment.payment]
    debts = {name: book.open_minor[name] for name in quotes if book.open_minor[name] > 0}
    gap = sum(debts.values()) - left
    how = {name: quoted for name, quoted in _evidence(quotes).items() if name in debts}
    less = discounts(book, payment, debts)
    if less and sum(minor for _, minor in less.values()) == gap:
        settle_less(book, payment, less, how)
        return True
    last = max(debts, key=lambda name: due_order(book, name), default="")
    if not last or gap >= debts[last] or _is_for_another(book, payment, quotes):
        return False
    kind = gap_kind(book, payment, last, gap, sum(debts.values()))
    if kind:
        settle_less(book, payment, {last: (kind, gap)}, how)
    return bool(kind)


def _settles_a_part(book: Book, payment: Payment, quotes: Mapping[str, Quote]) -> None:
    """Settle what is quoted by more, or one document by less, where nothing else explains the amount."""
    left = book.left_minor[payment.payment]
    debts = {name: book.open_minor[name] for name in quotes if book.open_minor[name] > 0}
    if not debts or not all(quotes[name].exact or book.owns(payment, name) for name in debts):
        return
    if _is_for_another(book, payment, quotes):
        return
    how, rest = _evidence(quotes), left - sum(debts.values())
    if rest > 0:
        others = {name: m for name, m in account_items(book, payment, debts).items() if name not in quotes}
        unnamed = only_subset(others, rest) if can_tell([*others.values(), *debts.values()]) else ()
        for name in unnamed:
            how[name] = ("account_subset", f"unique: with {', '.join(debts)} it adds up to the payment")
        settle_in_full(book, payment, [*debts, *unnamed], how)
    elif len(debts) == 1:
        [name] = debts
        book.apply(payment, name, (left, left), how[name])


def _is_for_another(book: Book, payment: Payment, quotes: Mapping[str, Quote]) -> bool:
    """Say whether the amount is exactly that of a document which is not quoted: the payer may have mixed them up."""
    left = book.left_minor[payment.payment]
    return any(m == left and name not in quotes for name, m in account_items(book, payment, quotes).items())


def _evidence(quotes: Mapping[str, Quote]) -> dict[str, tuple[str, str]]:
    return {
        name: ("exact_reference" if quote.exact else "text_reference", f"certain: {quote.evidence}")
        for name, quote in quotes.items()
    }
