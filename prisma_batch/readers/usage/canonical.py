"""Canonical metered usage (CONTRACT §2): our own ids, a row a day or an event, quantities to 6 decimals."""

from collections.abc import Sequence

import pandas as pd

from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import BYTE_ORDER_MARK, header_findings
from prisma_batch.readers.usage.containers import CellKind, Cells, Container, cells
from prisma_batch.readers.usage.exact import EMPTY, days, decimals, is_empty, iso_day, scaled
from prisma_batch.readers.usage.result import UsageInput, UsageNames, refused_usage
from prisma_batch.records.tables import SOURCE_COSTS, USAGE_ROWS

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


def read(container: Container, _names: UsageNames) -> UsageInput:
    """Read a file whose ids are ours; one finding refuses the file.

    Returns:
        USAGE_ROWS in the order of the file at scale 6, no costs.
    """
    findings = _header_findings(container)
    if findings:
        return refused_usage(findings)
    table = cells(container, COLUMNS)
    rows = _rows(container.source, table) if table.arrays else USAGE_ROWS.of([])
    findings = table.found.all()
    if findings:
        return refused_usage(findings, table.rows_read)
    return UsageInput(rows=rows, costs=SOURCE_COSTS.of([]), findings=[], rows_read=table.rows_read)


def _header_findings(container: Container) -> list[Finding]:
    marks = [BYTE_ORDER_MARK.finding(container.source, line=1, column=1)] if container.has_bom else []
    return marks + header_findings(container.source, container.columns, COLUMNS, OPTIONAL)


def _rows(source: str, table: Cells) -> pd.DataFrame:
    for key in KEYS:
        table.refuse(key, is_empty(table, key), EMPTY)
    texts = {column: table.text(column).to_pandas() for column in (*KEYS, "unit")}
    frame = pd.DataFrame(texts).assign(
        usage_date=days(table, "usage_date", iso_day),
        quantity_scaled=scaled(table, "quantity", decimals(table, "quantity"), QUANTITY_SCALE),
        quantity_scale=QUANTITY_SCALE,
        source=source,
        row=table.row_numbers,
    )
    return USAGE_ROWS.conform(frame)
