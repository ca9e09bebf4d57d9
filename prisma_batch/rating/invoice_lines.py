"""Invoice lines as a table, signed by what they add to the debt."""

from collections.abc import Iterable
from typing import Any

from pandas import DataFrame, NaT

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import to_minor, to_scaled
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.tables import INVOICE_LINES


def invoice_lines(documents: Iterable[Document]) -> DataFrame:
    """Return INVOICE_LINES of every line that bills a program; goodwill credits and plain fees have none."""
    return INVOICE_LINES.of(
        _row(document, line, index)
        for document in documents
        for index, line in enumerate(document.lines)
        if line.program is not None
    )


def _row(document: Document, line: Line, index: int) -> tuple[Any, ...]:
    quantity_scaled, quantity_scale = to_scaled(line.quantity or 0)  # type: ignore[arg-type]
    price = (None, None) if line.unit_price is None else to_scaled(line.unit_price)
    return (
        *(document.number, document.kind, line.line, document.account, line.service_account or document.account),
        *(line.program, line.sku or "", line.service_from or NaT, line.service_to or line.service_from or NaT),
        *(document.sign * quantity_scaled, quantity_scale, *price),
        *(document.sign * to_minor(line.amount, document.currency), document.currency),
        line.corrects_invoice or (document.corrects[0] if document.corrects else ""),
        *(document.source, pointer("lines", index)),
    )
