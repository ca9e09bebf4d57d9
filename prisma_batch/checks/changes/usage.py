"""Usage reports in a partner's request: new files, for months that are still open."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period
from prisma_batch.checks.changes.places import OwnPlace, partner_changes
from prisma_batch.records.changes import Request


def check_usage_edits(request: Request) -> Iterator[Finding]:
    """Yield ``usage-report-changed`` where a report that is on the base is edited or removed.

    FAIL: ``NORD-1.microsoft-spla.yaml`` is edited. PASS: ``NORD-1.microsoft-spla.r2.yaml`` is new.
    """
    for change, place in partner_changes(request):
        if place.period and not change.is_new:
            yield Finding(
                code="usage-report-changed",
                message="a usage report that was submitted stays as it is",
                remedy="restore it, and add the next revision as a new file (….r2.yaml with revises: 1, and so on)",
                source=change.path,
            )


def check_open_periods(request: Request) -> Iterator[Finding]:
    """Yield ``period-closed`` for a report of a month whose late window has ended.

    It has when the last month in which the program's late usage still counts was closed, by a later run on the base.
    FAIL: 2026-09 with a window of one month, after 2026-10 was closed. PASS: after 2026-09 was closed.
    """
    for change, place in partner_changes(request):
        if place.period and request.closed_through and _last_period(request, place) <= request.closed_through:
            yield Finding(
                code="period-closed",
                message=f"{place.period} is closed for reports of {place.program}",
                remedy="ask finance: what is reported now is settled by hand",
                source=change.path,
            )


def _last_period(request: Request, place: OwnPlace) -> Period:
    program = request.settings.programs.get(place.program) if request.settings else None
    return Period.parse(place.period).plus(program.late_window_months if program else 0)
