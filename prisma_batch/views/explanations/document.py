"""``INV-2026-0202``: a document, its lines and taxes, what settled it and what is open."""

from collections.abc import Iterator

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import plain
from prisma_batch.records.documents import Document
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.findings import about
from prisma_batch.views.explanations.money import document_place, payment_place
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step, Trace, summed

KIND, EXAMPLE = "document", "INV-2026-0202"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the numbers of all documents."""
    yield from basis.documents


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a document: how its total is made, and how that became what is open."""
    document = basis.documents[identifier]
    kind = document.kind.replace("_", " ")
    text = f"{kind} of {document.account}, issued on {document.issued_on}, due on {document.due_on}"
    steps = [total_step(document), *_open_steps(basis, document)]
    return basis.trace(identifier, KIND, text, [*steps, *about(basis, "invoice", identifier)])


def total_step(document: Document) -> Step:
    """Return what a document adds to the debt: its lines and taxes, negative for credits."""
    debt = Money(document.debt_minor, document.currency)
    if document.kind == "opening_item":
        place = Place(source=document.source, pointer=pointer("open_amount"))
        return Step(text="open when the account was taken over", figure=debt, place=place)
    parts = (*_line_steps(document), *_tax_steps(document))
    return summed("total", debt, parts, Place(source=document.source, pointer=pointer("total")))


def _line_steps(document: Document) -> Iterator[Step]:
    for index, line in enumerate(document.lines):
        yield Step(
            text=f"line {line.line}: {line.description}",
            figure=Money.of(document.sign * line.amount, document.currency),
            place=Place(source=document.source, pointer=pointer("lines", index)),
        )


def _tax_steps(document: Document) -> Iterator[Step]:
    for index, group in enumerate(document.taxes):
        yield Step(
            text=f"{group.code} tax: {plain(group.rate)} % of {group.base}",
            figure=Money.of(document.sign * group.amount, document.currency),
            place=Place(source=document.source, pointer=pointer("taxes", index)),
        )


def _open_steps(basis: Basis, document: Document) -> Iterator[Step]:
    as_of, open_items = basis.span.as_of, basis.receivables.open_items
    if document.issued_on > as_of:
        yield Step(text=f"not owed yet on {as_of}: it is issued on {document.issued_on}")
        return
    items = list(rows_of(open_items[open_items["document"].eq(document.number)]))
    debt = Step(text=document.kind.replace("_", " "), figure=Money(document.debt_minor, document.currency))
    still_open = Money(sum(int(item.open_minor) for item in items), document.currency)
    parts = [debt, *_settled(basis, document), *_adjusted(basis, document)]
    parts += _netted(basis, document, still_open.minor - sum(_minor(part) for part in parts))
    yield summed(f"open on {as_of}", still_open, parts)
    for item in items:
        yield from _state_of(item, document)


def _settled(basis: Basis, document: Document) -> Iterator[Step]:
    allocations = basis.receivables.allocations
    for row in rows_of(allocations[allocations["document"].eq(document.number)]):
        yield Step(
            text=f"payment {row.payment} of {row.value_date.date()}, by {row.method.replace('_', ' ')}",
            figure=Money(-int(row.settled_minor), document.currency),
            place=payment_place(basis, row.payment),
        )


def _adjusted(basis: Basis, document: Document) -> Iterator[Step]:
    adjustments = basis.receivables.adjustments
    # An exchange adjustment is the other side of a settlement, which is counted in the document's currency already.
    mine = adjustments["document"].eq(document.number) & adjustments["kind"].ne("exchange")
    for row in rows_of(adjustments[mine]):
        approved = f", approved by {row.approved_by}" if row.approved_by else ""
        yield Step(
            text=f"{row.kind.replace('_', ' ')} on {row.on.date()}{approved}",
            figure=Money(-int(row.amount_minor), document.currency),
            place=Place(source=row.source, pointer=row.pointer),
        )


def _netted(basis: Basis, document: Document, netted_minor: int) -> Iterator[Step]:
    """Yield what credit notes took off the invoice that they correct, which no table lists: it is what remains."""
    known = [other for other in basis.documents.values() if other.issued_on <= basis.span.as_of]
    notes = [other for other in known if other.kind == "credit_note" and other.corrects == (document.number,)]
    if document.kind == "credit_note" and len(document.corrects) == 1:
        notes = [other for other in known if other.number in document.corrects]
    if netted_minor and notes:
        words = "credited on" if document.kind == "credit_note" else "credited by"
        yield Step(
            text=f"{words} {', '.join(note.number for note in notes)}",
            figure=Money(netted_minor, document.currency),
            place=document_place(basis, notes[-1].number),
        )


def _minor(step: Step) -> int:
    return step.figure.minor if isinstance(step.figure, Money) else 0


def _state_of(item: Row, document: Document) -> Iterator[Step]:
    if item.installment:
        figure = Money(int(item.open_minor), document.currency)
        yield Step(text=f"installment {item.installment}, due on {item.due_on.date()}", figure=figure)
    if item.days_overdue:
        place = Place(source=document.source, pointer=pointer("due_on"))
        yield Step(text=f"{item.days_overdue} days overdue, due on {item.due_on.date()}", place=place)
    if item.disputed_minor:
        yield Step(text=f"disputed: {item.hold}", figure=Money(int(item.disputed_minor), document.currency))
    elif item.hold:
        yield Step(text=f"reminders are held: {item.hold}")
