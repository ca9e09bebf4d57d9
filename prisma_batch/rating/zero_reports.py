"""Accounts that have reported no usage for a long time: it may be so, or nobody looks any more."""

from collections.abc import Iterable, Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.periods import Period
from prisma_batch.rating.usage import latest_reports
from prisma_batch.records.usage_reports import UsageReport

ZEROS_WITHOUT_QUESTION = 6


def zero_findings(reports: Iterable[UsageReport], period: Period) -> Iterator[Finding]:
    """Yield ``usage-zeros`` for the last of more than six explicit zero reports in a row up to a period."""
    latest = latest_reports(reports)
    for (account, program, of_period), report in sorted(latest.items()):
        if of_period != str(period):
            continue
        zeros, month = 0, period
        while (earlier := latest.get((account, program, str(month)))) and earlier.zero_usage:
            zeros, month = zeros + 1, month.plus(-1)
        if zeros > ZEROS_WITHOUT_QUESTION:
            yield Finding(
                code="usage-zeros",
                message=f"{account} has reported no {program} usage for {zeros} months in a row",
                remedy="ask whether the program is still used; if it is not, let the rate end",
                source=report.source,
                pointer=pointer("zero_usage"),
                severity="warning",
            )
