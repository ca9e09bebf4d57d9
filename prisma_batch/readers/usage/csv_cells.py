"""The cells of a CSV file as text, read column by column without guessing types or nulls."""

import io
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv

from prisma_batch.readers.csv_text import QUOTES, RAGGED, Refusal, RowFindings

_BLOCK_BYTES = 16 * 1024**2
_QUOTED = re.compile(rb'"[^"]*"')
_LINE_END = re.compile(rb"\r\n?|\n")
# Arrow accepts "a"b and a quote that never ends; a truncated file must not pass as a shorter one.
_WELL_QUOTED = re.compile(rb'(?:(?:"(?:[^"]++|"")*+"|[^",\r\n]*+)(?:,|\r\n?|\n|\Z))*+')
_TOO_LONG = Refusal("damaged-csv", "a row is longer than 16 MiB", "export the file again; look for a stray quote")


def read(content: bytes, wanted: list[str], found: RowFindings) -> tuple[dict[str, Any], npt.NDArray[np.int64]]:
    """Read columns as text, with the number of each row (header = 1); rows that are ragged are findings."""
    body = content.rstrip(b"\r\n") + b"\n"
    if not _check_quotes(body, found):
        return {}, np.array([], dtype=np.int64)
    ragged: list[int] = []

    def note(row: Any) -> str:
        ragged.append(row.number)
        return "skip"

    try:
        table = csv.read_csv(
            io.BytesIO(body),
            read_options=csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=note),
            convert_options=csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.large_string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        found.refuse("", [1], _TOO_LONG)
        return {}, np.array([], dtype=np.int64)
    found.refuse("", ragged, RAGGED)
    numbers = np.arange(2, 2 + table.num_rows + len(ragged), dtype=np.int64)
    return {name: table[name].combine_chunks() for name in wanted}, np.setdiff1d(numbers, ragged, assume_unique=True)


def _check_quotes(body: bytes, found: RowFindings) -> bool:
    if b'"' not in body:
        return True
    matched = _WELL_QUOTED.match(body)
    end = matched.end() if matched else 0
    if end == len(body):
        return True
    row = len(_LINE_END.findall(_QUOTED.sub(b"", body[:end]))) + 1
    found.refuse("", [row], QUOTES)
    return False
