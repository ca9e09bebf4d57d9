"""Which usage counts: the last revision of a report, and the source that its program names."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.counts import counted
from prisma_batch.base.findings import Finding
from prisma_batch.base.money import to_scaled
from prisma_batch.records.coded import Mask, where_text
from prisma_batch.records.settings import Settings
from prisma_batch.records.table import stacked
from prisma_batch.records.tables import USAGE_ROW_COUNTS, USAGE_ROWS
from prisma_batch.records.usage_reports import UsageReport


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedUsage:
    """USAGE_TOTALS of the source that their program names; ``refused`` are those of the other source."""

    rows: DataFrame
    refused: DataFrame


def latest_reports(reports: Iterable[UsageReport], *, reverse: bool = False) -> dict[tuple[str, str, str], UsageReport]:
    """Return the last revision of each account, program and period: quantities count by it; reversed, the first."""
    ordered = sorted(reports, key=lambda report: report.revision, reverse=reverse)
    return {(report.account, report.program, str(report.period)): report for report in ordered}


def reported_rows(reports: Iterable[UsageReport]) -> DataFrame:
    """Return USAGE_ROWS of the last revisions; a line without dates counts on the last day of its month."""
    rows = [
        (
            *(report.account, report.program, line.sku, line.service_to or report.period.last_day),
            *to_scaled(line.quantity),
            *("", report.source, index),
        )
        for report in latest_reports(reports).values()
        for index, line in enumerate(report.lines)
    ]
    return USAGE_ROWS.of(rows)


def accept_sources(metered: DataFrame, reported: DataFrame, settings: Settings) -> AcceptedUsage:
    """Keep metered usage of metered programs and reported usage of reported ones; keep the others apart.

    Args:
        metered, reported: USAGE_TOTALS.
    """
    from_file, from_report = _right_sources(metered, reported, settings)
    return AcceptedUsage(
        rows=stacked(metered[from_file], reported[from_report]),
        refused=stacked(metered[~from_file], reported[~from_report]),
    )


def refused_rows(metered: DataFrame, reported: DataFrame, settings: Settings) -> DataFrame:
    """Return USAGE_ROW_COUNTS of the rows that come from the other source than their program names.

    Args:
        metered: USAGE_ROW_COUNTS of files.
        reported: USAGE_ROWS of reports.
    """
    from_file, from_report = _right_sources(metered, reported, settings)
    return USAGE_ROW_COUNTS.conform(
        pd.concat([metered[~from_file], reported[~from_report].assign(rows=1)], ignore_index=True)
    )


def source_findings(
    refused: DataFrame, settings: Settings, told: AbstractSet[tuple[str, str]] = frozenset()
) -> Iterator[Finding]:
    """Yield ``usage-source`` for each file and program of ``refused_rows``, with how many rows count nothing.

    Args:
        refused: USAGE_ROW_COUNTS.
        told: files and programs of which an earlier run has told it.
    """
    counts = refused.groupby(["source", "program"], as_index=False, observed=True, dropna=False)["rows"].sum()
    for source, program, rows in zip(counts["source"], counts["program"], counts["rows"], strict=True):
        if (source, program) in told:
            continue
        yield Finding(
            code="usage-source",
            message=f"{counted(rows, 'row')} of {program} not used: its usage is {settings.programs[program].source}",
            remedy="take them out of the file, or correct the source of the program in prisma.yaml",
            source=source,
            severity="warning",
        )


def _right_sources(metered: DataFrame, reported: DataFrame, settings: Settings) -> tuple[Mask, Mask]:
    by_source = {source: set[str]() for source in ("metered", "reported")}
    for name, program in settings.programs.items():
        by_source[program.source].add(name)
    return (
        where_text(metered["program"], lambda program: program not in by_source["reported"]),
        where_text(reported["program"], lambda program: program not in by_source["metered"]),
    )
