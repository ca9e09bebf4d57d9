"""The formats of metered usage, told apart by their columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd

from prisma_batch.base.findings import Finding
from prisma_batch.rating.kernel.chunks import UsageChunk
from prisma_batch.readers.csv_text import UTF16_MARKS, Refusal, RowFindings, delimiter_finding, delimiter_split
from prisma_batch.readers.usage import aws_cur, canonical, focus
from prisma_batch.readers.usage.cells import CellKind, Cells
from prisma_batch.readers.usage.costs import fit, source_costs
from prisma_batch.readers.usage.csv_cells import Dialect
from prisma_batch.readers.usage.declared import DeclaredFormat
from prisma_batch.readers.usage.exact import TOO_LARGE
from prisma_batch.readers.usage.files import UsageFile, held
from prisma_batch.readers.usage.partner_center import DailyRatedUsage, NewCommerce
from prisma_batch.readers.usage.parts import FilePart, OpenedFile, opened, parts, read_part
from prisma_batch.readers.usage.result import CostKey, UsageColumns, UsageInput, UsageNames, refused_usage
from prisma_batch.records.settings import UsageLayout
from prisma_batch.records.tables import USAGE_ROWS

_UNKNOWN = Refusal(
    "unknown-format",
    "no usage format has these columns",
    "use account,program,sku,usage_date,quantity,unit or an export of a known provider, or declare usage_layouts",
)


_READ_WHOLE = ("utf-16", "utf-8-sig")


class UsageFormat(Protocol):
    """A usage format is a module with these functions."""

    def sniff(self, columns: Sequence[str], /) -> bool: ...

    def wanted(self, columns: Sequence[str], /) -> Mapping[str, CellKind]: ...

    def refused_header(self, source: str, columns: Sequence[str], /, *, has_bom: bool) -> list[Finding]: ...

    def read(self, cells: Cells, names: UsageNames, /) -> UsageColumns: ...


FORMATS: tuple[UsageFormat, ...] = (canonical, focus, aws_cur, DailyRatedUsage(), NewCommerce())


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedUsage:
    """A file of a known format with a header that is right."""

    opened: OpenedFile
    usage_format: UsageFormat

    @property
    def source(self) -> str:
        return self.opened.file.source


class PartReader:
    """Reads one part of a file, and remembers what has to be known of it besides its usage."""

    def __init__(self, usage: OpenedUsage, part: FilePart, number: int) -> None:
        self._usage, self._part, self._number = usage, part, number
        self.found = RowFindings(usage.source, usage.opened.columns)
        self.rows_read = 0
        self.costs: dict[CostKey, int] = {}

    def chunks(self, names: UsageNames, *, by_month: bool = False) -> Iterator[UsageChunk]:
        """Yield the usage of the part; where something is refused there may be chunks before it.

        ``by_month`` says that any day of the right month will do.
        """
        wanted = self._usage.usage_format.wanted(self._usage.opened.columns)
        if by_month:
            wanted = {column: "month" if kind == "day" else kind for column, kind in wanted.items()}
        for cells in read_part(self._usage.opened, self._part, wanted, self.found):
            self.rows_read += cells.rows_read
            columns = self._usage.usage_format.read(cells, names)
            if self.found.any():
                continue
            for key, cost in columns.costs.items():
                self.costs[key] = self.costs.get(key, 0) + cost
            yield self._chunk(columns, cells.first_row)

    def _chunk(self, columns: UsageColumns, first_row: int) -> UsageChunk:
        return UsageChunk(
            part=self._number,
            first_row=first_row,
            account=columns.account,
            program=columns.program,
            sku=columns.sku,
            unit=columns.unit,
            day=columns.day,
            quantity_scaled=columns.quantity_scaled,
            scale=columns.scale,
        )


def open_usage(file: UsageFile, layouts: Mapping[str, UsageLayout]) -> OpenedUsage | list[Finding]:
    """Open a file of metered usage: CSV, gzipped CSV or Parquet, in a declared layout or any known format."""
    declared = [DeclaredFormat(name, layout) for name, layout in layouts.items()]
    found = opened(_without_utf16(file, layouts), [(_dialect(each), each.sniff) for each in declared])
    if isinstance(found, Finding):
        return [found]
    fitting = (each for each in declared if found.container == "parquet" or found.dialect == _dialect(each))
    for usage_format in (*fitting, *FORMATS):
        if usage_format.sniff(found.columns):
            findings = usage_format.refused_header(file.source, found.columns, has_bom=found.has_bom)
            return findings or OpenedUsage(opened=found, usage_format=usage_format)
    return [_unknown(file.source, found.columns)]


def read_usage(source: str, content: bytes, names: UsageNames) -> UsageInput:
    """Read one file of metered usage row by row, for what needs rows; months are totalled without them.

    Args:
        source: the path that findings and rows name.
        content: the bytes of the file.
        names: how the file's system calls our accounts and programs; an unknown id is kept as it is.
    Returns:
        Every row of the file, or none and what is wrong with it; numbers are never rounded.
    """
    usage = open_usage(held(source, content), names.layouts)
    if isinstance(usage, list):
        return refused_usage(usage)
    found = RowFindings(source, usage.opened.columns)
    frames, rows_read, costs = [USAGE_ROWS.of([])], 0, dict[CostKey, int]()
    for part in parts(usage.opened):
        reader = PartReader(usage, part, part.number)
        frames += [_rows(source, chunk, rows_read) for chunk in reader.chunks(names)]
        found.add(reader.found, rows_read)
        rows_read += reader.rows_read
        costs = {key: costs.get(key, 0) + reader.costs.get(key, 0) for key in {**costs, **reader.costs}}
    findings = found.all() or ([] if fit(costs) else [TOO_LARGE.finding(source)])
    if findings:
        return refused_usage(findings, rows_read)
    rows = USAGE_ROWS.conform(pd.concat(frames, ignore_index=True))
    return UsageInput(rows=rows, costs=source_costs(source, costs), findings=[], rows_read=rows_read)


def usage_rows(file: UsageFile, names: UsageNames) -> Iterator[pd.DataFrame]:
    """Yield the USAGE_ROWS of a file in blocks; nothing of a part in which something is refused."""
    usage = open_usage(file, names.layouts)
    if isinstance(usage, list):
        return
    rows_read = 0
    for part in parts(usage.opened):
        reader = PartReader(usage, part, part.number)
        for chunk in reader.chunks(names):
            yield USAGE_ROWS.conform(_rows(file.source, chunk, rows_read))
        rows_read += reader.rows_read


def _dialect(declared: DeclaredFormat) -> Dialect:
    encoding = declared.layout.encoding
    return Dialect(declared.layout.delimiter, "utf-8" if encoding in _READ_WHOLE else encoding)


def _without_utf16(file: UsageFile, layouts: Mapping[str, UsageLayout]) -> UsageFile:
    """Return a held file in UTF-8: its rows cannot be told apart before; a larger one is refused later."""
    is_declared = any(layout.encoding == "utf-16" for layout in layouts.values())
    if not is_declared or not file.content or not file.content.startswith(UTF16_MARKS):
        return file
    try:
        content = file.content.decode("utf-16").encode()
    except UnicodeDecodeError:
        return file
    return replace(file, content=content, size=len(content))


def _rows(source: str, chunk: UsageChunk, rows_before: int) -> pd.DataFrame:
    first_row = rows_before + chunk.first_row + 2
    columns = {name: getattr(chunk, name) for name in ("account", "program", "sku", "unit")}
    texts = {name: pd.array(list(coded.distinct), dtype="str").take(coded.codes) for name, coded in columns.items()}
    return pd.DataFrame(texts).assign(
        usage_date=chunk.day.distinct.astype("datetime64[D]").astype("datetime64[s]").take(chunk.day.codes),
        quantity_scaled=chunk.quantity_scaled,
        quantity_scale=chunk.scale,
        source=source,
        row=np.arange(first_row, first_row + len(chunk.quantity_scaled)),
    )


def _unknown(source: str, columns: Sequence[str]) -> Finding:
    split = delimiter_split(columns)
    if split and any(usage_format.sniff(split[1]) for usage_format in FORMATS):
        return delimiter_finding(source, split[0])
    return _UNKNOWN.finding(source)
