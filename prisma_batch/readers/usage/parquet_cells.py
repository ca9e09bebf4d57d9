"""The cells of a Parquet file: text, whole numbers, decimals and days; floats and unknown types are refused."""

from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.rating.kernel.chunks import Codes
from prisma_batch.readers.csv_text import Refusal, RowFindings

MAGIC = b"PAR1"
BATCH_ROWS = 131_072  # what fits into a processor's cache is faster than whole row groups

_YEAR_1, _YEAR_10000 = np.datetime64("0001-01", "M"), np.datetime64("10000-01", "M")

DAMAGED = Refusal("damaged-parquet", "the Parquet file is truncated or damaged", "fetch or export it again")
_EXTENSION = Refusal("extension-type", "the column has an extension type", "export it as plain text or a decimal")
_FLOAT = Refusal("float-number", "a binary float cannot hold an exact number", "export the column as a decimal")
_SCALE = Refusal(
    "decimal-scale", f"the type has more than {QUANTITY_SCALE_MAX} decimals", "export it with a smaller scale"
)
_TYPE = Refusal(
    "wrong-type", "the column has the wrong type", "export ids as text, quantities as decimal, days as date"
)


def opened(stream: BufferedIOBase) -> parquet.ParquetFile | None:
    """Open a Parquet file; None where its footer cannot be read."""
    try:
        return parquet.ParquetFile(stream)
    except (pa.ArrowException, OSError):
        return None


def row_group_sizes(file: parquet.ParquetFile) -> tuple[int, ...]:
    """Return how many bytes each row group takes of the file."""
    groups = map(file.metadata.row_group, range(file.metadata.num_row_groups))
    return tuple(
        sum(group.column(index).total_compressed_size for index in range(group.num_columns)) for group in groups
    )


def read(
    stream: BufferedIOBase, group: int, wanted: Mapping[str, str], found: RowFindings
) -> Iterator[tuple[Mapping[str, Any], int, int]]:
    """Yield batches of a row group: arrays, text as dictionaries, the first row and how many; nothing after a damage.

    A wrongly typed column is a finding for the whole file, and so is a page that cannot be read.
    """
    try:
        coded = [name for name, kind in wanted.items() if kind != "number"]
        file = parquet.ParquetFile(stream, read_dictionary=coded, pre_buffer=False)
        if not _check_types(file.schema_arrow, wanted, found):
            return
        same = _constants(file, group, {name: kind for name, kind in wanted.items() if kind != "number"})
        columns, first_row = [name for name in wanted if name not in same], 0
        for batch in file.iter_batches(BATCH_ROWS, row_groups=[group], columns=columns, use_threads=False):
            arrays = {name: _cells(batch.column(name), wanted[name]) for name in columns}
            arrays |= {name: array[: batch.num_rows] for name, array in same.items()}
            yield arrays, first_row, batch.num_rows
            first_row += batch.num_rows
    except (pa.ArrowException, OSError):
        found.whole(DAMAGED)


def _constants(file: parquet.ParquetFile, group: int, columns: Mapping[str, str]) -> dict[str, Any]:
    """Return a batch of each column that, as the file itself says, has one text, or one month, in the whole group."""
    place = {name: number for number, name in enumerate(file.schema_arrow.names)}
    if len(place) != file.metadata.num_columns:  # nested columns: their leaves are numbered otherwise
        return {}
    chunks = file.metadata.row_group(group)
    told = {name: chunks.column(place[name]).statistics for name in columns}
    codes = np.zeros(min(BATCH_ROWS, chunks.num_rows), dtype=np.int32)
    same = {
        name: _constant(said, columns[name], codes)
        for name, said in told.items()
        if said and said.has_min_max and said.has_null_count and not said.null_count
    }
    return {name: array for name, array in same.items() if array is not None}


def _constant(said: Any, kind: str, codes: Codes) -> Any:
    """Return an array of the text, or of a day in the month, that all rows have according to statistics; else None."""
    if isinstance(said.min_raw, bytes):
        # A long text may be cut off there, but then its least and its greatest are not the same.
        text = pa.array([said.min_raw], pa.binary()).view(pa.string())
        return pa.DictionaryArray.from_arrays(codes, text) if said.min_raw == said.max_raw else None
    if kind == "month" and said.logical_type.type == "DATE":
        first, last = np.array([said.min_raw, said.max_raw], dtype="datetime64[D]").astype("datetime64[M]")
        day = pa.array([said.min_raw], pa.int32()).view(pa.date32())
        return pa.DictionaryArray.from_arrays(codes, day) if _YEAR_1 <= first == last < _YEAR_10000 else None
    return None


def _check_types(schema: Any, wanted: Mapping[str, str], found: RowFindings) -> bool:
    right = True
    for field in schema:
        refusal = _EXTENSION if _is_extension(field) else None
        if refusal is None and field.name in wanted:
            refusal = _type_refusal(field.type, wanted[field.name])
        if refusal:
            found.refuse(field.name, [1], refusal)
            right = False
    return right


def _is_extension(field: Any) -> bool:
    return isinstance(field.type, pa.BaseExtensionType) or b"ARROW:extension:name" in (field.metadata or {})


def _type_refusal(kind_of_type: Any, wanted: str) -> Refusal | None:
    if _is_text(kind_of_type):
        return None
    if wanted == "number":
        return _number_refusal(kind_of_type)
    if wanted in ("day", "month") and (pa.types.is_date(kind_of_type) or _is_utc(kind_of_type)):
        return None
    return _TYPE


def _number_refusal(number_type: Any) -> Refusal | None:
    if pa.types.is_floating(number_type):
        return _FLOAT
    if pa.types.is_decimal(number_type):
        return None if 0 <= number_type.scale <= QUANTITY_SCALE_MAX else _SCALE
    return None if pa.types.is_integer(number_type) else _TYPE


def _is_text(kind: Any) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    is_plain = pa.types.is_string(value) or pa.types.is_large_string(value)
    return bool(is_plain or pa.types.is_string_view(value) or pa.types.is_null(value))


def _is_utc(kind: Any) -> bool:
    return bool(pa.types.is_timestamp(kind)) and kind.tz in (None, "UTC", "+00:00", "Etc/UTC")


def _cells(column: Any, wanted: str) -> Any:
    if _is_text(column.type):
        return column if wanted != "number" else pc.fill_null(column.cast(pa.string()), "")
    if wanted == "number" or pa.types.is_date32(column.type):
        return column
    if pa.types.is_date64(column.type):
        return column.cast(pa.date32())
    if pa.types.is_timestamp(column.type):
        seconds = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S")
        return pc.replace_substring_regex(seconds, r"T00:00:00(\.0+)?$", "")
    return column.cast(pa.string())
