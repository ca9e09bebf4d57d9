"""Layouts that a workspace declares for its own files (``prisma.yaml``, ``usage_layouts``)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel.chunks import Coded, Ints
from prisma_batch.rating.kernel.entries import largest
from prisma_batch.readers.csv_text import Refusal, header_findings
from prisma_batch.readers.usage.cells import CellKind, Cells, constant
from prisma_batch.readers.usage.exact import EMPTY, TOO_LARGE, days, integers, without_exponents
from prisma_batch.readers.usage.iso_days import iso_day
from prisma_batch.readers.usage.result import UsageColumns, UsageNames, program_id
from prisma_batch.records.settings import UsageLayout

KINDS: dict[str, CellKind] = {"usage_date": "day", "quantity": "number"}
_KEYS = ("account", "program", "sku")
_MULTIPLES = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
# 10K, 1000 /Month, 1/Month, 1 Hour; but 10000s is a unit of its own.
_BLOCK = re.compile(r"([0-9]{1,15})([KMB]?)(?![A-Za-z0-9])\s*(.*)")
_NO_COLUMN = Refusal("missing-column", "the layout says neither where the account nor the program stands", "declare it")


@dataclass(frozen=True, slots=True)
class DeclaredFormat:
    """A usage format by a layout; external ids are those under the layout's name."""

    name: str
    layout: UsageLayout

    def sniff(self, columns: Sequence[str]) -> bool:
        """Say whether a header has every column of the layout."""
        return set(self.layout.columns.values()) <= set(columns)

    def wanted(self, _columns: Sequence[str]) -> dict[str, CellKind]:
        """Return the columns to read."""
        return {column: KINDS.get(meaning, "text") for meaning, column in self.layout.columns.items()}

    def refused_header(self, source: str, columns: Sequence[str], *, has_bom: bool) -> list[Finding]:  # noqa: ARG002 - may have one
        """Return what is wrong with the header, or with the layout; other columns are allowed."""
        declared = {*self.layout.columns, *self.layout.fixed}
        missing = [] if {"account", "program"} <= declared else [_NO_COLUMN.finding(source, line=1)]
        return missing + header_findings(source, columns, self.layout.columns.values(), None)

    def read(self, cells: Cells, names: UsageNames) -> UsageColumns:
        """Read a block as its layout says; quantities of blocks of units are multiplied by their size."""
        layout = self.layout
        quantity = layout.columns["quantity"]
        for key in _KEYS:
            if key in layout.columns:
                cells.refuse_empty(layout.columns[key], EMPTY)
        cells = cells.with_numbers((quantity,), partial(_with_point, mark=layout.decimal_mark))
        scaled, unit = integers(cells, quantity, layout.quantity_scale), self._text(cells, "unit")
        if layout.unit_blocks:
            scaled, unit = _multiplied(cells, quantity, scaled, unit)
        return UsageColumns(
            account=cells.translated("account", self._text(cells, "account"), partial(names.account, self.name)),
            program=cells.translated("program", self._text(cells, "program"), partial(program_id, names, self.name)),
            sku=self._text(cells, "sku"),
            unit=unit,
            day=days(cells, layout.columns["usage_date"], day_parser(layout.date_format)),
            quantity_scaled=scaled,
            scale=layout.quantity_scale,
        )

    def _text(self, cells: Cells, meaning: str) -> Coded:
        column = self.layout.columns.get(meaning)
        return cells.text(column) if column else constant(self.layout.fixed.get(meaning, ""), cells.rows)


def unit_block(unit: str) -> tuple[int, str]:
    """Split ``1000 /Month`` into the size of the block and what is left; a unit without a size is a block of one."""
    matched = _BLOCK.fullmatch(unit.strip())
    if not matched or int(matched[1]) == 0:
        return 1, unit
    return int(matched[1]) * _MULTIPLES[matched[2]], matched[3]


def day_parser(date_format: str | None) -> Callable[[str], date | None]:
    """Return the function that reads days as the layout declares them."""
    return iso_day if date_format is None else partial(_declared_day, date_format)


def _declared_day(date_format: str, text: str) -> date | None:
    try:
        return datetime.strptime(text, date_format).date()  # noqa: DTZ007 - the day as it is written
    except ValueError:
        return None


def _with_point(numbers: Any, mark: str) -> Any:
    if mark != "." and pa.types.is_string(numbers.type):
        # A point would be a thousands separator, which is refused.
        numbers = pc.replace_substring(pc.replace_substring(numbers, ".", "_"), mark, ".")
    return without_exponents(numbers)


def _multiplied(cells: Cells, column: str, scaled: Ints, unit: Coded) -> tuple[Ints, Coded]:
    blocks = [unit_block(text) for text in unit.distinct]
    sizes = np.array([size for size, _ in blocks], dtype=np.int64).take(unit.codes)
    if largest(scaled) * largest(sizes) > INT64_MAX:
        cells.refuse(column, np.abs(scaled) > INT64_MAX // sizes, TOO_LARGE)
    return scaled * sizes, Coded(codes=unit.codes, distinct=tuple(rest for _, rest in blocks))
