"""Metered usage of a run: totals that stay small, however many rows the files have, and every row accounted for."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TypeAlias

import numpy as np
import pandas as pd
from pandas import DataFrame
from pyarrow import default_memory_pool

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.findings import Finding
from prisma_batch.engines.engine import Engine, Work
from prisma_batch.rating.kernel.chunks import UsageChunk
from prisma_batch.rating.kernel.table import Part, totals_table
from prisma_batch.rating.kernel.totals import Key, PartialTotals, combined, partial_totals
from prisma_batch.readers.csv_text import RowFindings
from prisma_batch.readers.usage.costs import fit, source_costs
from prisma_batch.readers.usage.exact import TOO_LARGE
from prisma_batch.readers.usage.files import Hasher, Hashes, UsageFile, hashes
from prisma_batch.readers.usage.parts import FilePart, parts
from prisma_batch.readers.usage.registry import OpenedUsage, PartReader, open_usage
from prisma_batch.readers.usage.remote import is_remote
from prisma_batch.readers.usage.result import CostKey, Costs, UsageNames
from prisma_batch.records.tables import SOURCE_COSTS, USAGE_ROW_COUNTS, USAGE_TOTALS

_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True, slots=True)
class MeteredUsage:
    """What the files say up to a day: USAGE_TOTALS, USAGE_ROW_COUNTS and SOURCE_COSTS.

    ``hashes`` are those of the files that say anything until then; ``repeated`` names, for each file with the content
    of another one, that other one. ``months`` are source, program and first day of each month that has rows.
    """

    totals: DataFrame
    counts: DataFrame
    costs: DataFrame
    hashes: Mapping[str, Hashes]
    repeated: Mapping[str, str]
    months: frozenset[tuple[str, str, date]]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberedPart:
    """A part of a file, by its number in the whole input."""

    number: int
    usage: OpenedUsage
    part: FilePart


@dataclass(frozen=True, kw_only=True, slots=True)
class PartFacts:
    """What is known of a part besides its totals; findings count rows from the beginning of the part."""

    part: int
    source: str
    rows_read: int
    found: RowFindings
    costs: Costs


Piece: TypeAlias = UsageChunk | PartFacts


@dataclass(frozen=True, kw_only=True, slots=True)
class PartsTotalled:
    """The totals of some parts, and the facts of each by its number."""

    totals: PartialTotals
    facts: Mapping[int, PartFacts]


def read_metered(
    files: Sequence[UsageFile],
    names: UsageNames,
    daily: AbstractSet[Key],
    until: date,
    engine: tuple[Engine, Callable[[str], None]],
) -> MeteredUsage:
    """Total files of metered usage, sorted by source; a file with the content of an earlier one counts once.

    Args:
        daily: account, program and SKU of the keys that are totalled by day.
        until: what was used later is left out.
        engine: what computes, and what is told of its progress.
    Raises:
        RecordsNotRight: a file changed while it was read.
        InvariantBroken, AmountOverflow: rows or quantities do not add up, or leave int64.
    """
    sizes = Counter(file.size for file in files)
    with ThreadPoolExecutor(1) as pool:
        hashing = {file.source: pool.submit(hashes, file) for file in files if sizes[file.size] > 1}
        repeated = _repeated(files, hashing)
        opened, findings = _opened([file for file in files if file.source not in repeated], names)
        shown = [usage.opened.file for usage in opened if usage.opened.is_shown_along]
        along = {file.source: Hasher(file) for file in shown if file.source not in hashing}
        hashing |= {file.source: pool.submit(hashes, file) for file in files if file.source not in {**hashing, **along}}
        totalled = _totalled(opened, names, daily, engine, along)
        known = {source: each.result() for source, each in hashing.items()}
    counts = _row_counts(totalled, until)
    costs = _costs(totalled)
    findings += _findings(opened, totalled, costs)
    if findings:
        return _refused(findings)
    _check_rows(totalled)
    known |= {source: hasher.result() for source, hasher in along.items()}
    last = pd.Timestamp(until)
    totals = totals_table(totalled.totals, _parts(totalled))
    is_told = totals["service_from"] <= last
    sources = sorted(set(counts["source"]))
    return MeteredUsage(
        totals=totals if is_told.all() else USAGE_TOTALS.conform(totals[is_told]),
        counts=counts,
        costs=_stacked(SOURCE_COSTS.of([]), *(source_costs(source, costs[source]) for source in sources)),
        hashes={source: known[source] for source in sources},
        repeated=repeated,
        months=_months(totalled),
        findings=(),
    )


def read_pieces(part: NumberedPart, names: UsageNames, *, by_month: bool) -> Iterator[Piece]:
    """Yield the usage of a part, then what else is known of it; ``by_month`` where no key is totalled by day."""
    reader = PartReader(part.usage, part.part, part.number)
    yield from reader.chunks(names, by_month=by_month)
    yield PartFacts(
        part=part.number,
        source=part.usage.source,
        rows_read=reader.rows_read,
        found=reader.found,
        costs=reader.costs,
    )


def total_pieces(pieces: Iterable[Piece], daily: AbstractSet[Key]) -> PartsTotalled:
    """Total what was read of some parts; a pure function, which an engine calls wherever it likes."""
    facts: dict[int, PartFacts] = {}

    def chunks() -> Iterator[UsageChunk]:
        for piece in pieces:
            if isinstance(piece, UsageChunk):
                yield piece
            else:
                facts[piece.part] = piece

    totals = partial_totals(chunks(), daily)
    return PartsTotalled(totals=totals, facts=facts)


def _repeated(files: Sequence[UsageFile], hashing: Mapping[str, Future[Hashes]]) -> dict[str, str]:
    """Return the files with the content of an earlier one; only those of equal size are hashed before."""
    first: dict[Hashes, str] = {}
    repeated = {}
    for file in files:
        if file.source in hashing:
            original = first.setdefault(hashing[file.source].result(), file.source)
            if original != file.source:
                repeated[file.source] = original
    return repeated


def _opened(files: Iterable[UsageFile], names: UsageNames) -> tuple[list[OpenedUsage], list[Finding]]:
    opened, findings = [], []
    for file in files:
        found = open_usage(file, names.layouts)
        if isinstance(found, list):
            findings += found
        else:
            opened.append(found)
    return opened, findings


def _totalled(
    opened: Sequence[OpenedUsage],
    names: UsageNames,
    daily: AbstractSet[Key],
    engine: tuple[Engine, Callable[[str], None]],
    along: Mapping[str, Hasher],
) -> PartsTotalled:
    work = Work(
        parts=partial(_numbered, opened, along),
        read=partial(read_pieces, names=names, by_month=not daily),
        add=partial(total_pieces, daily=daily),
        combine=_combined,
        size=_size,
        whole=sum(usage.opened.file.size for usage in opened),
        reads_slowly=any(usage.opened.container != "parquet" or is_remote(usage.opened.file.name) for usage in opened),
    )
    totalled = engine[0].result(work, engine[1])
    default_memory_pool().release_unused()  # what is read leaves much behind, and pricing needs memory of another kind
    return totalled


def _combined(results: Sequence[PartsTotalled]) -> PartsTotalled:
    facts = {number: facts for result in results for number, facts in result.facts.items()}
    return PartsTotalled(totals=combined([result.totals for result in results]), facts=dict(sorted(facts.items())))


def _numbered(opened: Iterable[OpenedUsage], along: Mapping[str, Hasher], hold: bool) -> Iterator[NumberedPart]:
    number = 0
    for usage in opened:
        hasher = along.get(usage.source)
        for part in parts(usage.opened, hold=hold, read_along=hasher.update if hasher else None):
            yield NumberedPart(number=number, usage=usage, part=part)
            number += 1


def _size(part: NumberedPart) -> int:
    return part.part.size


def _parts(totalled: PartsTotalled) -> list[Part]:
    """Return each part's file, and the number of its first row there: the header is row 1."""
    rows_before: Counter[str] = Counter()
    found = []
    for facts in totalled.facts.values():
        found.append(Part(facts.source, rows_before[facts.source] + 2))
        rows_before[facts.source] += facts.rows_read
    return found


def _findings(opened: Iterable[OpenedUsage], totalled: PartsTotalled, costs: Mapping[str, Costs]) -> list[Finding]:
    found = {usage.source: RowFindings(usage.source, usage.opened.columns) for usage in opened}
    for facts, part in zip(totalled.facts.values(), _parts(totalled), strict=True):
        found[facts.source].add(facts.found, part.first_row - 2)
    too_large = [TOO_LARGE.finding(source) for source, billed in costs.items() if not fit(billed)]
    return [finding for in_file in found.values() for finding in in_file.all()] + too_large


def _costs(totalled: PartsTotalled) -> dict[str, dict[CostKey, int]]:
    costs: dict[str, dict[CostKey, int]] = defaultdict(lambda: defaultdict(int))
    for facts in totalled.facts.values():
        for key, cost in facts.costs.items():
            costs[facts.source][key] += cost
    return costs


def _row_counts(totalled: PartsTotalled, until: date) -> DataFrame:
    last = int(np.datetime64(until, "D").astype(np.int64))
    rows: Counter[tuple[str, str]] = Counter()
    for (part, program, month), count in totalled.totals.rows.items():
        if month <= last:
            rows[totalled.facts[part].source, program] += count
    return USAGE_ROW_COUNTS.of((*key, count) for key, count in sorted(rows.items()))


def _months(totalled: PartsTotalled) -> frozenset[tuple[str, str, date]]:
    return frozenset(
        (totalled.facts[part].source, program, date.fromordinal(_EPOCH + month))
        for part, program, month in totalled.totals.rows
    )


def _check_rows(totalled: PartsTotalled) -> None:
    """Every row that was read is in a total.

    Raises:
        InvariantBroken: naming the file where one is not.
    """
    totals: Counter[int] = Counter()
    for (part, _, _), count in totalled.totals.rows.items():
        totals[part] += count
    for number, facts in totalled.facts.items():
        if totals[number] != facts.rows_read:
            raise InvariantBroken(f"{facts.source}: {facts.rows_read} rows read, {totals[number]} accounted for")


def _stacked(*tables: DataFrame) -> DataFrame:
    return SOURCE_COSTS.conform(pd.concat(tables, ignore_index=True))


def _refused(findings: Sequence[Finding]) -> MeteredUsage:
    return MeteredUsage(
        totals=USAGE_TOTALS.of([]),
        counts=USAGE_ROW_COUNTS.of([]),
        costs=SOURCE_COSTS.of([]),
        hashes={},
        repeated={},
        months=frozenset(),
        findings=tuple(findings),
    )
