"""CSV in blocks that end where a row ends, and the cells of a block: without guessing types or nulls."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
import pyarrow as pa
from pyarrow import csv

from prisma_batch.readers.csv_text import BOM, QUOTES, RAGGED, Refusal, RowFindings, encoding_findings
from prisma_batch.readers.usage.cells import Cells

BLOCK_BYTES = 2 * 1024**2
_ROW_BYTES_MAX = 16 * 1024**2
_QUOTED = re.compile(rb'"[^"]*"')
_ONE_LINE_END = (b"", b"\n", b"\r\n", b"\r")
_LINE_END = re.compile(rb"\r\n?|\n")
_TOO_LONG = Refusal("damaged-csv", "a row is longer than 16 MiB", "export the file again; look for a stray quote")
_OTHER_ENCODING = Refusal("encoding", "the file is not in the encoding that its layout declares", "correct the layout")
_QUOTE, _LINE_FEED = ord('"'), ord("\n")
_TEXT = pa.string()

Content: TypeAlias = bytes | bytearray


class Dialect(NamedTuple):
    """How CSV is written; anything but this is declared."""

    delimiter: str = ","
    encoding: str = "utf-8"


class Readable(Protocol):
    """What blocks are read from."""

    def readinto(self, buffer: memoryview, /) -> int: ...


class Block(NamedTuple):
    """Whole rows of a file, and where they begin; the end of the last line may be missing."""

    start: int
    body: Content


def blocks(
    stream: Readable, block_bytes: int = BLOCK_BYTES, *, read_along: Callable[[memoryview], None] | None = None
) -> Iterator[Block]:
    """Yield the content in blocks of whole rows; empty lines at the end of the file are left out.

    A block of more than 32 MiB has no end of a row: ``read`` says so, and nothing follows it.

    Args:
        read_along: is shown every byte of the stream, once and in order.
    """
    kept, start = bytearray(), 0
    while len(buffer := _filled(kept, stream, read_along, block_bytes)) > len(kept):
        end = _end_of_rows(buffer)
        if size := _size_without_empty_lines(buffer, end):
            # What may be the end of the file is kept: there, empty lines are no rows.
            after = size if buffer.endswith((b"\r", b"\n"), 0, size) else size + _line_end_bytes(buffer, size)
            kept = buffer[after:]
            del buffer[size:]
            yield Block(start, buffer)
            start += after
        else:
            kept = buffer
            if not end and len(kept) > 2 * _ROW_BYTES_MAX:
                break
    if size := _size_without_empty_lines(kept, len(kept)):
        yield Block(start, kept[:size])


def read(
    body: Content,
    header: tuple[Sequence[str], Dialect],
    wanted: Mapping[str, str],
    place: tuple[bool, int],
    found: RowFindings,
) -> Cells | None:
    """Read the wanted columns of a block; None where that is not possible.

    Args:
        body: as ``blocks`` yields it.
        header: the columns of the file, and how it is written.
        place: whether the block begins with the header, and its first row within its part of the file.
        found: gets what is wrong; rows are numbered as if the part were the whole file.
    """
    has_header, first_row = place
    columns, dialect = header
    text = transcoded(body, dialect)
    if text is None:
        found.whole(_OTHER_ENCODING)
        return None
    line, is_quoted = first_row + 2 - has_header, b'"' in text
    if not _is_text(text, line, found) or (is_quoted and not _is_well_quoted(text, line, dialect.delimiter, found)):
        return None
    ragged: list[int] = []
    table = _parsed(text, (None if has_header else columns, dialect.delimiter), wanted, is_quoted, ragged)
    if table is None:
        found.refuse("", [1], _TOO_LONG)
        return None
    # Arrow counts the header as the first row.
    left_out = np.array(ragged, dtype=np.int64) - 1 - has_header
    found.refuse("", (left_out + first_row + 2).tolist(), RAGGED)
    arrays = {name: _whole(table[name]) for name in wanted}
    cells = Cells(arrays, table.num_rows, first_row, found)
    if ragged:
        cells.leave_out(left_out)
    return cells


def transcoded(body: Content, dialect: Dialect) -> Content | None:
    """Return whole rows as UTF-8; None where they are not in the encoding that is declared."""
    if dialect.encoding == "utf-8":
        return body
    try:
        return body.decode(dialect.encoding).encode()
    except UnicodeDecodeError:
        return None


def _parsed(
    body: Content, header: tuple[Sequence[str] | None, str], wanted: Iterable[str], is_quoted: bool, ragged: list[int]
) -> Any:
    columns, delimiter = header
    text = body if body.endswith(b"\n") else body + b"\n"

    def note(row: Any) -> str:
        ragged.append(row.number)
        return "skip"

    try:
        return csv.read_csv(
            pa.BufferReader(pa.py_buffer(text)),
            read_options=csv.ReadOptions(
                use_threads=False, block_size=min(len(text) + 1, _ROW_BYTES_MAX), column_names=columns
            ),
            parse_options=csv.ParseOptions(
                delimiter=delimiter,
                quote_char='"' if is_quoted else False,
                newlines_in_values=is_quoted,
                ignore_empty_lines=False,
                invalid_row_handler=note,
            ),
            convert_options=csv.ConvertOptions(
                include_columns=list(wanted),
                column_types=dict.fromkeys(wanted, _TEXT),
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowInvalid:
        return None


def _whole(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _filled(
    kept: bytearray, stream: Readable, read_along: Callable[[memoryview], None] | None, block_bytes: int
) -> bytearray:
    """Return what is kept and what follows it in the stream: copied nowhere but there."""
    buffer = bytearray(len(kept) + block_bytes)
    buffer[: len(kept)] = kept
    with memoryview(buffer) as view, view[len(kept) :] as room:
        count = stream.readinto(room)
        if read_along:
            read_along(room[:count])
    del buffer[len(kept) + count :]
    return buffer


def _size_without_empty_lines(buffer: bytearray, end: int) -> int:
    """Return where the rows before ``end`` are over, empty lines at their end left out."""
    tail = buffer[max(0, end - 3) : end]
    last = tail.rstrip(b"\r\n")
    return end if last and tail[len(last) :] in _ONE_LINE_END else len(buffer[:end].rstrip(b"\r\n"))


def _line_end_bytes(buffer: bytearray, place: int) -> int:
    return 2 if buffer.startswith(b"\r\n", place) else 1


def _end_of_rows(buffer: bytearray) -> int:
    """Return where the last whole row ends; 0 where none does."""
    if b'"' not in buffer:
        # A CR at the very end may be half of a line end.
        return buffer.rfind(b"\n") + 1 or buffer.rfind(b"\r", 0, -1) + 1
    characters = np.frombuffer(buffer, dtype=np.uint8)
    quotes = np.flatnonzero(characters == _QUOTE)
    ends = np.flatnonzero(characters == _LINE_FEED)
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0


def _is_text(body: Content, line: int, found: RowFindings) -> bool:
    """Refuse what is not text."""
    # Read as signed, what is not ASCII is negative.
    if np.frombuffer(body, dtype=np.int8).min() <= 0:
        for finding in encoding_findings("", body):
            found.refuse("", [line + (finding.line or 1) - 1], Refusal(finding.code, finding.message, finding.remedy))
            return False
    return True


def _is_well_quoted(body: Content, line: int, delimiter: str, found: RowFindings) -> bool:
    """Refuse quotes that do not stand around whole cells."""
    begin = len(BOM) if body.startswith(BOM) else 0
    over = body.find(b"\n", body.rfind(b'"')) + 1 or len(body)  # of the rows behind the last quote all is known
    matched = _well_quoted(delimiter).match(body, begin, over)
    end = matched.end() if matched else begin
    if end == over:
        return True
    found.refuse("", [line + len(_LINE_END.findall(_QUOTED.sub(b"", body[begin:end])))], QUOTES)
    return False


@cache
def _well_quoted(delimiter: str) -> re.Pattern[bytes]:
    # Arrow accepts "a"b and a quote that never ends; a truncated file must not pass as a shorter one.
    mark = re.escape(delimiter).encode()
    return re.compile(rb'(?:(?:"(?:[^"]++|"")*+"|[^"\r\n' + mark + rb"]*+)(?:" + mark + rb"|\r\n?|\n|\Z))*+")
