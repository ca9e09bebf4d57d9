"""The main job: reconcile a month and publish everything about it, or nothing."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.periods import Period
from prisma_batch.jobs.reconcile import RunOptions, reconcile
from prisma_batch.jobs.recorded import manifests, recorded_before, refuse_closed, refuse_sent
from prisma_batch.jobs.run_publication import publish_run
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.views.summary import RunSummary
from prisma_batch.writers.publish import locked, put_in_place, reopened

__all__ = ["RunOptions", "run"]


def run(root: Path, period: Period, options: RunOptions, tell: Callable[[str], None]) -> RunSummary:
    """Run a month and publish it; with ``reopen`` the periods that followed a closed one are run again, in order.

    Args:
        tell: is told what the run is doing, for a progress line.
    Returns:
        The summary of the period.
    Raises:
        UsageProblem: no workspace, a period before the first or closed, an as-of day out of order.
        RecordsNotRight: with every error of every record and file; nothing is published.
        InvariantBroken, AmountOverflow: something does not add up; nothing is published.
    """
    require_workspace(root)
    reports = root / "reports"
    if options.out and (root / options.out).resolve() == (reports / str(period)).resolve():
        options = replace(options, out=None)
    if options.out and (root / options.out).resolve().is_relative_to(reports.resolve()):
        raise UsageProblem("--out names a folder outside reports/, which holds what run PERIOD publishes there")
    with locked(reports), locked(options.out.parent) if options.out else nullcontext():
        published = manifests(reports)
        _refuse_overtaking(published, period, options)
        if options.out is None and not options.reopen:
            refuse_closed(published, period)
            refuse_sent(root, period)
        if options.out is None and options.reopen:
            return _reopened(root, published, period, options, tell)
        return _run_one(root, reports, period, options, tell)


def _reopened(
    root: Path,
    published: Mapping[Period, Mapping[str, Any]],
    period: Period,
    options: RunOptions,
    tell: Callable[[str], None],
) -> RunSummary:
    """Run a closed period and what followed beside the reports; where one cannot be run, none is replaced."""
    reports = root / "reports"
    following = [later for later in published if later > period]
    with reopened(reports, [str(earlier) for earlier in published if earlier < period]) as beside:
        summary = _run_one(root, beside, period, options, tell)
        for later in following:
            as_of = date.fromisoformat(published[later]["as_of"])
            _run_one(
                root,
                beside,
                later,
                RunOptions(
                    as_of=as_of, tables_only=options.tables_only, accounts=options.accounts, engine=options.engine
                ),
                tell,
            )
        for done in map(str, (period, *following)):
            put_in_place(beside / done, reports / done)
    return summary


def _refuse_overtaking(published: Mapping[Period, Mapping[str, Any]], period: Period, options: RunOptions) -> None:
    following = [manifest["as_of"] for later, manifest in published.items() if later > period]
    if options.out is None and options.as_of and following and options.as_of.isoformat() >= min(following):
        raise UsageProblem(f"as-of {options.as_of} is not before {min(following)}, the as-of day of the period after")


def _run_one(root: Path, reports: Path, period: Period, options: RunOptions, tell: Callable[[str], None]) -> RunSummary:
    recorded = recorded_before(reports, manifests(reports), period)
    reconciled = reconcile(root, period, recorded, options, tell)
    tell("writing documents")
    return publish_run(root, options.out or reports / str(period), reconciled, options)
