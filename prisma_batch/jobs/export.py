"""The ledger of a period for other tools."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from prisma_batch.base.periods import Period
from prisma_batch.jobs.reconcile import RunOptions, reconcile
from prisma_batch.jobs.recorded import published_manifests, recorded_before
from prisma_batch.views.journal import build_journal
from prisma_batch.writers.journals import JournalFormat, journal_bytes


def export(
    root: Path, period: Period, as_of: date | None, journal_format: JournalFormat, tell: Callable[[str], None]
) -> bytes:
    """Return the ledger of a period, computed from the records as run does; nothing is written.

    Args:
        as_of: the last day; without one that which was published, else the closing day.
        tell: is told what is being done, for a progress line.
    Raises:
        UsageProblem: no workspace, a period before the first, an as-of day out of order.
        RecordsNotRight, InvariantBroken, AmountOverflow: as a run would.
    """
    reports = root / "reports"
    published = published_manifests(reports)
    if as_of is None and period in published:
        as_of = date.fromisoformat(published[period]["as_of"])
    month = reconcile(root, period, recorded_before(reports, published, period), RunOptions(as_of=as_of), tell).month
    tell("writing the ledger")
    return journal_bytes(build_journal(month.receivables, month.opened_on, month.as_of), journal_format)
