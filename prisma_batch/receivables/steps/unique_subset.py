"""A payment without a reference from a known payer that is exactly the sum of some of its open items."""

from prisma_batch.receivables.book import Book, Payment
from prisma_batch.receivables.settlement import settle_in_full
from prisma_batch.receivables.subsets import SubsetSums, can_tell


def step(book: Book, payment: Payment) -> None:
    """Apply money to the only set of open items, credits included, that adds up to it.

    There are at most 24 items, and so few of them for their amounts that a sum found is hardly an accident.
    """
    names = adding_up(book, payment)
    if names:
        reason = f"unique: only these {len(names)} open items of the payer add up to it"
        settle_in_full(book, payment, names, dict.fromkeys(names, ("account_subset", reason)))


def adding_up(book: Book, payment: Payment) -> tuple[str, ...]:
    """Return the open items of the payer that alone add up to the payment; nothing where it is unsure."""
    found = _sums(book, payment)
    positions = found.only(book.left_minor[payment.payment]) if found else ()
    if not positions:
        return ()
    names = tuple(book.own_items(payment))
    return tuple(names[position] for position in positions)


def _sums(book: Book, payment: Payment) -> SubsetSums | None:
    """Return the sums of the payer's items; those of one account are kept until the book changes them."""
    accounts = book.accounts_by_iban.get(payment.counterparty_iban, ())
    if len(accounts) != 1 or book.barred:
        return _sums_of(tuple(book.own_items(payment).values()))
    [account] = accounts
    key = (account, payment.currency)
    if key not in book.sums:
        book.sums[key] = _sums_of(tuple(book.own_items(payment).values()))
    return book.sums[key]


def _sums_of(amounts: tuple[int, ...]) -> SubsetSums | None:
    return SubsetSums.of(amounts) if can_tell(amounts) else None
