"""What the receivables of one run start from: declared tables, and the state that the previous run recorded."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pandas import DataFrame, Timestamp

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import percent_of, to_minor
from prisma_batch.base.periods import days_after
from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.terms import Terms
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.allocations import AllocationDecision, AllocationItem
from prisma_batch.records.documents import Document
from prisma_batch.records.tables import DECISIONS, DOCUMENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedState:
    """What the previous closed run published: its tables, and the sources of the documents that it knew."""

    as_of: date
    document_sources: frozenset[str]
    payments: DataFrame
    allocations: DataFrame
    adjustments: DataFrame


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivablesInput:
    """The declared tables by the same names, unfiltered.

    ``entries`` has the column ``payment`` as well; ``held_payments`` are ids of entries that do not count for now.
    ``remittances`` are REMITTANCE_LINES, each of a payment of ``entries``. ``links`` maps an account to the one it is
    billed to.
    """

    documents: DataFrame
    entries: DataFrame
    held_payments: frozenset[str]
    remittances: DataFrame
    decisions: DataFrame
    granted: DataFrame
    refunds: DataFrame
    disputes: DataFrame
    links: Mapping[str, str]
    assistance: Assistance = field(default_factory=Assistance)
    terms: Terms = field(default_factory=Terms)


def document_table(documents: Iterable[Document], agreements: Mapping[str, Agreement]) -> DataFrame:
    """Return DOCUMENTS sorted by issue date and number.

    Args:
        agreements: by account; their payment terms say what early payment earns.
    """
    table = DOCUMENTS.of(
        (
            *(document.number, document.account, document.kind, document.issued_on, document.due_on),
            *(document.currency, document.debt_minor, document.payment_reference or "", document.purchase_order or ""),
            document.corrects[0] if len(document.corrects) == 1 else "",
            *(*_discount(document, agreements.get(document.account)), document.source),
        )
        for document in documents
    )
    return table.sort_values(["issued_on", "document"], ignore_index=True)


def _discount(document: Document, agreement: Agreement | None) -> tuple[int, date | None]:
    """Return how much less is due until when, by the terms on the day of issue."""
    terms = agreement.terms_on(document.issued_on) if agreement else None
    if not terms or not terms.discount_percent or terms.discount_days is None or document.debt_minor <= 0:
        return 0, None
    return percent_of(document.debt_minor, terms.discount_percent), days_after(document.issued_on, terms.discount_days)


def decision_table(
    decisions: Iterable[AllocationDecision], paid_in: Mapping[str, str], owed_in: Mapping[str, str]
) -> DataFrame:
    """Return DECISIONS sorted by date and source.

    Args:
        paid_in: the currency of each payment.
        owed_in: the currency of each document.
    Raises:
        RecordsNotRight: amounts have more decimals than their currency.
    """
    rows, findings = [], []
    for decision in decisions:
        for index, item in enumerate(decision.items):
            try:
                rows.append(_decision(decision, item, index, paid_in, owed_in))
            except ValueError as error:
                findings.append(_imprecise(decision, index, str(error)))
    if findings:
        raise RecordsNotRight(findings)
    return DECISIONS.of(rows).sort_values(["decided_on", "source", "pointer"], kind="stable", ignore_index=True)


def _decision(
    decision: AllocationDecision,
    item: AllocationItem,
    index: int,
    paid_in: Mapping[str, str],
    owed_in: Mapping[str, str],
) -> tuple[Any, ...]:
    owed = owed_in.get(item.document or "", "")
    paid = paid_in.get(item.payment or "", owed)
    settles = item.amount if item.settles_amount is None else item.settles_amount
    return (
        *(decision.decided_on, item.payment or "", item.account or "", item.document or "", item.kind),
        *(to_minor(item.amount, paid), to_minor(settles, owed or paid), paid),
        *(decision.decided_by, decision.source, pointer("items", index)),
    )


def _imprecise(decision: AllocationDecision, index: int, message: str) -> Finding:
    return Finding(
        code="amount-precision",
        message=message,
        remedy="write the amount to the currency's minor unit",
        source=decision.source,
        pointer=pointer("items", index, "amount"),
    )


def rows_until(table: DataFrame, column: str, as_of: date) -> Any:
    """Return the rows dated up to a day, both included."""
    known = table[column] <= Timestamp(as_of)
    return table if known.all() else table[known]  # a copy of a million rows is worth avoiding
