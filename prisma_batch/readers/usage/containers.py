"""CSV, gzipped CSV and Parquet, opened alike: columns, then exact cells with the row each stands in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import BOM, RowFindings, encoding_findings, header_columns
from prisma_batch.readers.usage import csv_cells, gzip_text, parquet_cells

CellKind: TypeAlias = Literal["text", "number", "day"]
Mask: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, slots=True)
class Container:
    """An opened file: its columns as they stand; the cells are read later."""

    source: str
    content: bytes
    is_parquet: bool
    columns: tuple[str, ...]

    @property
    def has_bom(self) -> bool:
        return self.content.startswith(BOM)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cells:
    """The wanted columns; text is UTF-8 with "" for null, numbers of Parquet keep their type."""

    arrays: Mapping[str, Any]
    row_numbers: npt.NDArray[np.int64]
    found: RowFindings
    rows_read: int

    def text(self, column: str) -> Any:
        """Return a column of the file as an Arrow array; an absent one is empty in each row."""
        if column in self.arrays:
            return self.arrays[column]
        return pa.array(np.full(len(self.row_numbers), "", dtype=object), pa.large_string())

    def refuse(self, column: str, mask: Mask, refusal: Any) -> None:
        """Refuse a column's cell in the rows of the mask."""
        if mask.any():
            self.found.refuse(column, self.row_numbers[mask].tolist(), refusal)

    def mapped(self, column: str, translate: Callable[[str], str]) -> Any:
        """Return a text column with each distinct value translated once."""
        return translated(self.text(column), translate)


def opened(source: str, content: bytes) -> Container | Finding:
    """Tell the container by its first bytes and read its columns; a finding where that is not possible."""
    if content.startswith(gzip_text.MAGIC):
        plain = gzip_text.unpacked(source, content)
        if isinstance(plain, Finding):
            return plain
        content = plain
    if content.startswith(parquet_cells.MAGIC):
        names = parquet_cells.columns(source, content)
        if isinstance(names, Finding):
            return names
        return Container(source=source, content=content, is_parquet=True, columns=names)
    findings = encoding_findings(source, content)
    if findings:
        return findings[0]
    return Container(source=source, content=content, is_parquet=False, columns=header_columns(content))


def cells(container: Container, wanted: Mapping[str, CellKind]) -> Cells:
    """Read the wanted columns that the file has; what cannot be read is among the findings."""
    found = RowFindings(container.source, container.columns)
    present = {column: kind for column, kind in wanted.items() if column in container.columns}
    if container.is_parquet:
        arrays, row_numbers = parquet_cells.read(container.content, present, found)
    else:
        arrays, row_numbers = csv_cells.read(container.content, list(present), found)
    return Cells(arrays=arrays, row_numbers=row_numbers, found=found, rows_read=len(row_numbers))


def translated(text: Any, translate: Callable[[str], str]) -> Any:
    """Translate each distinct value of a text array once."""
    encoded = text.dictionary_encode()
    values = pa.array([translate(value) for value in encoded.dictionary.to_pylist()], pa.large_string())
    return values.take(encoded.indices)
