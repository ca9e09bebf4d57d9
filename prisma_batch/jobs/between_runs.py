"""The records on a day after the last run, reconciled as its next run would; nothing is written."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from prisma_batch.base.periods import Period
from prisma_batch.jobs.reconcile import Reconciled, RunOptions, reconcile
from prisma_batch.jobs.recorded import published_manifests, recorded_before


def reconciled_on(root: Path, as_of: date, tell: Callable[[str], None]) -> Reconciled:
    """Reconcile the month after the last one that was published as of an earlier day.

    Raises:
        UsageProblem, RecordsNotRight, InvariantBroken: as for a run.
    """
    published = {
        period: manifest
        for period, manifest in published_manifests(root / "reports").items()
        if date.fromisoformat(manifest["as_of"]) < as_of
    }
    period = max(published).plus(1) if published else Period.of(as_of).plus(-1)
    recorded = recorded_before(root / "reports", published, period)
    return reconcile(root, period, recorded, RunOptions(as_of=as_of), tell)
