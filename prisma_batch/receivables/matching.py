"""Matches bank entries with documents: what earlier runs applied, what a person decided, then only what is certain."""

from collections import defaultdict
from collections.abc import Callable, Container, Iterable
from datetime import date

import numpy as np
from pandas import DataFrame

from prisma_batch.receivables.book import Book, OpenDocument
from prisma_batch.receivables.carried import carry, not_carried
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState, rows_until
from prisma_batch.receivables.opening import opened_book
from prisma_batch.receivables.payments import Payment, Positions
from prisma_batch.receivables.steps import (
    advised,
    manual,
    not_receivable,
    quoted,
    returned,
    unique_amount,
    unique_subset,
    within_tolerance,
)
from prisma_batch.receivables.steps.installment import installment_step
from prisma_batch.receivables.steps.refunded import credit_step, excess_step, still_granted
from prisma_batch.receivables.waivers import grant_waivers, lapsed_waivers
from prisma_batch.records.table import rows_of

Step = Callable[[Book, Payment], None]


def matched_book(inputs: ReceivablesInput, as_of: date, start: RecordedState | None) -> Book:
    """Return the book as of a day: documents issued and entries booked by then, matched in the order of certainty.

    Whether a waiver has lapsed is seen by what is open, and a fee that is owed again can be paid: then all is matched
    once more.
    """
    book = _matched(inputs, as_of, start, frozenset())
    lapsed = lapsed_waivers(book, inputs.assistance.waivers, as_of)
    return _matched(inputs, as_of, start, lapsed) if lapsed else book


def _matched(inputs: ReceivablesInput, as_of: date, start: RecordedState | None, lapsed: frozenset[str]) -> Book:
    """Return the book with every payment matched.

    Phases follow one another over all payments, so a certain match is never lost to a less certain one of an earlier
    payment; within a phase payments go in booking order.
    """
    book = opened_book(inputs, as_of)
    decisions = rows_until(inputs.decisions, "decided_on", as_of)
    if start is not None:
        carry(book, start, decisions)
        decisions = not_carried(decisions, start.allocations)
    _grant(book, rows_until(inputs.granted, "on", as_of))
    grant_waivers(book, rows_until(inputs.assistance.waivers, "on", as_of), lapsed)
    _net_credit_notes(book, inputs.documents, frozenset(decisions["payment"].tolist()))
    known = inputs.held_payments.union(inputs.entries["payment"])
    takes_back = manual.takes_back(book, decisions)
    manual.apply_decisions(book, decisions[~takes_back], known)
    book.reserved.update(decisions.loc[takes_back, "payment"])
    refunds = still_granted(book, rows_until(inputs.refunds, "on", as_of))
    paid_out = credit_step(refunds)
    speaking: tuple[Step, ...] = (not_receivable.step, paid_out, returned.step, advised.step, quoted.step)
    payments = _speaking(book)
    _take(book, payments, speaking)
    _take(book, payments, (quoted.step,))  # again: by now more payers are known
    if len(inputs.assistance.plans):
        left = book.payments.where(book.left_minor.column() > 0)
        _take(book, left, (installment_step(book, inputs.assistance),))
    silent = _silent(book)
    owed = [minor for items in book.open_items.values() for minor in items.values()]
    equal = silent[np.isin(book.left_minor.column()[silent], owed)]
    _take(book, book.payments.all_at(equal.tolist()), (unique_amount.step,))
    _take(book, unique_subset.among(book, silent), (unique_subset.step,))
    if book.has_discounts or book.terms.tolerance:
        _take(book, book.payments.all_at(silent.tolist()), (within_tolerance.step,))
    if refunds:
        _take(book, payments, (excess_step(refunds),))
    manual.apply_decisions(book, decisions[takes_back], known)
    return book


def _take(book: Book, payments: Iterable[Payment], steps: tuple[Step, ...]) -> None:
    for payment in book.left(payments):
        for step in steps:
            step(book, payment)
            if not book.left_minor[payment.payment] or payment.payment in book.returned:
                break


def _speaking(book: Book) -> list[Payment]:
    """Return the payments that say what they are for, and all that leave: no other is touched by the first phase."""
    payments = book.payments
    speaks = payments.amounts_minor < 0
    for named in (book.quotes, book.advices):
        speaks[[payments.positions[name] for name in named]] = True
    speaks[list(book.words.rules_hit)] = True
    return payments.where(speaks)


def _silent(book: Book) -> Positions:
    """Return the positions of the money whose payer has paid for an account and that refers to no document."""
    payments = book.payments
    known = np.array([iban in book.accounts_by_iban for iban in payments.ibans], dtype=bool)
    silent = known[payments.payers] & (payments.amounts_minor > 0) & (book.left_minor.column() != 0)
    for name in book.quotes:
        position = payments.positions[name]
        if silent[position] and book.referred(payments.at(position)):
            silent[position] = False
    return np.flatnonzero(silent)


def _grant(book: Book, granted: DataFrame) -> None:
    """Take granted adjustments (ADJUSTMENTS, such as the write-off of a case) off the debt."""
    for row in rows_of(granted):
        if row.document in book.documents and manual.settles(book, row, row.amount_minor):
            book.reduce(row.document, row.amount_minor)
            book.adjustments.append(tuple(row))


def _net_credit_notes(book: Book, documents: DataFrame, decided: frozenset[str]) -> None:
    """Let each credit note reduce the invoice that it corrects, never below zero; the excess stays an open credit.

    What was paid in full before a note was issued is not reduced by it, whether a run lay between the two or not.

    Args:
        documents: DOCUMENTS.
        decided: payments of which persons say what they settle.
    """
    notes = [note for note in book.documents.values() if note.debt_minor < 0 and note.corrects in book.documents]
    if not notes:
        return
    issued_on = dict(zip(documents["document"], documents["issued_on"], strict=True))
    earlier = _payments_quoting(book, {note.corrects for note in notes}, decided)
    for note in notes:
        corrected = book.documents[note.corrects]
        for payment in earlier.get(note.corrects, ()):
            if payment.value_date < issued_on[note.document]:
                quoted.pay_in_full(book, payment)
        if _same_debtor(note, corrected):
            amount = min(-book.open_minor[note.document], max(0, book.open_minor[corrected.document]))
            book.reduce(note.document, -amount)
            book.reduce(corrected.document, amount)
            book.netted[corrected.document].append((issued_on[note.document], amount))


def _payments_quoting(book: Book, documents: Container[str], decided: Container[str]) -> dict[str, list[Payment]]:
    """Return the payments that quote a document, in booking order, but for those that anything else speaks for."""
    found: dict[str, list[Payment]] = defaultdict(list)
    payments = book.payments
    named = [name for name, quotes in book.quotes.items() if any(quote.document in documents for quote in quotes)]
    for payment in payments.all_at(sorted(payments.positions[name] for name in named)):
        name = payment.payment
        if name in decided or name in book.advices or payment.position in book.words.rules_hit:
            continue
        for quote in book.quotes[name]:
            if quote.document in documents:
                found[quote.document].append(payment)
    return found


def _same_debtor(note: OpenDocument, corrected: OpenDocument) -> bool:
    return (note.account, note.currency) == (corrected.account, corrected.currency)
