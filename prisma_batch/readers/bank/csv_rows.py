"""Rows of a bank's CSV: cells by column, each read or refused at its place."""

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from prisma_batch.readers.bank.amounts import Refused
from prisma_batch.readers.csv_text import QUOTES, RAGGED, Refusal, RowFindings

_T = TypeVar("_T")
_EMPTY = Refusal("empty-cell", "the cell is empty", "fill it in at the source")


@dataclass(frozen=True, kw_only=True, slots=True)
class CsvRow:
    """One row below the header, its number (header = row 1) and where its refusals go."""

    number: int
    cells: Mapping[str, str]
    found: RowFindings

    def read(self, column: str, parse: Callable[[str], _T]) -> _T | None:
        """Return a parsed cell; None and a finding where it is refused."""
        try:
            return parse(self.cells[column])
        except Refused as refused:
            self.found.refuse(column, [self.number], refused.refusal)
            return None


def csv_rows(text: str, found: RowFindings, delimiter: str = ",", header_row: int = 1) -> list[CsvRow]:
    """Return the rows below the header row; ragged rows and broken quotes become findings.

    What the findings know as columns may go on after those of the file.
    """
    reader = csv.reader(io.StringIO(text.rstrip("\r\n"), newline=""), strict=True, delimiter=delimiter)
    rows: list[CsvRow] = []
    number = width = 0
    try:
        for cells in reader:
            number += 1
            width = len(cells) if number == header_row else width
            if number > header_row and len(cells) != width:
                found.refuse("", [number], RAGGED)
            elif number > header_row:
                rows.append(CsvRow(number=number, cells=dict(zip(found.columns, cells, strict=False)), found=found))
    except csv.Error:
        found.refuse("", [number + 1], QUOTES)
    return rows


def filled(text: str) -> str:
    """Return the text of a cell, or raise Refused where there is none."""
    if not text:
        raise Refused(_EMPTY)
    return text
