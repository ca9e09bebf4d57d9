"""The tables of the receivables, read off the matched book."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.receivables.book import Book, Payment
from prisma_batch.receivables.suggestions import Suggester
from prisma_batch.records.table import rows_of, safe_to_sum
from prisma_batch.records.tables import (
    ADJUSTMENTS,
    AGING,
    ALLOCATIONS,
    BUCKETS,
    OPEN_ITEMS,
    PAYMENTS,
    UNAPPLIED,
)

_BUCKET_ENDS = (0, 30, 60, 90, 120)


def allocations_of(book: Book) -> DataFrame:
    """Return ALLOCATIONS sorted by value date, payment and document."""
    table = ALLOCATIONS.of(row for rows in book.allocations.values() for row in rows)
    return table.sort_values(["value_date", "payment", "document"], kind="stable", ignore_index=True)


def adjustments_of(book: Book) -> DataFrame:
    """Return ADJUSTMENTS: what people granted, and both sides of each settlement across currencies."""
    exchange = [row for rows in book.allocations.values() for allocation in rows for row in _exchange(book, allocation)]
    table = ADJUSTMENTS.of([*book.adjustments, *exchange])
    return table.sort_values(
        ["on", "document", "kind", "source", "pointer", "currency"], kind="stable", ignore_index=True
    )


def _exchange(book: Book, row: Any) -> Iterator[tuple[Any, ...]]:
    currency = book.documents[row.document].currency
    if currency != row.currency:
        of = (row.value_date, "", row.payment, "")
        yield (row.document, row.account, "exchange", row.settled_minor, currency, *of)
        yield (row.document, row.account, "exchange", -row.amount_minor, row.currency, *of)


def unapplied_of(book: Book) -> DataFrame:
    """Return UNAPPLIED: what is left of each payment, whose it is, why, and what a person might settle with it."""
    rows = []
    suggester = Suggester.of(book)
    applied = {(row.document, row.amount_minor) for rows in book.allocations.values() for row in rows}
    for payment in book.payments.values():
        left = book.left_minor[payment.payment]
        if left:
            reason = _reason(book, payment, applied)
            place = (payment.payment, payment.value_date, book.payer(payment))
            rows.append((*place, left, payment.currency, reason, suggester.text(payment)))
    return UNAPPLIED.of(rows).sort_values(["value_date", "payment"], ignore_index=True)


def _reason(book: Book, payment: Payment, applied: set[tuple[str, int]]) -> str:
    if payment.payment in book.returned:
        return "returned"
    if payment.payment in book.on_account:
        return "on_account"
    referred = [book.documents[document] for document in book.referred(payment)]
    if payment.amount_minor > 0 and referred:
        if all(document.currency != payment.currency for document in referred):
            return "payment_currency_mismatch"
        if book.allocations.get(payment.payment):
            return "over_payment"
        paid = [document.document for document in referred if book.open_minor[document.document] == 0]
        if any((document, payment.amount_minor) in applied for document in paid):
            return "duplicate_payment"
    return "unapplied_cash" if book.payer(payment) else "unidentified_payment"


def payments_of(book: Book, entries: DataFrame) -> DataFrame:
    """Return PAYMENTS: every bank entry up to as-of with its account and what became of it."""
    known = entries[entries["payment"].isin(list(book.payments))]
    names = [book.payments[payment] for payment in known["payment"]]
    states = {
        "account": [book.payer(payment) for payment in names],
        "state": [_state(book, payment) for payment in names],
    }
    return PAYMENTS.conform(known.assign(**states))


def _state(book: Book, payment: Payment) -> str:
    if payment.payment in book.returned:
        return "returned" if payment.amount_minor < 0 else "reversed"
    if book.not_receivable_minor.get(payment.payment):
        return "not_receivable"
    if not book.left_minor[payment.payment]:
        refund = payment.amount_minor < 0
        return "refunded" if refund else "applied"
    if book.allocations.get(payment.payment):
        return "partly_applied"
    return "unapplied" if book.payer(payment) else "unidentified"


def open_items_of(book: Book, documents: DataFrame, disputes: DataFrame, holds: DataFrame, as_of: date) -> DataFrame:
    """Return OPEN_ITEMS: documents with something open, aged by due date.

    Day 0 and before are not due; credits are not aged. A dispute counts up to the open amount.
    """
    table = documents[documents["document"].isin(list(book.open_minor))]
    table = table.assign(
        open_minor=table["document"].map(book.open_minor).astype("int64"), amount_minor=table["debt_minor"]
    )
    table = table[table["open_minor"].ne(0)]
    overdue = (pd.Timestamp(as_of) - table["due_on"]).dt.days.clip(lower=0).where(table["open_minor"] > 0, 0)
    by_document = disputes.groupby("document")["amount_minor"].sum()
    disputed = Series(by_document.reindex(table["document"], fill_value=0).to_numpy(), index=table.index)
    table = table.assign(
        installment="",
        days_overdue=overdue.astype("int64"),
        bucket=_bucket(overdue).where(table["open_minor"] > 0, "unapplied"),
        disputed_minor=disputed.clip(upper=table["open_minor"].clip(lower=0)),
        hold=_hold_texts(table, disputes, holds),
    )
    return OPEN_ITEMS.conform(table).sort_values(["account", "currency", "due_on", "document"], ignore_index=True)


def _bucket(days_overdue: "Series[int]") -> "Series[str]":
    edges = [-1, *_BUCKET_ENDS, 10**9]
    return pd.cut(days_overdue, edges, labels=list(BUCKETS)).astype("str")


def _hold_texts(table: DataFrame, disputes: DataFrame, holds: DataFrame) -> "Series[str]":
    disputed = {row.document: f"dispute {row.case}" for row in rows_of(disputes)}
    held = {row.account: f"until {row.until.date()} {row.case}" for row in rows_of(holds)}
    reasons = [
        "; ".join(filter(None, (disputed.get(document), held.get(account))))
        for document, account in zip(table["document"], table["account"], strict=True)
    ]
    return Series(reasons, index=table.index, dtype="str")


def aging_of(open_items: DataFrame, unapplied: DataFrame) -> DataFrame:
    """Return AGING per account and currency; unidentified money, which has no account, is in none."""
    cash = unapplied[unapplied["account"].ne("")]
    cash = cash.assign(bucket="unapplied", open_minor=-cash["amount_minor"])
    columns = ["account", "currency", "bucket", "open_minor"]
    amounts = pd.concat([open_items[columns], cash[columns]], ignore_index=True)
    safe_to_sum(amounts["open_minor"])
    sums = amounts.pivot_table(
        index=["account", "currency"], columns="bucket", values="open_minor", aggfunc="sum", fill_value=0
    )
    table = sums.reindex(columns=[*BUCKETS, "unapplied"], fill_value=0).astype("int64")
    table["balance"] = table.sum(axis="columns")
    return AGING.conform(table.reset_index())
