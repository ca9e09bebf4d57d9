"""Usage reports: what must agree inside one report."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.usage_reports import UsageReport


def check_usage_dates(report: UsageReport) -> Iterator[Finding]:
    """Yield ``usage-dates`` where usage lies outside the reported month, or ends before it begins.

    FAIL: ``service_to: 2026-11-01`` in a report of 2026-10. PASS: ``service_to: 2026-10-31``.
    """
    first, last = report.period.first_day, report.period.last_day
    for index, line in enumerate(report.lines):
        if line.service_from and line.service_to and not first <= line.service_from <= line.service_to <= last:
            yield Finding(
                code="usage-dates",
                message=f"the days of this line are not days of {report.period} in order",
                remedy="report the usage of another month in a report of its own",
                source=report.source,
                pointer=pointer("lines", index, "service_from"),
            )
