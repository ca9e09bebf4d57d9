"""The side of usage: what was used, reported and agreed, against what was invoiced."""

from collections.abc import Iterator
from dataclasses import dataclass

from pandas import DataFrame

from prisma_batch.base.findings import Finding
from prisma_batch.jobs.month_inputs import MonthInputs
from prisma_batch.jobs.rated import due_charges, known_months, snapshot_rates
from prisma_batch.rating.anomalies import find_anomalies
from prisma_batch.rating.billed_costs import cost_findings
from prisma_batch.rating.commitments import committed_spend, unknown_commitments
from prisma_batch.rating.credited_lines import credited_lines
from prisma_batch.rating.document_terms import document_discrepancies
from prisma_batch.rating.estimates import estimate_findings, estimated_reports, with_estimates
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.incident_credits import incident_credits_due, names_incident
from prisma_batch.rating.invariants import check_rows, check_usage
from prisma_batch.rating.invoice_lines import invoice_lines
from prisma_batch.rating.late_usage import usage_after_window
from prisma_batch.rating.match import MatchScope, match_usage
from prisma_batch.rating.penalties import charged_penalties
from prisma_batch.rating.placement import with_period
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.report_states import ReportingDays, report_discrepancies, usage_report_states
from prisma_batch.rating.tolerances import with_tolerances
from prisma_batch.rating.totals import usage_totals
from prisma_batch.rating.usage import accept_sources, refused_rows, reported_rows, source_findings
from prisma_batch.rating.zero_reports import zero_findings
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageSide:
    """CHARGES of every month, INVOICE_LINES with their period, CREDITED_LINES, report states, and what was found.

    ``reported`` are USAGE_ROWS of reports and of those that stand in for missing ones; ``refused_rows`` counts rows by
    file that are not of the source their program names.
    """

    charges: DataFrame
    reported: DataFrame
    lines: DataFrame
    credited_lines: DataFrame
    states: DataFrame
    refused_rows: DataFrame
    discrepancies: tuple[Discrepancy, ...]
    anomalies: tuple[Anomaly, ...]
    findings: tuple[Finding, ...]


def usage_side(inputs: MonthInputs, days: ReportingDays) -> UsageSide:
    """Rate the usage of a month and match it with invoices.

    Raises:
        InvariantBroken, AmountOverflow: nothing may be published.
    """
    snapshot = inputs.snapshot
    rates = snapshot_rates(snapshot)
    estimates = estimated_reports(snapshot.usage_reports, rates, snapshot.settings, days)
    reported = reported_rows([*snapshot.usage_reports, *estimates])
    months = known_months(snapshot, days.period, usage_named=inputs.usage_named)
    charges = due_charges(_accepted_totals(inputs, reported, rates), rates, snapshot, months)
    states = usage_report_states(snapshot.usage_reports, estimates, rates, snapshot.settings, days)
    lines = invoice_lines(d for d in snapshot.documents if not names_incident(d, snapshot.incidents))
    scope = _scope(inputs, days, rates)
    placed = with_period(lines, scope.advance)
    refused = refused_rows(inputs.metered.counts, reported, snapshot.settings)
    found = [
        *with_estimates(match_usage(charges, lines, scope), estimates),
        *usage_after_window(inputs.late, rates, charges, placed, scope),
        *document_discrepancies(snapshot.documents, snapshot.agreements, days.period),
        *incident_credits_due(snapshot.incidents, snapshot.agreements, charges, snapshot.documents),
        *_about_reports(states, snapshot),
    ]
    return UsageSide(
        charges=charges,
        reported=reported,
        lines=placed,
        credited_lines=credited_lines(placed, scope),
        states=states,
        refused_rows=refused,
        discrepancies=tuple(with_tolerances(found, snapshot.settings)),
        anomalies=tuple(find_anomalies(charges, rates.terms, months, snapshot.settings.policies.anomalies)),
        findings=(
            *unknown_commitments(charges, committed_spend(snapshot.agreements.values()), months),
            *estimate_findings(estimates),
            *source_findings(refused, snapshot.settings, inputs.known_usage),
            *cost_findings(inputs.metered.costs, {d.number: d for d in snapshot.documents}, placed, scope),
            *zero_findings(snapshot.usage_reports, days.period),
        ),
    )


def _accepted_totals(inputs: MonthInputs, reported: DataFrame, rates: Rates) -> DataFrame:
    totals = usage_totals(reported, daily_keys(rates))
    check_usage(reported, totals)
    accepted = accept_sources(inputs.metered.totals, totals, inputs.snapshot.settings)
    check_rows(len(inputs.metered.totals) + len(totals), accepted.rows, accepted.refused)
    return accepted.rows


def _scope(inputs: MonthInputs, days: ReportingDays, rates: Rates) -> MatchScope:
    snapshot = inputs.snapshot
    earlier = {} if inputs.usage_named else snapshot.settings.programs  # named files need not hold earlier months
    return MatchScope(
        periods={name: frozenset(map(str, snapshot.settings.open_periods(name, days.period))) for name in earlier},
        default_periods=frozenset([str(days.period)]),
        accounts=frozenset([*snapshot.customers, *snapshot.agreements]),
        advance=rates.in_advance,
        terms=rates.terms,
    )


def _about_reports(states: DataFrame, snapshot: Snapshot) -> Iterator[Discrepancy]:
    sources = {agreement.account: agreement.source for agreement in snapshot.agreements.values()}
    return report_discrepancies(states, sources, snapshot.settings, charged_penalties(snapshot.documents))
