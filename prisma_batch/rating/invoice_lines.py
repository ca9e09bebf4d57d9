"""Invoice lines as a table, signed by what they add to the debt."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import to_minor, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.tables import INVOICE_LINES


def invoice_lines(documents: Iterable[Document]) -> DataFrame:
    """Return INVOICE_LINES of every line of an invoice or credit note that bills a program.

    A credit that names the line it corrects counts where that line counts, whatever else it says. Any other credit
    without service dates has those of the line of the same SKU on the document that it corrects, else the month in
    which it was issued. Goodwill credits and fees bill no program and have no rows.
    """
    documents = tuple(documents)
    by_number = {document.number: document for document in documents}
    return INVOICE_LINES.of(
        _row(document, placed, index)
        for document in documents
        if document.kind in ("invoice", "credit_note")
        for index, line in enumerate(document.lines)
        if (placed := _placed(document, line, by_number)).program is not None
    )


def _placed(document: Document, line: Line, by_number: Mapping[str, Document]) -> Line:
    """Return the line with the place of what it corrects, and with service dates."""
    corrected = by_number.get(_corrects(document, line))
    named = [other for other in corrected.lines if other.line == line.corrects_line] if corrected else []
    if named and line.corrects_line is not None:
        [target] = named[:1]
        line = replace(line, service_account=target.service_account, program=target.program, sku=target.sku)
        line = replace(line, service_from=target.service_from, service_to=target.service_to)
    first, last = _interval(document, line, corrected)
    return replace(line, service_from=first, service_to=last)


def _interval(document: Document, line: Line, corrected: Document | None) -> tuple[date, date]:
    same = (
        [other for other in corrected.lines if (other.program, other.sku) == (line.program, line.sku)]
        if corrected
        else []
    )
    for candidate in (line, *same):
        if candidate.service_from and candidate.service_to:
            return candidate.service_from, candidate.service_to
    month = Period.of(document.issued_on)
    return month.first_day, month.last_day


def _corrects(document: Document, line: Line) -> str:
    return line.corrects_invoice or (document.corrects[0] if document.corrects else "")


def _row(document: Document, line: Line, index: int) -> tuple[Any, ...]:
    # A price per thousand or with a discount is none per unit: such a line is compared by its amount.
    per_unit = line.price_base_quantity == 1 and not line.discount_percent
    price = to_scaled(line.unit_price) if line.unit_price is not None and per_unit else (None, None)
    quantity_scaled, quantity_scale = to_scaled(line.quantity or Decimal(0))
    return (
        *(document.number, document.kind, line.line, document.account, line.service_account or document.account),
        *(line.program, line.sku or "", line.service_from, line.service_to),
        *(document.sign * quantity_scaled, quantity_scale, *price),
        *(document.sign * to_minor(line.amount, document.currency), document.currency),
        *(_corrects(document, line), line.corrects_line or 0),
        *(document.source, pointer("lines", index)),
    )
