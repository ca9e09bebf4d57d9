"""The figures of a run, as its job hands them over: control totals by currency, counts, what was read."""

from dataclasses import dataclass
from datetime import date

from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period
from prisma_batch.records.anomalies import Anomaly


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerTotal:
    """The ledger in one currency, minor units; credit notes, payments and adjustments are what is subtracted."""

    currency: str
    opening_minor: int = 0
    invoices_minor: int = 0
    fees_minor: int = 0
    credit_notes_minor: int = 0
    payments_minor: int = 0
    reversals_minor: int = 0
    refunds_minor: int = 0
    adjustments_minor: int = 0
    closing_minor: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentTotal:
    """Bank money in one currency, minor units: every cent received is one of the five that follow.

    ``unidentified_minor`` is the part of ``unapplied_minor`` that belongs to no account.
    """

    currency: str
    received_minor: int = 0
    applied_minor: int = 0
    unapplied_minor: int = 0
    refunded_minor: int = 0
    reversed_minor: int = 0
    not_receivable_minor: int = 0
    unidentified_minor: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AgingTotal:
    """What is open in one currency, minor units; ``buckets_minor`` in the order of ``records.tables.BUCKETS``."""

    currency: str
    buckets_minor: tuple[int, ...]
    unapplied_minor: int
    balance_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscrepancyCount:
    """Discrepancies of one kind, severity, state and currency (none: ``""``).

    ``difference_minor`` adds up those that have one, or is None; ``largest`` says whose is the largest, and why.
    """

    kind: str
    severity: str
    state: str
    currency: str
    count: int
    difference_minor: int | None
    largest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageCount:
    """Rows of one usage file: ``read`` = used + refused + duplicate."""

    source: str
    read: int
    used: int
    refused: int = 0
    duplicate: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceCost:
    """What a provider billed according to its export; ``cost`` is the exact decimal as text.

    ``invoice`` is the number of the invoice on which it did, or "".
    """

    source: str
    billing_account: str
    invoice: str
    currency: str
    cost: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFigures:
    """Everything a summary tells.

    ``findings`` are those of the run, ``alerts`` the kinds of anomalies that need a person; ``files_read`` counts input
    files by kind.
    """

    period: Period
    opened_on: date
    as_of: date
    ledger: tuple[LedgerTotal, ...] = ()
    payments: tuple[PaymentTotal, ...] = ()
    aging: tuple[AgingTotal, ...] = ()
    discrepancies: tuple[DiscrepancyCount, ...] = ()
    usage: tuple[UsageCount, ...] = ()
    source_costs: tuple[SourceCost, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    alerts: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    messages_planned: int = 0
    messages_skipped: int = 0
    files_read: tuple[tuple[str, int], ...] = ()
