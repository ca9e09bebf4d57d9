"""A payment without a reference from a known payer that is exactly the sum of some of its open items."""

import numpy as np

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment, Positions
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


def among(book: Book, positions: Positions) -> list[Payment]:
    """Return those of some payments that open items of their payer may add up to, in their order.

    The sums of an account are asked once for all its payments. What is applied meanwhile only takes items away, which
    makes no new sums; but where payers have several accounts, or a person undid something, all payments are returned.
    """
    payments, left = book.payments, book.left_minor.column()
    positions = positions[left[positions] != 0]
    payers = payments.payers * len(payments.currencies) + payments.currency_codes
    order = positions[np.argsort(payers[positions], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(payers[order])) + 1) if len(order) else []
    accounts = [book.accounts_by_iban[payments.ibans[payments.payers[group[0]]]] for group in groups]
    shared = {account for several in accounts if len(several) > 1 for account in several}
    kept = []
    for group, own in zip(groups, accounts, strict=True):
        if book.barred or shared & own:
            kept.append(group)
            continue
        sums = _sums_of(tuple(book.own_items(payments.at(group[0])).values()))
        if sums:
            kept.append(group[sums.can_be(left[group])])
    return payments.all_at(sorted(np.concatenate(kept).tolist()) if kept else [])


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
