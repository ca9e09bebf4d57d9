"""Estimates: an earlier report in place of one that did not come, marked wherever it is used."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.report_states import ReportingDays, expected_reports, report_due_on
from prisma_batch.rating.usage import latest_reports
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.settings import Settings
from prisma_batch.records.usage_reports import UsageReport


def estimated_reports(
    reports: Iterable[UsageReport], rates: Rates, settings: Settings, days: ReportingDays
) -> tuple[UsageReport, ...]:
    """Return a report with the last known quantities for each that is missing, where its program carries them forward.

    As soon as the report itself is there, it counts, and what was billed by the estimate differs from it.
    """
    latest = latest_reports(reports)
    by_pair: dict[tuple[str, str], list[UsageReport]] = defaultdict(list)
    for report in sorted(latest.values(), key=lambda report: report.period):
        by_pair[report.account, report.program].append(report)
    found = []
    for period in sorted({period for name in settings.programs for period in settings.open_periods(name, days.period)}):
        for pair in sorted(expected_reports(rates, settings, period)):
            earlier = [report for report in by_pair[pair] if report.period < period]
            is_missing = (*pair, str(period)) not in latest and _is_carried(settings, pair[1], period, days)
            if earlier and is_missing:
                found.append(_estimate(earlier[-1], period))
    return tuple(found)


def _is_carried(settings: Settings, program: str, period: Period, days: ReportingDays) -> bool:
    return (
        settings.programs[program].late_policy == "carry_forward"
        and period in settings.open_periods(program, days.period)
        and days.as_of > report_due_on(settings, program, period)
    )


def _estimate(earlier: UsageReport, period: Period) -> UsageReport:
    undated = tuple(replace(line, service_from=None, service_to=None) for line in earlier.lines)
    return replace(earlier, period=period, estimated_from=earlier.period, revises=None, lines=undated)


def with_estimates(found: Iterable[Discrepancy], estimates: Iterable[UsageReport]) -> list[Discrepancy]:
    """Mark what rests on an estimate, in words and in the fingerprint: the report itself is another input."""
    by_key = {(report.account, report.program, str(report.period)): report for report in estimates}
    return [_marked(item, by_key.get((item.account, item.program, item.period))) for item in found]


def _marked(item: Discrepancy, estimate: UsageReport | None) -> Discrepancy:
    if estimate is None or not item.sku:
        return item
    words = f"{item.message} (estimated from the report of {estimate.estimated_from})"
    return replace(item, message=words, inputs=(*item.inputs, "estimated"))


def estimate_findings(estimates: Iterable[UsageReport]) -> Iterator[Finding]:
    """Yield ``usage-estimated`` for each report that an earlier one stands in for."""
    for report in estimates:
        yield Finding(
            code="usage-estimated",
            message=(
                f"there is no {report.program} report of {report.account} for {report.period}: "
                f"that of {report.estimated_from} stands in"
            ),
            remedy="ask for the report; once it is there, what was billed by the estimate is told and corrected",
            source=report.source,
            severity="warning",
        )
