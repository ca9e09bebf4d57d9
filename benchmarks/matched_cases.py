"""Runs generated payments through the receivables, and compares what was applied with the truth."""

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

from pandas import DataFrame

from benchmarks.payment_cases import CAP_MINOR, LIMIT_MINOR, Cases
from prisma_batch.receivables.inputs import ReceivablesInput
from prisma_batch.receivables.terms import Terms
from prisma_batch.records.settings import PaymentTolerance
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import (
    ADJUSTMENTS,
    BANK_ENTRIES,
    DECISIONS,
    DISPUTES,
    DOCUMENTS,
    REFUNDS,
    REMITTANCE_LINES,
)


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many rows of one kind were meant, could be known, were applied, and were applied as meant."""

    kind: str
    payments: int
    meant: int
    knowable: int
    applied: int
    right: int
    found: int

    @property
    def precision(self) -> float:
        return self.right / self.applied if self.applied else 1.0

    @property
    def recall(self) -> float:
        return self.found / self.knowable if self.knowable else 1.0


def receivables_input(cases: Cases) -> ReceivablesInput:
    """Return the tables of generated cases."""
    entries = BANK_ENTRIES.of(row[:-1] for row in cases.entries).assign(payment=[row[-1] for row in cases.entries])
    limits = {"amount": {"EUR": Decimal(LIMIT_MINOR) / 100}, "yearly_cap": {"EUR": Decimal(CAP_MINOR) / 100}}
    return replace(
        no_cases(
            documents=DOCUMENTS.of(cases.documents).sort_values(["issued_on", "document"], ignore_index=True),
            entries=entries.sort_values(["booking_date", "payment"], ignore_index=True),
        ),
        remittances=REMITTANCE_LINES.of(cases.advices),
        terms=Terms(tolerance=PaymentTolerance(**limits), names=cases.names),
    )


def no_cases(documents: DataFrame, entries: DataFrame) -> ReceivablesInput:
    """Return documents and entries, sorted and with the id of each payment, and nothing that anybody decided."""
    return ReceivablesInput(
        documents=DOCUMENTS.conform(documents),
        entries=BANK_ENTRIES.conform(entries).assign(payment=entries["payment"].astype("str")),
        held_payments=frozenset(),
        remittances=REMITTANCE_LINES.of([]),
        decisions=DECISIONS.of([]),
        granted=ADJUSTMENTS.of([]),
        refunds=REFUNDS.of([]),
        disputes=DISPUTES.of([]),
        links={},
    )


def scores(cases: Cases, allocations: DataFrame) -> list[Score]:
    """Return the figures of each kind, and of all together; a row is a payment, a document and an amount."""
    applied = {(row.payment, row.document, int(row.amount_minor)) for row in rows_of(allocations)}
    meant = {(payment, *pair) for payment, pairs in cases.meant.items() for pair in pairs.items()}
    knowable = {row for row in meant if row[0] in cases.knowable}
    counted = {
        name: Counter(kind for row in rows for kind in (cases.kinds[row[0]], "all"))
        for name, rows in {
            "meant": meant,
            "knowable": knowable,
            "applied": applied,
            "right": applied & meant,
            "found": applied & knowable,
        }.items()
    }
    payments = Counter(kind for of in cases.kinds.values() for kind in (of, "all"))
    return [
        Score(kind=kind, payments=payments[kind], **{name: count[kind] for name, count in counted.items()})
        for kind in [*sorted(payments.keys() - {"all"}), "all"]
    ]


def wrong(cases: Cases, allocations: DataFrame) -> list[str]:
    """Say of each row that was applied otherwise than meant what it was."""
    rows = [(row.payment, row.document, int(row.amount_minor), row.method) for row in rows_of(allocations)]
    return [
        f"{cases.kinds[payment]} {payment}: {amount} to {document} by {method}, meant {cases.meant[payment]}"
        for payment, document, amount, method in rows
        if cases.meant[payment].get(document) != amount
    ]
