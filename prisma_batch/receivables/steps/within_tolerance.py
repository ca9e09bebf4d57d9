"""A payment without a reference from a known payer that falls short of one open document by what may be let go."""

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.receivables.settlement import discounts, due_order, gap_kind, settle_less


def step(book: Book, payment: Payment) -> None:
    """Settle the oldest due document that the payment pays but for a cash discount or a tolerated difference.

    Where several could be meant, none is.
    """
    found = nearly_paid(book, payment)
    if len(found) == 1:
        [(document, less)] = found.items()
        reason = f"tolerance: the payer's only open item that it pays but for {less[0].replace('_', ' ')}"
        settle_less(book, payment, {document: less}, {document: ("account_tolerance", reason)})


def nearly_paid(book: Book, payment: Payment) -> dict[str, tuple[str, int]]:
    """Return the payer's debts that the payment would settle but for what may be let go, oldest due first."""
    left, ceiling = book.left_minor[payment.payment], book.terms.ceiling_minor(payment.currency)
    if not (ceiling or book.has_discounts):
        return {}
    near = [
        name
        for name, minor in book.own_items(payment).items()
        if minor - left > 0 and (minor - left <= ceiling or minor - left == book.documents[name].discount_minor)
    ]
    found = {}
    for name in sorted(near, key=lambda name: due_order(book, name)):
        gap = book.open_minor[name] - left
        discount = discounts(book, payment, [name]).get(name)
        kind = gap_kind(book, payment, name, gap, book.open_minor[name])
        if discount and discount[1] == gap:
            found[name] = discount
        elif kind:
            found[name] = (kind, gap)
    return found
