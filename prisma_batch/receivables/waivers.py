"""Late fees that a person waived: off the balance at once, and owed again where the debt is open after the last day."""

from datetime import date
from typing import Any

from pandas import DataFrame

from prisma_batch.base.periods import days_after
from prisma_batch.receivables.book import Book
from prisma_batch.receivables.plans import settlements_of
from prisma_batch.records.table import rows_of


def grant_waivers(book: Book, waivers: DataFrame, lapsed: frozenset[str]) -> None:
    """Take waived fees (WAIVERS) off the debt as far as they are open; those that lapsed are put on again, as a row.

    Args:
        lapsed: the fees that are owed again.
    """
    for waiver in rows_of(waivers):
        amount_minor = min(int(waiver.amount_minor), book.open_minor.get(waiver.document, 0))
        if amount_minor > 0:
            _post(book, waiver, amount_minor, waiver.on.date())
            if waiver.document in lapsed:
                _post(book, waiver, -amount_minor, days_after(waiver.expires_on.date(), 1))


def lapsed_waivers(book: Book, waivers: DataFrame, as_of: date) -> frozenset[str]:
    """Return the fees whose waiver's last day has passed while the debt was open: what was due when it was granted."""
    return frozenset(
        waiver.document
        for waiver in rows_of(waivers)
        if waiver.expires_on.date() < as_of and waiver.document in book.documents and _debt_was_open(book, waiver)
    )


def _debt_was_open(book: Book, waiver: Any) -> bool:
    fee, last_day = book.documents[waiver.document], waiver.expires_on.date()
    debt = frozenset(
        own.document
        for own in book.documents.values()
        if (own.account, own.currency) == (fee.account, fee.currency)
        and own.document != fee.document
        and own.due_on.date() <= waiver.on.date()
    )
    settled = settlements_of(book, debt)
    later_minor = {name: sum(minor for day, minor in settled.get(name, ()) if day > last_day) for name in debt}
    return any(book.open_minor[name] + later_minor[name] > 0 for name in debt)


def _post(book: Book, waiver: Any, amount_minor: int, on: date) -> None:
    fee = book.documents[waiver.document]
    book.reduce(waiver.document, amount_minor)
    by = (on, waiver.approved_by, waiver.source, waiver.pointer)
    book.adjustments.append((waiver.document, fee.account, "waiver", amount_minor, fee.currency, *by))
