"""A payment without a reference from a known payer, of exactly the amount of one open document."""

from prisma_batch.receivables.book import Book, Payment


def step(book: Book, payment: Payment) -> None:
    """Apply money to the only open document of the payer's account that has this amount; two are never guessed between.

    The payer is known by the accounts that its IBAN has paid for. A payment that refers to a document is left alone.
    """
    if payment.amount_minor < 0 or book.referred(payment):
        return
    equal = equal_documents(book, payment)
    if len(equal) == 1:
        amount = book.left_minor[payment.payment]
        book.apply(payment, equal[0], (amount, amount), ("account_amount", "unique"))


def equal_documents(book: Book, payment: Payment) -> list[str]:
    """Return the open documents of the payer's accounts with the amount that is left of the payment."""
    accounts = sorted(book.accounts_by_iban.get(payment.counterparty_iban, ()))
    return [
        document
        for account in accounts
        for document in book.by_account[account]
        if book.open_minor[document] == book.left_minor[payment.payment]
        and book.documents[document].currency == payment.currency
        and (payment.payment, document) not in book.barred
    ]
