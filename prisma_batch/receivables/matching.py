"""Matches bank entries with documents: what earlier runs applied, what a person decided, then only what is certain."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from pandas import DataFrame, Series

from prisma_batch.receivables.book import Book, OpenDocument, Payment
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState, rows_until
from prisma_batch.receivables.steps import exact_reference, manual, returned, unique_amount
from prisma_batch.receivables.steps.refunded import refund_step
from prisma_batch.records.table import rows_of

Step = Callable[[Book, Payment], None]


def matched_book(inputs: ReceivablesInput, as_of: date, start: RecordedState | None) -> Book:
    """Return the book as of a day: documents issued and entries booked by then, matched in the order of certainty.

    Phases follow one another over all payments, so a certain match is never lost to a less certain one of an earlier
    payment; within a phase payments go in booking order.
    """
    book = _opened_book(inputs, as_of)
    decisions = rows_until(inputs.decisions, "decided_on", as_of)
    if start is not None:
        _carry(book, start)
        decisions = _not_carried(decisions, start.allocations)
    _grant(book, rows_until(inputs.granted, "on", as_of))
    _net_credit_notes(book)
    manual.apply_decisions(book, decisions, inputs.held_payments.union(inputs.entries["payment"]))
    phases: tuple[tuple[Step, ...], ...] = (
        (refund_step(book, rows_until(inputs.refunds, "on", as_of)), returned.step, exact_reference.step),
        (unique_amount.step,),
    )
    for phase in phases:
        for payment in book.left():
            for step in phase:
                step(book, payment)
    return book


def _opened_book(inputs: ReceivablesInput, as_of: date) -> Book:
    documents = [
        OpenDocument(row.document, row.account, row.currency, row.debt_minor, _document_references(row), row.corrects)
        for row in rows_of(rows_until(inputs.documents, "issued_on", as_of))
    ]
    payments = [
        Payment(
            *(row.payment, row.account_iban, row.value_date, row.amount_minor, row.currency, row.counterparty_iban),
            *(_payment_references(row), row.reversal),
        )
        for row in rows_of(rows_until(inputs.entries, "booking_date", as_of))
    ]
    return Book(
        documents={document.document: document for document in documents},
        payments={payment.payment: payment for payment in payments},
        links=inputs.links,
        open_minor={document.document: document.debt_minor for document in documents},
        left_minor={payment.payment: payment.amount_minor for payment in payments},
    )


def _document_references(row: object) -> tuple[str, ...]:
    return _normal(getattr(row, "payment_reference", ""), getattr(row, "document", ""))


def _payment_references(row: object) -> tuple[str, ...]:
    columns = ("structured_reference", "end_to_end_id", "text")
    return _normal(*(getattr(row, column) for column in columns))


def _normal(*references: str) -> tuple[str, ...]:
    # Banks group references in blocks of four and change their case: RF18 5390 0754 7034 is RF18539007547034.
    return tuple(dict.fromkeys("".join(text.split()).upper() for text in references if text.strip()))


def _carry(book: Book, start: RecordedState) -> None:
    """Apply what a closed period applied, as it did: later knowledge never reshuffles it."""
    came_back = frozenset(start.payments.loc[start.payments["state"].eq("reversed"), "payment"])
    for row in rows_of(start.payments[start.payments["state"].eq("returned")]):
        if row.payment in book.payments:
            returned.link(book, book.payments[row.payment], came_back)
    for row in rows_of(start.allocations):
        if row.payment in book.payments and row.document in book.documents:
            amounts = (int(row.amount_minor), int(row.settled_minor))
            book.apply(book.payments[row.payment], row.document, amounts, (row.method, row.confidence))
            if row.method == "manual" and row.amount_minor < 0 < book.payments[row.payment].amount_minor:
                book.barred.add((row.payment, row.document))


def _not_carried(decisions: DataFrame, allocations: DataFrame) -> DataFrame:
    """Leave out decisions that stand in the allocations of the closed period, each of those once."""
    by_hand = allocations[allocations["method"].eq("manual")]
    carried = Counter(zip(by_hand["payment"], by_hand["document"], by_hand["amount_minor"], strict=True))
    kept = []
    for item in rows_of(decisions):
        sign = {"settle": 1, "refund": -1}.get(item.kind, 0)
        row = (item.payment, item.document, sign * item.amount_minor)
        kept.append(not (sign and carried[row]))
        carried[row] -= not kept[-1]
    return decisions[Series(kept, index=decisions.index, dtype=bool)]


def _grant(book: Book, granted: DataFrame) -> None:
    """Take granted adjustments (ADJUSTMENTS, such as the write-off of a case) off the debt."""
    for row in rows_of(granted):
        if row.document in book.documents and manual.settles(book, row, row.amount_minor):
            book.open_minor[row.document] -= row.amount_minor
            book.adjustments.append(tuple(row))


def _net_credit_notes(book: Book) -> None:
    """Let each credit note reduce the invoice that it corrects, never below zero; the excess stays an open credit."""
    for note in book.documents.values():
        corrected = book.documents.get(note.corrects)
        if note.debt_minor < 0 and corrected and _same_debtor(note, corrected):
            amount = min(-book.open_minor[note.document], max(0, book.open_minor[corrected.document]))
            book.open_minor[note.document] += amount
            book.open_minor[corrected.document] -= amount


def _same_debtor(note: OpenDocument, corrected: OpenDocument) -> bool:
    return (note.account, note.currency) == (corrected.account, corrected.currency)
