"""The records on a day after the last run, reconciled as its next run would; nothing is written."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from prisma_batch.jobs.reconcile import Reconciled, RunOptions, reconcile
from prisma_batch.jobs.recorded import open_period, published_manifests, recorded_before


def reconciled_on(root: Path, as_of: date, tell: Callable[[str], None]) -> Reconciled:
    """Reconcile the month after the last one that was published as of an earlier day.

    Raises:
        UsageProblem, RecordsNotRight, InvariantBroken: as for a run.
    """
    reports = root / "reports"
    published = published_manifests(reports)
    period = open_period(published, as_of)
    recorded = recorded_before(reports, published, period)
    return reconcile(root, period, recorded, RunOptions(as_of=as_of), tell)
