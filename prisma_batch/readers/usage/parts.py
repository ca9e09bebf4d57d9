"""Files of metered usage opened by content, and the parts that can be read apart from each other."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BufferedIOBase
from typing import Literal

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import BOM, RowFindings, encoding_findings, header_columns
from prisma_batch.readers.usage import csv_cells, gzip_text, parquet_cells
from prisma_batch.readers.usage.cells import CellKind, Cells, Dictionaries
from prisma_batch.readers.usage.csv_cells import Content, Dialect
from prisma_batch.readers.usage.files import UsageFile, stream

Dialects = Sequence[tuple[Dialect, Callable[[Sequence[str]], bool]]]
Container = Literal["csv", "gzip", "parquet"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedFile:
    """A file whose container and columns are known; ``row_group_sizes`` are those of Parquet.

    ``dictionaries`` are shared by all blocks of CSV; row groups of Parquet have their own.
    """

    file: UsageFile
    container: Container
    columns: tuple[str, ...]
    has_bom: bool = False
    dialect: Dialect = field(default_factory=Dialect)
    row_group_sizes: tuple[int, ...] = ()
    dictionaries: Dictionaries = field(default_factory=Dictionaries, compare=False, repr=False)

    @property
    def is_shown_along(self) -> bool:
        """Say whether ``parts`` reads the file from its beginning to its end, and it is not held."""
        return self.container == "csv" and self.file.content is None


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePart:
    """A part of a file: bytes of CSV, all of gzip, or a row group of Parquet; ``size`` is what it takes of the file.

    ``body`` is there where the part was read already.
    """

    number: int
    size: int
    start: int = 0
    body: Content | None = None


def opened(file: UsageFile, dialects: Dialects = ()) -> OpenedFile | Finding:
    """Tell the container by its first bytes and read its columns; a finding where that is not possible.

    Args:
        dialects: other ways to write CSV, each with what says whether a header read in this way is meant.
    """
    with stream(file) as content:
        magic = content.read(4)
        content.seek(0)
        if magic == parquet_cells.MAGIC:
            return _opened_parquet(file, content)
        try:
            return _opened_text(file, magic, content, dialects)
        except gzip_text.NotUnpacked as error:
            return error.refusal.finding(file.source)


def parts(
    opened: OpenedFile, *, hold: bool = True, read_along: Callable[[memoryview], None] | None = None
) -> Iterator[FilePart]:
    """Yield the parts of a file in order; CSV is read and shown along the way, and held if asked for."""
    if opened.container == "parquet":
        yield from (FilePart(number=number, size=size) for number, size in enumerate(opened.row_group_sizes))
    elif opened.container == "gzip":
        yield FilePart(number=0, size=opened.file.size)
    else:
        with stream(opened.file) as content:
            for number, (start, body) in enumerate(csv_cells.blocks(content, read_along=read_along)):
                yield FilePart(number=number, size=len(body), start=start, body=body if hold else None)


def read_part(
    opened: OpenedFile, part: FilePart, wanted: Mapping[str, CellKind], found: RowFindings
) -> Iterator[Cells]:
    """Yield the wanted columns of a part in blocks of rows; what cannot be read is among the findings.

    Raises:
        RecordsNotRight: the file is no longer what it was.
    """
    present = {column: kind for column, kind in wanted.items() if column in opened.columns}
    dictionaries = Dictionaries() if opened.container == "parquet" else opened.dictionaries
    for cells in _blocks(opened, part, present, found):
        cells.dictionaries = dictionaries
        yield cells


def _blocks(opened: OpenedFile, part: FilePart, wanted: Mapping[str, CellKind], found: RowFindings) -> Iterator[Cells]:
    if opened.container == "parquet":
        with stream(opened.file) as content:
            for arrays, first_row, rows in parquet_cells.read(content, part.number, wanted, found):
                yield Cells(arrays, rows, first_row, found)
    elif opened.container == "gzip":
        yield from _unpacked(opened, wanted, found)
    else:
        cells = csv_cells.read(
            _body(opened, part), (opened.columns, opened.dialect), wanted, (part.number == 0, 0), found
        )
        if cells is not None:
            yield cells


def _unpacked(opened: OpenedFile, wanted: Mapping[str, CellKind], found: RowFindings) -> Iterator[Cells]:
    first_row = 0
    with stream(opened.file) as content:
        try:
            for number, block in enumerate(csv_cells.blocks(gzip_text.Unpacked(content, opened.file.size))):
                cells = csv_cells.read(
                    block.body, (opened.columns, opened.dialect), wanted, (number == 0, first_row), found
                )
                if cells is None:
                    return
                yield cells
                first_row += cells.rows_read
        except gzip_text.NotUnpacked as error:
            found.whole(error.refusal)


def _body(opened: OpenedFile, part: FilePart) -> Content:
    if part.body is not None:
        return part.body
    with stream(opened.file) as content:
        content.seek(part.start)
        return content.read(part.size)


def _opened_parquet(file: UsageFile, content: BufferedIOBase) -> OpenedFile | Finding:
    found = parquet_cells.opened(content)
    if found is None:
        return parquet_cells.DAMAGED.finding(file.source)
    return OpenedFile(
        file=file,
        container="parquet",
        columns=tuple(found.schema_arrow.names),
        row_group_sizes=parquet_cells.row_group_sizes(found),
    )


def _opened_text(file: UsageFile, magic: bytes, content: BufferedIOBase, dialects: Dialects) -> OpenedFile | Finding:
    is_gzip = magic.startswith(gzip_text.MAGIC)
    text: csv_cells.Readable = gzip_text.Unpacked(content, file.size) if is_gzip else content
    head = next(csv_cells.blocks(text), csv_cells.Block(0, b"")).body
    container: Container = "gzip" if is_gzip else "csv"
    for dialect, is_meant in dialects:
        as_text = csv_cells.transcoded(head, dialect)
        columns = header_columns(as_text, dialect.delimiter) if as_text is not None else ()
        if columns and is_meant(columns):
            return OpenedFile(file=file, container=container, columns=columns, dialect=dialect)
    findings: Sequence[Finding] = encoding_findings(file.source, head)
    if findings:
        return findings[0]
    return OpenedFile(file=file, container=container, columns=header_columns(head), has_bom=head.startswith(BOM))
