"""``INV-2026-0202#1``: a line, the usage that it bills, and what is found of it."""

from collections.abc import Iterator

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import plain
from prisma_batch.base.periods import Period
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.findings import about_line
from prisma_batch.views.explanations.usage import Unit, expected_steps, invoiced_step, lines_of
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step, Trace

KIND, EXAMPLE = "line", "INV-2026-0202#1"

_APPLIED = {
    "line": "it corrects {}, which it names",
    "mirror_image": "it takes back {}, its mirror image",
    "only_line": "it corrects {}, the only line of the SKU and month",
    "month": "it counts in its month as a correction of {}, of no line alone",
}


def ids(basis: Basis) -> Iterator[str]:
    """Yield the ids of all lines."""
    for document in basis.snapshot.documents:
        yield from (f"{document.number}#{line.line}" for line in document.lines)


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a line: its own amount, what was used and agreed for it, and everything that bills the same."""
    number, _, name = identifier.rpartition("#")
    document = basis.documents[number]
    index, line = next((index, line) for index, line in enumerate(document.lines) if str(line.line) == name)
    row = next((row for row in rows_of(basis.lines) if (row.document, row.line) == (number, line.line)), None)
    unit = _unit(row)
    steps = [_own(document, line, index), *_netted(basis, number, line.line)]
    if unit:
        billed = [invoiced_step(basis, unit)] if len(lines_of(basis, unit)) > 1 else []
        steps += [*billed, *expected_steps(basis, unit)]
    text = f"line {line.line} of {document.kind.replace('_', ' ')} {number}: {line.description}"
    found = about_line(basis, unit, number, line.line)
    return basis.trace(identifier, KIND, text, [*steps, *(found or [_nothing_found(basis, unit)])])


def _unit(row: Row | None) -> Unit | None:
    return Unit(row.service_account, row.program, row.sku, row.period, row.currency) if row else None


def _own(document: Document, line: Line, index: int) -> Step:
    return Step(
        text=f"{_formula(line)} on the line",
        figure=Money.of(document.sign * line.amount, document.currency),
        place=Place(source=document.source, pointer=pointer("lines", index)),
    )


def _netted(basis: Basis, number: str, line: int) -> Iterator[Step]:
    """Yield what a credit corrects, and the credits that correct a line."""
    credited = basis.credited_lines
    for row in rows_of(credited[credited["document"].eq(number) & credited["line"].eq(line)]):
        corrected = f"{row.corrected_invoice}#{row.corrected_line}" if row.corrected_line else row.corrected_invoice
        yield Step(text=_APPLIED[row.applied_by].format(corrected or row.period))
    corrects = credited["corrected_invoice"].eq(number) & credited["corrected_line"].eq(line)
    for row in rows_of(credited[corrects]):
        amount, place = Money(int(row.amount_minor), row.currency), Place(source=row.source, pointer=row.pointer)
        yield Step(text=f"corrected by {row.document}#{row.line}", figure=amount, place=place)


def _formula(line: Line) -> str:
    if line.quantity is None or line.unit_price is None:
        return "a lump sum"
    base = "" if line.price_base_quantity == 1 else f" ÷ {plain(line.price_base_quantity)}"
    discount = f" less {plain(line.discount_percent)} %" if line.discount_percent else ""
    unit = f" {line.unit}" if line.unit else ""
    return f"{plain(line.quantity)}{unit}{base} × {plain(line.unit_price)}{discount}"


def _nothing_found(basis: Basis, unit: Unit | None) -> Step:
    if unit and Period.parse(unit.period) > basis.span.period:
        return Step(text=f"it is matched in {unit.period}, after the period explained here")
    return Step(text="no discrepancy is about it")
