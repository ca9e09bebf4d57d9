"""Payment-side discrepancies: money that did not settle what it was meant to settle."""

from collections.abc import Container, Iterator, Sequence
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor
from prisma_batch.receivables.book import Allocation, Book
from prisma_batch.receivables.payments import Payment
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of, values_of

# By these a payer says which document it means to settle.
_CLAIMING = ("exact_reference", "text_reference", "remittance")
_SENTENCES = {
    "unidentified_payment": "nobody is known to pay from this account, and no reference says what it is for",
    "unapplied_cash": "the payer is known, but nothing open fits the payment for certain",
    "over_payment": "the documents it refers to were settled with less",
    "duplicate_payment": "the document it refers to had been paid by an equal payment",
    "payment_currency_mismatch": "the document it refers to is in another currency",
}


def payment_discrepancies(
    book: Book, unapplied: DataFrame, payments: DataFrame, planned: Container[str]
) -> list[Discrepancy]:
    """Return one discrepancy per payment that is left over, paid too little, or came back.

    Args:
        planned: documents whose rest is agreed in a payment plan that holds.
    """
    places = _places(payments)
    found = [
        _left_over(book, book.payments[row.payment], row.account, row.reason, places)
        for row in rows_of(unapplied)
        if row.reason in _SENTENCES
    ]
    for payment in book.payments.values():
        found.extend(short for short in _short(book, payment, places) if short.invoice not in planned)
        if payment.amount_minor < 0 and payment.payment in book.returned:
            found.append(_returned(book, payment, places))
    return found


def _left_over(
    book: Book, payment: Payment, account: str, kind: str, places: dict[str, tuple[str, str, str]]
) -> Discrepancy:
    left = book.left_minor[payment.payment]
    referred = book.referred(payment)
    return Discrepancy(
        kind=kind,
        message=_left(kind, left, payment.currency),
        account=account,
        invoice=referred[0] if referred else "",
        expected_minor=payment.amount_minor - left,
        invoiced_minor=payment.amount_minor,
        **_place(payment, places),
    )


def _left(kind: str, left_minor: int, currency: str) -> str:
    amount = f"{from_minor(abs(left_minor), currency)} {currency}"
    if left_minor < 0:
        return f"{amount} went out: it meets no refund that was granted, and takes no payment back"
    return f"{amount} unapplied: {_SENTENCES[kind]}"


def _short(book: Book, payment: Payment, places: dict[str, tuple[str, str, str]]) -> Iterator[Discrepancy]:
    """Yield where a payment that quotes a document left something open that nothing has settled since."""
    rows: list[Allocation] = book.allocations.get(payment.payment, [])
    for row in rows:
        still_open = book.open_minor[row.document]
        if row.method in _CLAIMING and row.amount_minor > 0 and still_open > 0 and payment.payment not in book.returned:
            claimed = row.settled_minor + still_open
            yield Discrepancy(
                kind="short_payment",
                message=f"{from_minor(still_open, row.currency)} {row.currency} of {row.document} stays open",
                account=row.account,
                invoice=row.document,
                expected_minor=claimed,
                invoiced_minor=row.settled_minor,
                **_place(payment, places),
            )


def _returned(book: Book, payment: Payment, places: dict[str, tuple[str, str, str]]) -> Discrepancy:
    original = book.returned[payment.payment]
    rows = book.allocations.get(original, ())
    documents = tuple(dict.fromkeys(row.document for row in rows))
    return Discrepancy(
        kind="returned_payment",
        message=f"payment {original} came back{_reopened(book, payment, documents)}",
        account=next((row.account for row in rows), book.payer(payment)),
        invoice=documents[0] if documents else "",
        expected_minor=0,
        invoiced_minor=payment.amount_minor,
        **_place(payment, places),
    )


def _reopened(book: Book, payment: Payment, documents: Sequence[str]) -> str:
    """Say what is open again, and by how much where the amount is not that of the payment."""
    open_again = f"; {', '.join(documents)} {'are' if len(documents) > 1 else 'is'} open again" if documents else ""
    returned, costs = -payment.amount_minor, book.costs_minor(payment)
    if costs:
        return f"{open_again}; costs of {from_minor(costs, payment.currency)} {payment.currency} were taken with it"
    if documents and returned < book.payments[book.returned[payment.payment]].amount_minor:
        return f"{open_again} by {from_minor(returned, payment.currency)} {payment.currency}"
    return open_again


def _places(payments: DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return the file, the place in it and the month of each payment."""
    months = payments["booking_date"].dt.strftime("%Y-%m")
    columns = (values_of(column) for column in (payments["source"], payments["pointer"], months))
    return dict(zip(payments["payment"].tolist(), zip(*columns, strict=True), strict=True))


def _place(payment: Payment, places: dict[str, tuple[str, str, str]]) -> dict[str, Any]:
    source, pointer, period = places[payment.payment]
    keys = {"payment": payment.payment, "currency": payment.currency, "period": period}
    return {"source": source, "pointer": pointer, **keys}
