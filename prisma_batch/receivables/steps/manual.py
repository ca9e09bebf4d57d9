"""What a person decided: applied before anything is matched, and never reshuffled."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pandas import DataFrame, Series

from prisma_batch.base.findings import Finding
from prisma_batch.receivables.book import Book
from prisma_batch.records.allocations import ADJUSTING_KINDS
from prisma_batch.records.table import rows_of


def apply_decisions(book: Book, decisions: DataFrame, known_payments: frozenset[str]) -> None:
    """Apply DECISIONS in order; what cannot hold becomes a finding of the book and changes nothing.

    A decision about a payment after as-of waits for it; one about a payment that no bank file has is an error.
    """
    items = list(rows_of(decisions))
    for item, to_come_minor in zip(items, _to_come(book, items), strict=True):
        if item.payment and item.payment not in known_payments:
            remedy = "write the payment id as payments.csv shows it"
            book.findings.append(_finding(item, "unknown-payment", "no bank file has this payment", remedy))
        elif item.document and item.document not in book.documents:
            continue  # issued after as-of
        elif not item.payment and item.kind in ADJUSTING_KINDS:
            _adjust(book, item)
        elif item.payment in book.payments:
            _decide(book, item, to_come_minor)


def takes_back(book: Book, decisions: DataFrame) -> "Series[bool]":
    """Say which DECISIONS are about debits that open settled documents again: they wait for what settles those."""
    undoing = {
        item.payment
        for item in rows_of(decisions[decisions["kind"].eq("settle") & decisions["settles_minor"].lt(0)])
        if item.document in book.documents and book.undoes(item.document, item.settles_minor)
    }
    debits = [name for name in undoing if name in book.payments and book.payments[name].amount_minor < 0]
    return decisions["payment"].isin(sorted(debits))


def _to_come(book: Book, items: Sequence[Any]) -> list[int]:
    """Return what each item and those below it in its decision take of its payment: credits give some of it back."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    found = []
    for item in reversed(items):
        if item.document in book.documents and item.kind not in ADJUSTING_KINDS:
            sums[item.source, item.payment] += _amounts(item)[0]
        found.append(sums[item.source, item.payment])
    return found[::-1]


def _amounts(item: Any) -> tuple[int, int]:
    """Return what a settlement takes of payment and document; a refund of an open credit is positive for money paid."""
    sign = -1 if item.kind == "refund" else 1
    return sign * item.amount_minor, sign * item.settles_minor


def _decide(book: Book, item: Any, to_come_minor: int) -> None:
    payment = book.payments[item.payment]
    if item.kind in ADJUSTING_KINDS:
        _adjust(book, item)
    elif item.kind == "not_receivable":
        _set_apart(book, item)
    elif item.kind == "on_account" or not item.document:
        _keep_on_account(book, item)
    else:
        amounts = _amounts(item)
        if _consumes(book, item, (amounts[0], to_come_minor)) and settles(book, item, amounts[1]):
            book.apply(payment, item.document, amounts, ("manual", f"certain: decided on {item.decided_on.date()}"))
            if book.undoes(item.document, amounts[1]):
                book.barred.add((item.payment, item.document))


def _keep_on_account(book: Book, item: Any) -> None:
    """Keep what is left of a payment for an account; the amount is positive for money that was paid back, too."""
    if item.amount_minor < 0 and item.payment in book.on_account:
        del book.on_account[item.payment]
    elif 0 < item.amount_minor <= abs(book.left_minor[item.payment]):
        book.on_account[item.payment] = item.account
    else:
        remedy = "keep no more than is left of the payment; a negative amount undoes an earlier decision"
        message = "more is kept on account, or taken back from it, than there is of the payment"
        book.findings.append(_finding(item, "allocation-exceeds-payment", message, remedy))


def _set_apart(book: Book, item: Any) -> None:
    apart = book.not_receivable_minor.get(item.payment, 0)
    if item.amount_minor in (book.left_minor[item.payment], -apart):
        book.left_minor[item.payment] -= item.amount_minor
        book.not_receivable_minor[item.payment] = apart + item.amount_minor
        return
    remedy = "give the whole amount that is left of the payment"
    book.findings.append(_finding(item, "not-the-whole-rest", "only a part is marked as no receivable", remedy))


def _adjust(book: Book, item: Any) -> None:
    if settles(book, item, item.settles_minor):
        document = book.documents[item.document]
        book.reduce(item.document, item.settles_minor)
        row = (item.document, document.account, item.kind, item.settles_minor, document.currency)
        book.adjustments.append((*row, item.decided_on, item.decided_by, item.source, item.pointer))


def _consumes(book: Book, item: Any, amounts_minor: Iterable[int]) -> bool:
    """Say whether what is left of the payment stays between nothing and its amount: by the item, or its decision."""
    total, left = book.payments[item.payment].amount_minor, book.left_minor[item.payment]
    if any(min(0, total) <= left - minor <= max(0, total) for minor in amounts_minor):
        return True
    remedy = "allocate no more than the payment, less what earlier decisions and closed periods applied"
    book.findings.append(
        _finding(item, "allocation-exceeds-payment", "more is allocated than the payment holds", remedy)
    )
    return False


def settles(book: Book, item: Any, settled_minor: int) -> bool:
    """Say whether the open amount of the document stays between nothing and its total."""
    debt, still_open = book.documents[item.document].debt_minor, book.open_minor[item.document] - settled_minor
    if min(0, debt) <= still_open <= max(0, debt):
        return True
    remedy = "settle no more than is open; undo an earlier allocation with a negative amount"
    message = f"more is settled than is open on {item.document}"
    book.findings.append(_finding(item, "allocation-exceeds-open", message, remedy))
    return False


def _finding(item: Any, code: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=item.source, pointer=item.pointer)
