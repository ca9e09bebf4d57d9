"""A payment without a reference from a known payer that is exactly the sum of some of its open items."""

from prisma_batch.receivables.book import Book, Payment
from prisma_batch.receivables.settlement import settle_in_full
from prisma_batch.receivables.subsets import SubsetSums, can_tell


def step(book: Book, payment: Payment) -> None:
    """Apply money to the only set of open items, credits included, that adds up to it.

    There are at most 24 items, and so few of them for their amounts that a sum found is hardly an accident. A payment
    that refers to a document is left alone.
    """
    if payment.amount_minor < 0 or book.referred(payment):
        return
    names = adding_up(book, payment)
    reason = f"unique: only these {len(names)} open items of the payer add up to it"
    settle_in_full(book, payment, names, dict.fromkeys(names, ("account_subset", reason)))


def adding_up(book: Book, payment: Payment) -> tuple[str, ...]:
    """Return the open items of the payer that alone add up to the payment; nothing where it is unsure."""
    items = book.own_items(payment)
    left = book.left_minor[payment.payment]
    amounts = tuple(items.values())
    if len(amounts) < 2 or left > sum(minor for minor in amounts if minor > 0):
        return ()
    key = (payment.currency, *sorted(book.accounts_by_iban.get(payment.counterparty_iban, ())))
    known = book.sums.get(key)
    if known is None or known[0] != amounts:
        known = book.sums[key] = (amounts, SubsetSums.of(amounts) if can_tell(amounts) else None)
    names = tuple(items)
    return tuple(names[position] for position in known[1].only(left)) if known[1] else ()
