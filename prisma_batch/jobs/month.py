"""One month, computed: usage rated and matched with invoices, payments with documents, and all of it checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.periods import Period
from prisma_batch.cases.claims import disputes, holds, refunds, write_offs
from prisma_batch.cases.lifecycle import with_states
from prisma_batch.jobs.month_inputs import InputFile, MonthInputs
from prisma_batch.jobs.rated import due_charges, known_months, snapshot_rates
from prisma_batch.rating.anomalies import find_anomalies
from prisma_batch.rating.commitments import committed_spend, unknown_commitments
from prisma_batch.rating.document_terms import document_discrepancies
from prisma_batch.rating.estimates import estimate_findings, estimated_reports, with_estimates
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.incident_credits import incident_credits_due, names_incident
from prisma_batch.rating.invariants import check_rows, check_usage
from prisma_batch.rating.invoice_lines import invoice_lines
from prisma_batch.rating.late_usage import usage_after_window
from prisma_batch.rating.match import MatchScope, match_usage
from prisma_batch.rating.placement import with_period
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.report_states import ReportingDays, report_discrepancies, usage_report_states
from prisma_batch.rating.tolerances import with_tolerances
from prisma_batch.rating.totals import usage_totals
from prisma_batch.rating.usage import accept_sources, refused_rows, reported_rows
from prisma_batch.rating.zero_reports import zero_findings
from prisma_batch.receivables.bank import BankBook, bank_book, with_recorded
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState, decision_table, document_table
from prisma_batch.receivables.remittances import Remittances, remittances
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.settle import settle
from prisma_batch.receivables.terms import Terms
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.discrepancies import Discrepancy, discrepancy_table
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.tables import PAYMENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """What a run found: the tables of ``records.tables``; ``charges`` are those of the period, ``all_charges`` of any.

    ``lines`` are INVOICE_LINES with the ``period`` in which each is matched; ``files`` are those that gave any of it.
    """

    period: Period
    as_of: date
    opened_on: date
    snapshot: Snapshot
    charges: DataFrame
    all_charges: DataFrame
    lines: DataFrame
    refused_rows: DataFrame
    usage_reports: DataFrame
    receivables: Receivables
    discrepancies: DataFrame
    anomalies: tuple[Anomaly, ...]
    findings: tuple[Finding, ...]
    files: tuple[InputFile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Paid:
    """BANK_ENTRIES with ``payment`` that count, and what remittance advices say of them."""

    entries: DataFrame
    remittances: Remittances


def compute_month(
    inputs: MonthInputs, period: Period, as_of: date, last_as_of: date, recorded: RecordedState | None
) -> Month:
    """Reconcile a month.

    Args:
        last_as_of: the as-of day of the previous period: what moved after it is shown.
        recorded: what the previous run published, if there is one.
    Raises:
        RecordsNotRight: a decision of a person cannot hold.
        InvariantBroken, AmountOverflow: nothing may be published.
    """
    snapshot = inputs.snapshot
    rates = snapshot_rates(snapshot)
    days = ReportingDays(period=period, as_of=as_of, last_as_of=last_as_of)
    estimates = estimated_reports(snapshot.usage_reports, rates, snapshot.settings, days)
    reported = reported_rows([*snapshot.usage_reports, *estimates])
    reported_totals = usage_totals(reported, daily_keys(rates))
    check_usage(reported, reported_totals)
    accepted = accept_sources(inputs.metered.totals, reported_totals, snapshot.settings)
    check_rows(len(inputs.metered.totals) + len(reported_totals), accepted.rows, accepted.refused)
    months = known_months(snapshot, period, usage_named=inputs.usage_named)
    charges = due_charges(accepted.rows, rates, snapshot, months)
    scope = _scope(inputs, period, rates)
    states = usage_report_states(snapshot.usage_reports, estimates, rates, snapshot.settings, days)
    bank = bank_book(inputs.entries, inputs.statements, recorded.payments if recorded else PAYMENTS.of([]))
    paid = _payments(inputs, bank, recorded)
    receivables = settle(_receivables_input(inputs, paid, bank, as_of), as_of, last_as_of, recorded)
    lines = invoice_lines(d for d in snapshot.documents if not names_incident(d, snapshot.incidents))
    placed_lines = with_period(lines, scope.advance)
    found: list[Discrepancy] = [
        *with_estimates(match_usage(charges, lines, scope), estimates),
        *_after_window(charges, placed_lines, scope, period, recorded),
        *document_discrepancies(snapshot.documents, snapshot.agreements, period),
        *incident_credits_due(snapshot.incidents, snapshot.agreements, charges, snapshot.documents),
        *report_discrepancies(states, _agreement_sources(snapshot), snapshot.settings),
        *bank.discrepancies,
    ]
    return Month(
        period=period,
        as_of=as_of,
        opened_on=last_as_of + timedelta(days=1),
        snapshot=snapshot,
        charges=charges[charges["period"].eq(str(period))],
        all_charges=charges,
        lines=placed_lines,
        refused_rows=refused_rows(inputs.metered.counts, reported, snapshot.settings),
        usage_reports=states,
        receivables=receivables,
        discrepancies=with_states(
            _all_discrepancies(discrepancy_table(with_tolerances(found, snapshot.settings)), receivables.discrepancies),
            snapshot.cases,
            {document.number: document for document in snapshot.documents},
            as_of,
        ),
        anomalies=_anomalies(charges, inputs, period),
        findings=(
            *inputs.findings,
            *unknown_commitments(committed_spend(snapshot.agreements.values()), months),
            *paid.remittances.findings,
            *estimate_findings(estimates),
            *zero_findings(snapshot.usage_reports, period),
        ),
        files=_files(inputs, paid.remittances),
    )


def _anomalies(charges: DataFrame, inputs: MonthInputs, period: Period) -> tuple[Anomaly, ...]:
    settings = inputs.snapshot.settings
    if inputs.usage_named:  # named files need not hold earlier months
        return ()
    return tuple(find_anomalies(charges, period, settings.first_period, settings.policies.anomalies))


def _scope(inputs: MonthInputs, period: Period, rates: Rates) -> MatchScope:
    snapshot = inputs.snapshot
    earlier = {} if inputs.usage_named else snapshot.settings.programs  # named files need not hold earlier months
    return MatchScope(
        periods={name: frozenset(map(str, snapshot.settings.open_periods(name, period))) for name in earlier},
        default_periods=frozenset([str(period)]),
        accounts=frozenset([*snapshot.customers, *snapshot.agreements]),
        advance=rates.in_advance,
    )


def _after_window(
    charges: DataFrame, lines: DataFrame, scope: MatchScope, period: Period, recorded: RecordedState | None
) -> list[Discrepancy]:
    if recorded is None or not scope.periods:  # nothing was closed before, or named files need not hold earlier months
        return []
    return usage_after_window(charges, lines, scope, period, recorded.document_sources)


def _payments(inputs: MonthInputs, bank: BankBook, recorded: RecordedState | None) -> _Paid:
    entries = bank.entries
    if recorded:
        entries = with_recorded(bank, recorded.payments, from_elsewhere=inputs.payments_named)
    found = remittances(inputs.advices, bank, entries, inputs.later_entries)
    if errors_in(found.findings):
        raise RecordsNotRight(errors_in(found.findings))
    return _Paid(entries=entries, remittances=found)


def _files(inputs: MonthInputs, found: Remittances) -> tuple[InputFile, ...]:
    advices = [file for file in inputs.advice_files if file.path in found.sources]
    return tuple(sorted([*inputs.files, *advices], key=lambda file: file.path))


def _receivables_input(inputs: MonthInputs, paid: _Paid, bank: BankBook, as_of: date) -> ReceivablesInput:
    snapshot, entries, elsewhere = inputs.snapshot, paid.entries, bank.held_payments
    if inputs.payments_named:  # decisions about payments of the folder's files stay without effect
        elsewhere |= {item.payment for decision in snapshot.allocations for item in decision.items if item.payment}
    by_number = {document.number: document for document in snapshot.documents}
    paid_in = dict(zip(entries["payment"], entries["currency"], strict=True))
    owed_in = {number: document.currency for number, document in by_number.items()}
    agreements = snapshot.agreements.values()
    return ReceivablesInput(
        documents=document_table(snapshot.documents, snapshot.agreements),
        entries=entries,
        held_payments=elsewhere,
        remittances=paid.remittances.lines,
        decisions=decision_table(snapshot.allocations, paid_in, owed_in),
        granted=write_offs(snapshot.cases, by_number),
        refunds=refunds(snapshot.cases, by_number),
        disputes=disputes(snapshot.cases, by_number, as_of),
        holds=holds(snapshot.cases, as_of),
        links={agreement.account: agreement.billed_to for agreement in agreements if agreement.billed_to},
        terms=_terms(snapshot),
    )


def _terms(snapshot: Snapshot) -> Terms:
    policies = snapshot.settings.policies
    return Terms(
        tolerance=policies.tolerances.payment if policies.tolerances else None,
        not_receivable=policies.not_receivable,
        names={agreement.account: agreement.bill_to.legal_name for agreement in snapshot.agreements.values()},
    )


def _agreement_sources(snapshot: Snapshot) -> Mapping[str, str]:
    return {agreement.account: agreement.source for agreement in snapshot.agreements.values()}


def _all_discrepancies(usage_side: DataFrame, payment_side: DataFrame) -> DataFrame:
    table = pd.concat([usage_side, payment_side], ignore_index=True)
    order = ["account", "period", "kind", "program", "sku", "invoice", "line", "payment", "id"]
    return table.sort_values(order, kind="stable", ignore_index=True)
