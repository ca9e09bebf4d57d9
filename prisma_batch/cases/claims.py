"""What cases change in the receivables: disputed amounts, write-offs and refunds that were granted."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from pandas import DataFrame

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import to_minor
from prisma_batch.records.cases import CLOSED_STATES, Case, Outcome
from prisma_batch.records.documents import Document
from prisma_batch.records.tables import ADJUSTMENTS, DISPUTES, REFUNDS


def disputes(cases: Iterable[Case], documents: Mapping[str, Document], as_of: date) -> DataFrame:
    """Return DISPUTES of the cases that were open on a day, by their log."""
    return DISPUTES.of(
        (dispute.invoice, to_minor(dispute.amount, documents[dispute.invoice].currency), case.id)
        for case in cases
        if status_on(case, as_of) not in ("", *CLOSED_STATES)
        for dispute in case.disputes
        if dispute.invoice in documents
    )


def status_on(case: Case, as_of: date) -> str:
    """Return a case's status at the end of a day; nothing before it was opened."""
    if case.opened_at.date() > as_of:
        return ""
    logged = [entry.status for entry in case.interactions if entry.status and entry.at.date() <= as_of]
    return logged[-1] if logged else "open"


def write_offs(cases: Iterable[Case], documents: Mapping[str, Document]) -> DataFrame:
    """Return ADJUSTMENTS of the amounts that cases wrote off."""
    rows = []
    for case, place, outcome, document in _on_documents(cases, "write_off", documents):
        amount = to_minor(outcome.amount or Decimal(0), document.currency)
        of = (outcome.on, outcome.approved_by or "", case.source, place)
        rows.append((document.number, document.account, "write_off", amount, document.currency, *of))
    return ADJUSTMENTS.of(rows)


def refunds(cases: Iterable[Case], documents: Mapping[str, Document]) -> DataFrame:
    """Return REFUNDS that cases granted."""
    rows = []
    for case, _, outcome, document in _on_documents(cases, "refund", documents):
        amount = to_minor(outcome.amount or Decimal(0), document.currency)
        rows.append((case.account, document.number, amount, outcome.on, case.id))
    return REFUNDS.of(rows)


def _outcomes(cases: Iterable[Case], kind: str) -> Iterator[tuple[Case, str, Outcome]]:
    for case in cases:
        for index, outcome in enumerate(case.outcome):
            if outcome.kind == kind:
                yield case, pointer("outcome", index), outcome


def _on_documents(
    cases: Iterable[Case], kind: str, documents: Mapping[str, Document]
) -> Iterator[tuple[Case, str, Outcome, Document]]:
    for case, place, outcome in _outcomes(cases, kind):
        document = documents.get(outcome.document or "")
        if document is not None:
            yield case, place, outcome, document
