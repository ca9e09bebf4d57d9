"""Canonical metered usage (CONTRACT §2): our own ids, a row a day or an event, quantities to 6 decimals."""

from collections.abc import Mapping, Sequence

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import BYTE_ORDER_MARK, header_findings
from prisma_batch.readers.usage.cells import CellKind, Cells
from prisma_batch.readers.usage.exact import EMPTY, days, integers
from prisma_batch.readers.usage.iso_days import iso_day
from prisma_batch.readers.usage.result import UsageColumns, UsageNames

QUANTITY_SCALE = 6
KEYS = ("account", "program", "sku")
COLUMNS: dict[str, CellKind] = {
    **dict.fromkeys(KEYS, "text"),
    "usage_date": "day",
    "quantity": "number",
    "unit": "text",
}
OPTIONAL = ("resource",)


def sniff(columns: Sequence[str]) -> bool:
    """Recognise the format by three of its columns, so that a missing one is named and not just unknown."""
    return len(COLUMNS.keys() & set(columns)) >= 3


def wanted(_columns: Sequence[str]) -> Mapping[str, CellKind]:
    """Return the columns to read."""
    return COLUMNS


def refused_header(source: str, columns: Sequence[str], *, has_bom: bool) -> list[Finding]:
    """Return what is wrong with the header."""
    marks = [BYTE_ORDER_MARK.finding(source, line=1, column=1)] if has_bom else []
    return marks + header_findings(source, columns, COLUMNS, OPTIONAL)


def read(cells: Cells, _names: UsageNames) -> UsageColumns:
    """Read a block whose ids are ours, quantities at scale 6."""
    for key in KEYS:
        cells.refuse_empty(key, EMPTY)
    return UsageColumns(
        account=cells.text("account"),
        program=cells.text("program"),
        sku=cells.text("sku"),
        unit=cells.text("unit"),
        day=days(cells, "usage_date", iso_day),
        quantity_scaled=integers(cells, "quantity", QUANTITY_SCALE),
        scale=QUANTITY_SCALE,
    )
