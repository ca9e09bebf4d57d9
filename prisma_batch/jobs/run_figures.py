"""The figures of a run's summary, added up from its tables."""

from collections import Counter, defaultdict

from pandas import DataFrame

from prisma_batch.base.money import from_scaled, plain
from prisma_batch.jobs.metered_usage import MeteredUsage
from prisma_batch.jobs.month import Month
from prisma_batch.jobs.month_inputs import MonthInputs
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import BUCKETS
from prisma_batch.views.figures import AgingTotal, LedgerTotal, PaymentTotal, RunFigures, SourceCost, UsageCount
from prisma_batch.views.message import Message
from prisma_batch.views.summary import count_discrepancies

_LEDGER_FIELD_BY_KIND = {
    "invoice": "invoices_minor",
    "opening_item": "invoices_minor",
    "fee": "fees_minor",
    "credit_note": "credit_notes_minor",
    "payment": "payments_minor",
    "reversal": "reversals_minor",
    "refund": "refunds_minor",
}
_SUBTRACTED = ("credit_notes_minor", "payments_minor", "adjustments_minor")
_PAYMENT_FIELD_BY_STATE = {
    "refunded": "refunded_minor",
    "returned": "reversed_minor",
    "reversed": "reversed_minor",
    "not_receivable": "not_receivable_minor",
}


def run_figures(month: Month, inputs: MonthInputs, messages: tuple[Message, ...]) -> RunFigures:
    """Add up a month; amounts stay minor units, per currency."""
    skipped = sum(bool(message.skipped_because) for message in messages)
    return RunFigures(
        period=month.period,
        opened_on=month.opened_on,
        as_of=month.as_of,
        ledger=_ledger(month.receivables),
        payments=_payments(month.receivables),
        aging=_aging(month.receivables.aging),
        discrepancies=count_discrepancies(month.discrepancies),
        usage=_usage(month.refused_rows, inputs.metered),
        source_costs=_source_costs(inputs.metered.costs),
        anomalies=month.anomalies,
        alerts=month.snapshot.settings.policies.anomalies.alerts,
        findings=month.findings,
        messages_planned=len(messages) - skipped,
        messages_skipped=skipped,
        files_read=_files_read(month),
    )


def _ledger(receivables: Receivables) -> tuple[LedgerTotal, ...]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows_of(receivables.balances):
        sums[row.currency]["opening_minor"] += int(row.opening_minor)
        sums[row.currency]["closing_minor"] += int(row.closing_minor)
    for row in rows_of(receivables.movements):
        field = _LEDGER_FIELD_BY_KIND.get(row.kind, "adjustments_minor")
        sums[row.currency][field] += -int(row.amount_minor) if field in _SUBTRACTED else int(row.amount_minor)
    return tuple(LedgerTotal(currency=currency, **fields) for currency, fields in sorted(sums.items()))


def _payments(receivables: Receivables) -> tuple[PaymentTotal, ...]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    left = dict(zip(receivables.unapplied["payment"], receivables.unapplied["amount_minor"], strict=True))
    applied = receivables.allocations.groupby("payment")["amount_minor"].sum().to_dict()
    for row in rows_of(receivables.payments):
        amount, unapplied = int(row.amount_minor), int(left.get(row.payment, 0))
        total = sums[row.currency]
        total["received_minor"] += amount
        field = _PAYMENT_FIELD_BY_STATE.get(row.state)
        if field == "not_receivable_minor":  # what a person applied before setting the rest apart is applied
            total["applied_minor"] += int(applied.get(row.payment, 0))
            total[field] += amount - int(applied.get(row.payment, 0))
        elif field:
            total[field] += amount
        else:
            total["applied_minor"] += amount - unapplied
            total["unapplied_minor"] += unapplied
            total["unidentified_minor"] += unapplied if not row.account else 0
    return tuple(PaymentTotal(currency=currency, **fields) for currency, fields in sorted(sums.items()))


def _aging(aging: DataFrame) -> tuple[AgingTotal, ...]:
    sums = aging.groupby("currency")[[*BUCKETS, "unapplied", "balance"]].sum()
    return tuple(
        AgingTotal(
            currency=str(currency),
            buckets_minor=tuple(int(row[bucket]) for bucket in BUCKETS),
            unapplied_minor=int(row["unapplied"]),
            balance_minor=int(row["balance"]),
        )
        for currency, row in sums.iterrows()
    )


def _usage(refused: DataFrame, metered: MeteredUsage) -> tuple[UsageCount, ...]:
    """Count the rows up to the period, by file: read = used + refused, or all duplicate in a repeated file."""
    not_used = _rows_by_source(refused)
    read = _rows_by_source(metered.counts) | not_used  # a report of a metered program is refused whole
    counts = [
        UsageCount(source=source, read=rows, used=rows - not_used[source], refused=not_used[source])
        for source, rows in read.items()
    ]
    repeated = [
        UsageCount(source=source, read=read[original], used=0, duplicate=read[original])
        for source, original in metered.repeated.items()
        if original in read
    ]
    return (*counts, *repeated)


def _rows_by_source(counts: DataFrame) -> Counter[str]:
    found: Counter[str] = Counter()
    for row in rows_of(counts):
        found[row.source] += int(row.rows)
    return found


def _source_costs(costs: DataFrame) -> tuple[SourceCost, ...]:
    return tuple(
        SourceCost(
            source=row.source,
            billing_account=row.billing_account,
            invoice=row.invoice,
            currency=row.currency,
            cost=plain(from_scaled(row.cost_scaled, row.cost_scale)),
        )
        for row in rows_of(costs)
    )


def _files_read(month: Month) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = defaultdict(int)
    for file in month.files:
        counts[file.path.partition("/")[0]] += 1
    return tuple(sorted(counts.items()))
