"""Usage reports that are expected, and what became of each: submitted, zero, late or missing."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from pandas import DataFrame, NaT

from prisma_batch.base.periods import Period
from prisma_batch.rating.usage import latest_reports
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.settings import Settings
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import USAGE_REPORT_STATES
from prisma_batch.records.usage_reports import UsageReport


def usage_report_states(
    reports: Iterable[UsageReport], agreements: Iterable[Agreement], settings: Settings, period: Period
) -> DataFrame:
    """Return the state of each report of a period: ``missing``, ``zero``, ``late`` or ``submitted``.

    A report is expected of an account that has a rate for a reported program in the month. Lateness is judged by the
    first submission, the rest by the last.
    """
    known = [report for report in reports if report.period == period]
    latest = latest_reports(known)
    first = {
        (report.account, report.program): report
        for report in sorted(known, key=lambda report: report.revision, reverse=True)
    }
    pairs = {(account, program) for account, program, _ in latest} | set(_expected(agreements, settings, period))
    rows = []
    for account, program in sorted(pairs):
        due_on = period.plus(1).day(settings.programs[program].due_day)
        report = latest.get((account, program, str(period)))
        submitted_on = first[account, program].submitted_on if report else None
        state = _state(report, submitted_on, due_on)
        source = report.source if report else ""
        rows.append((account, program, str(period), state, due_on, submitted_on or NaT, source))
    return USAGE_REPORT_STATES.of(rows)


def _state(report: UsageReport | None, submitted_on: date | None, due_on: date) -> str:
    if report is None or submitted_on is None:
        return "missing"
    if submitted_on > due_on:
        return "late"
    return "zero" if report.zero_usage else "submitted"


def _expected(agreements: Iterable[Agreement], settings: Settings, period: Period) -> Iterator[tuple[str, str]]:
    for agreement in agreements:
        closed_on = agreement.closed_on or period.last_day
        for rate in agreement.rates:
            program = settings.programs.get(rate.program)
            in_force = rate.starts_on <= period.last_day and (rate.ends_on or period.last_day) >= period.first_day
            active = agreement.active_from <= period.last_day and closed_on >= period.first_day
            if program and program.source == "reported" and rate.basis == "usage" and in_force and active:
                yield agreement.account, rate.program


def report_discrepancies(states: DataFrame, agreements: Mapping[str, str], as_of: date) -> list[Discrepancy]:
    """Return ``missing_usage_report`` once the due day has passed, and ``late_usage``.

    ``agreements`` gives the source of each account's agreement, where a missing report has no file to point at.
    """
    found = []
    for row in rows_of(states):
        if row.state == "missing" and row.due_on.date() < as_of:
            message = f"no report for {row.period}; it was due on {row.due_on.date()}"
            found.append(_about_report(row, "missing_usage_report", message, agreements.get(row.account, "")))
        elif row.state == "late":
            message = f"submitted on {row.submitted_on.date()}, due on {row.due_on.date()}"
            found.append(_about_report(row, "late_usage", message, row.source))
    return found


def _about_report(row: object, kind: str, message: str, source: str) -> Discrepancy:
    about = {column: getattr(row, column) for column in ("account", "program", "period")}
    return Discrepancy(kind=kind, message=message, source=source, **about)
