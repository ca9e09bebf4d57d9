"""The cells of a Parquet file: text, whole numbers, decimals and days; floats and unknown types are refused."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.readers.csv_text import Refusal, RowFindings

MAGIC = b"PAR1"

_DAMAGED = Refusal("damaged-parquet", "the Parquet file is truncated or damaged", "fetch or export it again")
_EXTENSION = Refusal("extension-type", "the column has an extension type", "export it as plain text or a decimal")
_FLOAT = Refusal("float-number", "a binary float cannot hold an exact number", "export the column as a decimal")
_SCALE = Refusal(
    "decimal-scale", f"the type has more than {QUANTITY_SCALE_MAX} decimals", "export it with a smaller scale"
)
_TYPE = Refusal(
    "wrong-type", "the column has the wrong type", "export ids as text, quantities as decimal, days as date"
)


def columns(source: str, content: bytes) -> tuple[str, ...] | Finding:
    """Return the names of the columns, or a finding for a file whose footer cannot be read."""
    try:
        return tuple(parquet.read_schema(pa.BufferReader(content)).names)
    except (pa.ArrowException, OSError):
        return _DAMAGED.finding(source)


def read(content: bytes, wanted: Mapping[str, str], found: RowFindings) -> tuple[dict[str, Any], npt.NDArray[np.int64]]:
    """Read columns, rows numbered from 2 as in a CSV file; a wrongly typed column is a finding without a row."""
    nothing = np.array([], dtype=np.int64)
    schema = parquet.read_schema(pa.BufferReader(content))
    if not _check_types(schema, wanted, found):
        return {}, nothing
    try:
        table = parquet.read_table(pa.BufferReader(content), columns=list(wanted))
    except (pa.ArrowException, OSError):
        found.refuse("", [1], _DAMAGED)
        return {}, nothing
    arrays = {name: _cells(_whole(table[name]), kind) for name, kind in wanted.items()}
    return arrays, np.arange(2, 2 + table.num_rows, dtype=np.int64)


def _whole(column: Any) -> Any:
    merged = column.combine_chunks()
    return merged if isinstance(merged, pa.Array) else pa.concat_arrays(merged.chunks)


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
    if wanted == "day" and (pa.types.is_date(kind_of_type) or _is_utc(kind_of_type)):
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
    if wanted == "number" and not _is_text(column.type):
        return column
    if pa.types.is_timestamp(column.type):
        seconds = pc.strftime(column, format="%Y-%m-%dT%H:%M:%S")
        return pc.fill_null(pc.replace_substring_regex(seconds, r"T00:00:00(\.0+)?$", "").cast(pa.large_string()), "")
    return pc.fill_null(column.cast(pa.large_string()), "")
