"""Explain an id: every step of its number, computed from the records as ``run`` does; nothing is written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.errors import Refused, UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period, is_period
from prisma_batch.jobs.known_at import known_workspace
from prisma_batch.jobs.placed_traces import placed_traces
from prisma_batch.jobs.rated import snapshot_rates
from prisma_batch.jobs.reconcile import Reconciled, RunOptions, reconcile
from prisma_batch.jobs.recorded import published_manifests, recorded_before
from prisma_batch.jobs.usage_rows import metered_rows, rows_of_key
from prisma_batch.readers.workspace import require_workspace
from prisma_batch.views.explanations.basis import Basis, UsageKey
from prisma_batch.views.explanations.if_paid import explain_if_paid
from prisma_batch.views.explanations.registry import explanations, near_misses, what_ids_look_like
from prisma_batch.views.trace import Trace


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainOptions:
    """Which month is explained: the last published one by default, as of the day on which it was.

    ``known_at`` is the commit whose records are taken instead of those that are there now; ``usage`` and ``payments``
    are files instead of those of the folders, as for a run.
    ``if_paid`` is a document of the account that is explained, and ``on`` a day: what if it were paid then?
    """

    period: Period | None = None
    as_of: date | None = None
    usage: tuple[Path | str, ...] = ()
    payments: tuple[Path, ...] = ()
    if_paid: str | None = None
    on: date | None = None
    known_at: str | None = None


def explain(root: Path, identifier: str, options: ExplainOptions, tell: Callable[[str], None]) -> list[Trace]:
    """Explain an account, document, line, payment, discrepancy, statement, message, payment plan or commitment.

    Args:
        tell: is told what is being done, for a progress line.
    Returns:
        What is known under the id, as the records say now; several traces where kinds of ids share it.
    Raises:
        UsageProblem: no workspace, or no period is published and none is named.
        Refused: nothing has this id.
        RecordsNotRight, InvariantBroken: as for a run.
    """
    with known_workspace(root, options.known_at) as workspace:
        traces, blobs = _explained(workspace, identifier, options, tell)
        tell("looking up places")
        return placed_traces(workspace, traces, blobs, history=(root, options.known_at or "HEAD"))


def _explained(
    root: Path, identifier: str, options: ExplainOptions, tell: Callable[[str], None]
) -> tuple[list[Trace], dict[str, str]]:
    """Return the traces of an id, and the blob id of each file that was read."""
    reconciled = explained_month(root, identifier, options, tell)
    basis = basis_of(root, reconciled, options.usage)
    traces = explanations(basis, identifier)
    if not traces:
        raise Refused([_unknown(basis, identifier)], "there is nothing to explain")
    if options.if_paid:
        traces = [_if_paid(basis, reconciled, identifier, options)]
    return traces, {file.path: file.blob for file in reconciled.month.files}


def explained_month(root: Path, identifier: str, options: ExplainOptions, tell: Callable[[str], None]) -> Reconciled:
    """Reconcile the month that an id is looked for in, as of the day on which it was published."""
    require_workspace(root)
    reports = root / "reports"
    published = published_manifests(reports)
    period = _period(identifier, options, list(published))
    as_of = options.as_of
    if as_of is None and period in published:
        as_of = date.fromisoformat(published[period]["as_of"])
    recorded = recorded_before(reports, published, period)
    as_run = RunOptions(as_of=as_of, usage=options.usage, payments=options.payments)
    return reconcile(root, period, recorded, as_run, tell)


def _period(identifier: str, options: ExplainOptions, published: list[Period]) -> Period:
    of_statement = identifier.partition("/")[0]
    if options.period:
        return options.period
    if "/" in identifier and is_period(of_statement):
        return Period.parse(of_statement)
    if not published:
        raise UsageProblem("no period is published yet: name one with --period")
    return published[-1]


def basis_of(root: Path, reconciled: Reconciled, usage: Sequence[Path | str] = ()) -> Basis:
    """Return what explanations of a month are made of; usage rows are read when they are asked for.

    Args:
        usage: the files that were named instead of those of the folder, if any.
    """
    month = reconciled.month
    return Basis(
        span=reconciled.span,
        snapshot=month.snapshot,
        rates=snapshot_rates(month.snapshot),
        charges=month.all_charges,
        lines=month.lines,
        credited_lines=month.credited_lines,
        usage_reports=month.usage_reports,
        discrepancies=month.discrepancies,
        receivables=month.receivables,
        status=month.care.status,
        statements=reconciled.statements,
        messages=reconciled.messages,
        sent=month.care.sent,
        usage_rows=lambda key: _usage_rows(root, reconciled, usage, key),
        opening_source=f"reports/{recorded.period}/aging.csv" if (recorded := reconciled.recorded) else "",
    )


def _if_paid(basis: Basis, reconciled: Reconciled, account: str, options: ExplainOptions) -> Trace:
    document, on = options.if_paid or "", options.on or basis.span.as_of
    if on < basis.span.as_of:
        raise UsageProblem(f"--on names a day from {basis.span.as_of} on, the day of the receivables")
    care = reconciled.month.care
    subject = next((own for own in care.subjects if own.owed.account == account), None)
    if subject is None:
        raise UsageProblem(f"--if-paid looks at an account: prisma-batch explain ACCOUNT --if-paid {document}")
    if not any(debt.document == document for debt in subject.owed.debts):
        remedy = f"see what is open: prisma-batch explain {account}"
        message = f"nothing of {document} is open for {account}"
        found = Finding(code="nothing-open", message=message, remedy=remedy, source="")
        raise Refused([found], "there is nothing to explain")
    return explain_if_paid(basis, subject, care.rules, document, on)


def _usage_rows(root: Path, reconciled: Reconciled, usage: Sequence[Path | str], key: UsageKey) -> DataFrame:
    """Return the rows of the source that the key's program names."""
    inputs = reconciled.inputs
    program = inputs.snapshot.settings.programs.get(key.program)
    parts = []
    if program is None or program.source == "metered":
        sources = {file.path for file in inputs.files}
        parts.append(metered_rows(root, usage or None, sources, inputs.usage_names, key))
    if program is None or program.source == "reported":
        parts.append(rows_of_key(reconciled.month.reported, key))
    return pd.concat(parts, ignore_index=True)


def _unknown(basis: Basis, identifier: str) -> Finding:
    near = near_misses(basis, identifier)
    meant = f"did you mean {', '.join(near)}? " if near else ""
    return Finding(
        code="unknown-id",
        message=f"nothing in the records of {basis.span.period} is called {identifier}",
        remedy=f"{meant}ids look like these: {what_ids_look_like()}; ids of another month need --period",
        source="",
    )
