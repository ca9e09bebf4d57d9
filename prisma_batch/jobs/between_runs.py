"""What is owed on a day after the last run, as its next run would find it; nothing is written."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from prisma_batch.jobs.month import Owed
from prisma_batch.jobs.reconcile import reconcile_owed
from prisma_batch.jobs.recorded import open_period, published_manifests, recorded_before


def owed_on(root: Path, as_of: date, tell: Callable[[str], None]) -> Owed:
    """Compute what accounts owe as of a day, in the month after the last one that was published for an earlier day.

    Raises:
        UsageProblem, RecordsNotRight, InvariantBroken: as for a run; no usage is read.
    """
    reports = root / "reports"
    published = published_manifests(reports)
    period = open_period(published, as_of)
    return reconcile_owed(root, period, recorded_before(reports, published, period), as_of, tell)
