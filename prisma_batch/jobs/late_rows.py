"""Usage of months that are matched no more: rows in files that the run before did not know, or that were named."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.jobs.month_inputs import MonthInputs
from prisma_batch.jobs.recorded import RecordedRun, published_manifests, published_table
from prisma_batch.rating.late_usage import LateRows, LateUnit, UnitTotal
from prisma_batch.rating.usage import reported_rows
from prisma_batch.readers.usage.files import usage_files
from prisma_batch.readers.usage.registry import usage_rows
from prisma_batch.records.settings import Settings
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import USAGE_ROWS


def with_late_rows(root: Path, inputs: MonthInputs, period: Period, recorded: RecordedRun | None) -> MonthInputs:
    """Find the rows of months before the window in files that are new or have changed since the previous run.

    Files are read again only where they have rows of such months, which is rare. The first run has them all in its
    totals.
    """
    if inputs.usage_named:
        return replace(inputs, late=_named(inputs, period, recorded))
    first_period = str(inputs.snapshot.settings.first_period)
    if recorded is None:
        return replace(inputs, late=LateRows(all_new=True, first_period=first_period))
    fresh = frozenset(file.path for file in inputs.files if recorded.inputs.get(file.path) != file.sha256)
    parts = [*_metered(root, inputs, period, fresh), *_reported(inputs, period, fresh)]
    if not parts:
        return inputs
    rows = USAGE_ROWS.conform(pd.concat(parts, ignore_index=True))
    totals, told = _published(recorded, Period.of(rows["usage_date"].min().date()))
    known = frozenset(recorded.inputs)
    late = LateRows(rows=rows, known_sources=known, totals=totals, told=told, first_period=first_period)
    return replace(inputs, late=late)


def _named(inputs: MonthInputs, period: Period, recorded: RecordedRun | None) -> LateRows:
    """Return what tells usage of months before the period in files that were named: no earlier run need know of it."""
    earlier = [(source, month) for source, _, month in inputs.metered.months if month < period.first_day]
    if not earlier:
        return LateRows()
    first = Period.of(min(month for _, month in earlier))
    totals, told = _published(recorded, first) if recorded else ({}, set[str]())
    return LateRows(
        all_new=True,
        totals=totals,
        told=told,
        first_period=str(inputs.snapshot.settings.first_period),
        named_sources=frozenset(source for source, _ in earlier),
    )


def first_open(settings: Settings, program: str, period: Period) -> Period:
    """Return the first month of a program that a run of a period still matches."""
    return settings.open_periods(program, period)[0] if program in settings.programs else period


def _metered(root: Path, inputs: MonthInputs, period: Period, fresh: AbstractSet[str]) -> Iterator[DataFrame]:
    settings = inputs.snapshot.settings
    until = {program: first_open(settings, program, period).first_day for _, program, _ in inputs.metered.months}
    sources = {source for source, program, month in inputs.metered.months if source in fresh and month < until[program]}
    for file in usage_files(root, None)[0] if sources else ():
        for rows in usage_rows(file, inputs.usage_names) if file.source in sources else ():
            yield rows[rows["usage_date"] < pd.to_datetime(rows["program"].map(until))]


def _reported(inputs: MonthInputs, period: Period, fresh: AbstractSet[str]) -> Iterator[DataFrame]:
    """Yield the rows of every revision of a report that has a new one: what it no longer has has changed as well."""
    settings = inputs.snapshot.settings
    closed = [
        report
        for report in inputs.snapshot.usage_reports
        if report.period < first_open(settings, report.program, period)
    ]
    concerned = {(report.account, report.program, report.period) for report in closed if report.source in fresh}
    for report in closed:
        if (report.account, report.program, report.period) in concerned:
            yield reported_rows([report])


def _published(recorded: RecordedRun, first: Period) -> tuple[dict[LateUnit, UnitTotal], set[str]]:
    """Return what was published with each month since the first, and the fingerprints of late usage that was told."""
    totals: dict[LateUnit, UnitTotal] = {}
    told: set[str] = set()
    for period, manifest in published_manifests(recorded.reports).items():
        if first <= period <= recorded.period:
            for row in rows_of(published_table(recorded.reports / str(period), manifest, "rated_usage.csv")):
                unit = LateUnit(row.account, row.program, row.sku, row.period)
                quantity, amount_minor = totals.get(unit, (Decimal(0), 0))
                totals[unit] = (quantity + Decimal(row.quantity_scaled), amount_minor + int(row.amount_minor))
            found = published_table(recorded.reports / str(period), manifest, "discrepancies.csv")
            told.update(found.loc[found["kind"].eq("late_usage"), "fingerprint"])
    return totals, told
