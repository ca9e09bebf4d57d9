"""Usage reports that are expected, and what became of each, in the run's period and in earlier ones still open."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any

from pandas import DataFrame, NaT, Timestamp

from prisma_batch.base.periods import Period
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.usage import latest_reports
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.settings import Settings
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import USAGE_REPORT_STATES
from prisma_batch.records.usage_reports import UsageReport

_Reports = Mapping[tuple[str, str, str], UsageReport]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportingDays:
    """The period of a run, the day as of which it judges, and that of the run before."""

    period: Period
    as_of: date
    last_as_of: date


def usage_report_states(
    reports: Iterable[UsageReport],
    estimates: Iterable[UsageReport],
    rates: Rates,
    settings: Settings,
    days: ReportingDays,
) -> DataFrame:
    """Return the state of each report.

    A report is expected of an account that has a rate of usage for a reported program in the month; once its due day
    has passed it is ``missing``, or ``estimated`` where an earlier one stands in. A report that is there is ``late``
    (judged by the first submission), else ``revised``, ``zero`` or ``submitted`` (judged by the last); one of a metered
    program has no state. Earlier periods within the late window are listed as long as their report is not there, and
    once more when it comes or is revised.
    """
    reports = [report for report in reports if settings.programs[report.program].source == "reported"]
    latest, first = latest_reports(reports), latest_reports(reports, reverse=True)
    estimated = latest_reports(estimates)
    rows: list[tuple[object, ...]] = []
    for account, program, period in sorted(_looked_at(latest, rates, settings, days)):
        key = (account, program, str(period))
        due_on = report_due_on(settings, program, period)
        if key not in latest:
            source = estimated[key].source if key in estimated else ""
            rows.append((*key, _absent(key in estimated, due_on, days), due_on, NaT, source))
            continue
        report, submitted_on = latest[key], first[key].submitted_on
        if period == days.period or max(report.submitted_on, submitted_on) > days.last_as_of:
            source = first[key].source if submitted_on > due_on else report.source
            rows.append((*key, _present(report, submitted_on, due_on), due_on, submitted_on, source))
    return USAGE_REPORT_STATES.of(rows)


def report_due_on(settings: Settings, program: str, period: Period) -> date:
    """Return the day of the following month on which a report is due."""
    return period.plus(1).day(settings.programs[program].due_day)


def expected_reports(rates: Rates, settings: Settings, period: Period) -> set[tuple[str, str]]:
    """Return account and program of each report that is expected of a period."""
    reported = [name for name, program in settings.programs.items() if program.source == "reported"]
    table, first, last = rates.table, Timestamp(period.first_day), Timestamp(period.last_day)
    in_force = table["program"].isin(reported) & (table["starts_on"] <= last) & ~(table["ends_on"] < first)
    pairs = table.loc[in_force, ["account", "program"]].drop_duplicates()
    return {(row.account, row.program) for row in rows_of(pairs) if _is_active(rates, row.account, period)}


def _is_active(rates: Rates, account: str, period: Period) -> bool:
    since, until = rates.active.get(account, (date.min, date.max))
    return since <= period.last_day and until >= period.first_day


def _looked_at(latest: _Reports, rates: Rates, settings: Settings, days: ReportingDays) -> set[tuple[str, str, Period]]:
    """Return what may be listed: what is expected or there, in the periods of each program that are still open."""
    known = {(account, program, Period.parse(period)) for account, program, period in latest}
    periods = {period for program in settings.programs for period in settings.open_periods(program, days.period)}
    for period in periods:
        known |= {(*pair, period) for pair in expected_reports(rates, settings, period)}
    return {key for key in known if key[2] in settings.open_periods(key[1], days.period)}


def _absent(is_estimated: bool, due_on: date, days: ReportingDays) -> str:
    if days.as_of <= due_on:
        return "expected"
    return "estimated" if is_estimated else "missing"


def _present(report: UsageReport, submitted_on: date, due_on: date) -> str:
    if submitted_on > due_on:
        return "late"
    if report.revises:
        return "revised"
    return "zero" if report.zero_usage else "submitted"


def report_discrepancies(
    states: DataFrame,
    agreements: Mapping[str, str],
    settings: Settings,
    penalized: AbstractSet[tuple[str, str, str]] = frozenset(),
) -> Iterator[Discrepancy]:
    """Yield ``missing_usage_report`` once the due day has passed, also where an estimate stands in, and ``late_usage``.

    A late report is settled when its penalty was charged.

    Args:
        agreements: the source of each account's agreement, where a missing report has no file to point at.
        penalized: account, program and period of the reports whose penalty was charged.
    """
    for row in rows_of(states):
        asks_for_penalty = settings.programs[row.program].late_policy == "penalty"
        is_charged = asks_for_penalty and (row.account, row.program, row.period) in penalized
        consequence = _consequence(row.state, asks_for_penalty, is_charged)
        if row.state in ("missing", "estimated"):
            message = f"no report for {row.period}; it was due on {row.due_on.date()}{consequence}"
            yield _about_report(row, "missing_usage_report", message, agreements.get(row.account, ""))
        elif row.state == "late" and not is_charged:
            message = f"submitted on {row.submitted_on.date()}, due on {row.due_on.date()}{consequence}"
            yield _about_report(row, "late_usage", message, row.source)


def _consequence(state: str, asks_for_penalty: bool, is_charged: bool) -> str:
    if state == "estimated":
        return "; an earlier report stands in as an estimate"
    if not asks_for_penalty:
        return ""
    return "; the penalty was charged" if is_charged else "; a penalty is agreed"


def _about_report(row: Any, kind: str, message: str, source: str) -> Discrepancy:
    about = {column: getattr(row, column) for column in ("account", "program", "period")}
    return Discrepancy(kind=kind, message=message, source=source, **about)
