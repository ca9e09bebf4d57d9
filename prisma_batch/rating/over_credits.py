"""Credit beyond what was invoiced: on a whole invoice, or on one of its lines."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import from_minor, to_minor
from prisma_batch.base.periods import Period
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.documents import Document, Line


def period_of(document: Document) -> Period:
    """Return the month of a document's last service day, or of its issue where no line has one."""
    days = [line.service_to for line in document.lines if line.service_to]
    return Period.of(max(days, default=document.issued_on))


def over_credited(documents: Iterable[Document]) -> Iterator[Discrepancy]:
    """Yield ``credit_exceeds_invoice``, on the last of the notes that credit an invoice or one of its lines.

    A note that corrects one invoice counts with its total; one that corrects several counts with the lines that name
    each of them, and then nets are compared. Where an invoice is credited beyond its amount its lines are not judged.
    """
    by_number = {document.number: document for document in documents}
    for number, notes in _notes_by_invoice(by_number.values()).items():
        invoice = by_number.get(number)
        if invoice is None:
            continue
        credited, invoiced = _credited(invoice, notes)
        if credited > invoiced:
            yield _exceeds(invoice, notes[-1], (credited, invoiced))
        else:
            yield from _lines_exceeded(invoice, notes)


def _notes_by_invoice(documents: Iterable[Document]) -> dict[str, list[Document]]:
    notes: dict[str, list[Document]] = defaultdict(list)
    for document in sorted(documents, key=lambda document: (document.issued_on, document.number)):
        if document.kind == "credit_note":
            named = {line.corrects_invoice for line in document.lines if line.corrects_invoice}
            for number in sorted({*document.corrects, *named}):
                notes[number].append(document)
    return notes


def _credited(invoice: Document, notes: Iterable[Document]) -> tuple[int, int]:
    """Return what was credited of an invoice and what it came to, as totals where each note corrects it alone."""
    notes = tuple(notes)
    if invoice.kind == "opening_item" or all(note.corrects == (invoice.number,) for note in notes):
        return -sum(note.debt_minor for note in notes), invoice.debt_minor
    nets = (line.amount for note in notes for line in note.lines if _credits(note, line, invoice))
    return to_minor(sum(nets, Decimal(0)), invoice.currency), to_minor(invoice.net, invoice.currency)


def _credits(note: Document, line: Line, invoice: Document) -> bool:
    alone = note.corrects[0] if len(note.corrects) == 1 else None
    return (line.corrects_invoice or alone) == invoice.number


def _lines_exceeded(invoice: Document, notes: Iterable[Document]) -> Iterator[Discrepancy]:
    credits_by_line: dict[int, list[tuple[Document, Line]]] = defaultdict(list)
    for note in notes:
        for line in note.lines:
            if line.corrects_line is not None and line.corrects_invoice == invoice.number:
                credits_by_line[line.corrects_line].append((note, line))
    for corrected in invoice.lines:
        crediting = credits_by_line.get(corrected.line, [])
        credited = sum((line.amount for _, line in crediting), Decimal(0))
        if credited > max(corrected.amount, Decimal(0)):
            amounts = (to_minor(credited, invoice.currency), to_minor(corrected.amount, invoice.currency))
            yield _exceeds(invoice, crediting[-1][0], amounts, str(corrected.line))


def _exceeds(invoice: Document, note: Document, amounts: tuple[int, int], line: str = "") -> Discrepancy:
    credited, invoiced = (from_minor(minor, invoice.currency) for minor in amounts)
    what = f"line {line} of {invoice.number}" if line else invoice.number
    return Discrepancy(
        kind="credit_exceeds_invoice",
        message=f"{credited} {invoice.currency} credited on {what}, which was {invoiced}",
        source=note.source,
        pointer=pointer("total"),
        account=invoice.account,
        period=str(period_of(note)),
        invoice=invoice.number,
        line=line,
        expected_minor=-amounts[1],
        invoiced_minor=-amounts[0],
        currency=invoice.currency,
    )
