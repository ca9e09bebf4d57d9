"""What is open as of a day: documents and installments, their age, what holds reminders; and the sums of it by age."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.book import Book
from prisma_batch.receivables.plans import Installment, PlanState, installment_name, shares
from prisma_batch.records.table import is_among, rows_of, safe_to_sum
from prisma_batch.records.tables import AGING, BUCKETS, OPEN_ITEMS

_BUCKET_ENDS = (0, 30, 60, 90, 120)
_HOLD_WORDS = {"hold": "until {until} {case}", "case": "case {case}"}


def open_items_of(
    book: Book, documents: DataFrame, disputes: DataFrame, granted: tuple[Assistance, Sequence[PlanState]], as_of: date
) -> DataFrame:
    """Return OPEN_ITEMS: documents with something open, aged by the day on which they are due.

    Day 0 and before are not due; credits are not aged. A dispute counts up to the open amount. An extension sets
    another day; a plan that holds has a row per installment instead, with its day.
    """
    assistance, plans = granted
    table = documents[is_among(documents["document"], book.open_minor)]
    table = table.assign(
        open_minor=table["document"].map(book.open_minor).astype("int64"),
        amount_minor=table["debt_minor"],
        due_on=_extended(table, assistance.extensions, as_of),
        installment="",
        plan="",
    )
    table = table[table["open_minor"].ne(0)]
    table = table.assign(agreed_due_on=table["due_on"])
    table = _in_installments(table, [plan for plan in plans if plan.state == "on_time"])
    overdue = (pd.Timestamp(as_of) - table["due_on"]).dt.days.clip(lower=0).where(table["open_minor"] > 0, 0)
    table = table.assign(
        days_overdue=overdue.astype("int64"),
        bucket=_bucket(overdue).where(table["open_minor"] > 0, "unapplied"),
        disputed_minor=_disputed(table, disputes),
        hold=_hold_texts(table, disputes, assistance.holds),
    )
    order = ["account", "currency", "due_on", "document", "installment"]
    return OPEN_ITEMS.conform(table).sort_values(order, ignore_index=True)


def _extended(table: DataFrame, extensions: DataFrame, as_of: date) -> "Series[Any]":
    """Return the due days, those replaced by the extension that was granted last."""
    known = extensions[extensions["on"] <= pd.Timestamp(as_of)]
    if known.empty:
        return table["due_on"]
    last = known.sort_values(["on", "case"], kind="stable").drop_duplicates("document", keep="last")
    extended = table["document"].map(last.set_index("document")["due_on"])
    return extended.astype("datetime64[s]").fillna(table["due_on"])


def _in_installments(table: DataFrame, plans: Sequence[PlanState]) -> DataFrame:
    covered = frozenset(document for plan in plans for document in plan.documents)
    if not covered:
        return table
    apart = table["document"].isin(sorted(covered)) & table["open_minor"].gt(0)
    rows = [row for plan in plans for row in _installment_rows(table[apart], plan)]
    return pd.concat([table[~apart], pd.DataFrame(rows, columns=table.columns).astype(table.dtypes)], ignore_index=True)


def _installment_rows(table: DataFrame, plan: PlanState) -> Iterator[dict[Any, Any]]:
    own = table[table["document"].isin(plan.documents)].sort_values(["due_on", "document"])
    by_document: dict[str, dict[Any, Any]] = {str(row["document"]): row for row in own.to_dict("records")}
    open_minor = {document: int(row["open_minor"]) for document, row in by_document.items()}
    parts = list(shares(plan, open_minor))
    count = len(plan.installments)
    for document, installment, part_minor in parts:
        row = {**by_document[document], "open_minor": part_minor}
        if installment is None:
            yield row
            continue
        alone = sum(other == installment for _, other, _ in parts) == 1 and len(by_document) == 1
        yield row | {
            "installment": installment_name(installment.number, count),
            "amount_minor": installment.amount_minor if alone else part_minor,
            "due_on": _timestamp(installment),
            "plan": plan.plan,
        }


def _timestamp(installment: Installment) -> pd.Timestamp:
    return pd.Timestamp(installment.due_on).as_unit("s")


def _disputed(table: DataFrame, disputes: DataFrame) -> "Series[int]":
    """Return what is disputed of each row: of a document in installments, the first ones first."""
    if disputes.empty:
        return Series(0, index=table.index, dtype="int64")
    by_document = disputes.groupby("document")["amount_minor"].sum()
    disputed = Series(by_document.reindex(table["document"], fill_value=0).to_numpy(), index=table.index)
    debts = table["open_minor"].clip(lower=0)
    before = debts.groupby(table["document"]).cumsum() - debts
    return (disputed - before).clip(lower=0).clip(upper=debts).astype("int64")


def _bucket(days_overdue: "Series[int]") -> "Series[str]":
    positions = np.searchsorted(_BUCKET_ENDS, days_overdue)
    return Series(np.array(BUCKETS, dtype=object).take(positions), index=days_overdue.index, dtype="str")


def _hold_texts(table: DataFrame, disputes: DataFrame, holds: DataFrame) -> "Series[str]":
    disputed: dict[str, list[str]] = {}
    for row in rows_of(disputes):
        disputed.setdefault(row.document, []).append(f"dispute {row.case}")
    held: dict[tuple[str, str], list[str]] = {}
    for row in rows_of(holds):
        held.setdefault((row.account, row.document), []).append(_hold_text(row))
    reasons, concerned = [], {account for account, _ in held}
    for document, account, plan in zip(
        *(table[name].tolist() for name in ("document", "account", "plan")), strict=True
    ):
        if not plan and document not in disputed and account not in concerned:
            reasons.append("")
            continue
        texts = (*held.get((account, document), ()), *held.get((account, ""), ()))
        on_plan = f"plan {plan.partition('#')[0]}" if plan else ""
        reasons.append("; ".join(dict.fromkeys(filter(None, (*disputed.get(document, ()), on_plan, *texts)))))
    return Series(reasons, index=table.index, dtype="str")


def _hold_text(row: Any) -> str:
    words = _HOLD_WORDS.get(row.kind, "{kind} until {until} {case}")
    until = row.until.date() if row.until == row.until else ""  # NaT is not equal to itself
    return words.format(kind=row.kind, until=until, case=row.case)


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
