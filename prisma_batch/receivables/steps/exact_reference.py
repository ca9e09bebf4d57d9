"""A payment that quotes exactly the reference or number of a document."""

from prisma_batch.receivables.book import Book, Payment


def step(book: Book, payment: Payment) -> None:
    """Apply money to the one open document that it refers to, or to several where it settles them all to the cent.

    A reference to another account's document counts only where the payer is new, has paid for that account before, or
    is linked to it by ``billed_to`` (CONTRACT, whose debt).
    """
    if payment.amount_minor < 0:
        return
    left = book.left_minor[payment.payment]
    debts = [
        document
        for document in book.referred(payment)
        if book.open_minor[document] > 0
        and book.documents[document].currency == payment.currency
        and book.may_pay(payment, document)
    ]
    if len(debts) == 1:
        amount = min(left, book.open_minor[debts[0]])
        book.apply(payment, debts[0], (amount, amount), ("exact_reference", "certain"))
    elif sum(book.open_minor[document] for document in debts) == left:
        for document in debts:
            amount = book.open_minor[document]
            book.apply(payment, document, (amount, amount), ("exact_reference", "certain"))
