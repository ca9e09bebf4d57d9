"""A payment id: what it settled and why, and what is left of it."""

from collections.abc import Iterator

from prisma_batch.base.findings import pointer
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.findings import about
from prisma_batch.views.explanations.money import document_place
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step, Trace, summed

KIND, EXAMPLE = "payment", "PRB20261112005"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the ids of all payments booked by the month's day."""
    yield from basis.receivables.payments["payment"]


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a payment: every cent is applied to a document or left, or it is no receivable at all."""
    payments = basis.receivables.payments
    row = next(iter(rows_of(payments[payments["payment"].eq(identifier)])))
    whose = f" of {row.account}" if row.account else ""
    text = f"payment{whose}, booked on {row.booking_date.date()} on statement {row.statement}: {row.state}"
    steps = [use_step(basis, row), *_decided(basis, row), *about(basis, "payment", identifier)]
    return basis.trace(identifier, KIND, text, steps)


def use_step(basis: Basis, payment: Row) -> Step:
    """Return the amount of a payment as what it settled and what is left of it."""
    place = Place(source=payment.source, pointer=payment.pointer)
    amount = Money(int(payment.amount_minor), payment.currency)
    if payment.state == "not_receivable":
        return Step(text="no customer owed it: a person set it apart", figure=amount, place=place)
    parts = (*_applied(basis, payment), *_left(basis, payment))
    return summed("booked by the bank: what it settled and what is left", amount, parts, place)


def _applied(basis: Basis, payment: Row) -> Iterator[Step]:
    allocations = basis.receivables.allocations
    for row in rows_of(allocations[allocations["payment"].eq(payment.payment)]):
        yield Step(
            text=f"settles {row.document} of {row.account} by {row.method.replace('_', ' ')} ({row.confidence})",
            figure=Money(int(row.amount_minor), row.currency),
            place=document_place(basis, row.document),
        )


def _left(basis: Basis, payment: Row) -> Iterator[Step]:
    unapplied = basis.receivables.unapplied
    for row in rows_of(unapplied[unapplied["payment"].eq(payment.payment)]):
        suggestion = f"; it might settle {row.suggestion}" if row.suggestion else ""
        text = f"left: {row.reason.replace('_', ' ')}{suggestion}"
        yield Step(text=text, figure=Money(int(row.amount_minor), row.currency))


def _decided(basis: Basis, payment: Row) -> Iterator[Step]:
    for decision in basis.snapshot.allocations:
        for index, item in enumerate(decision.items):
            if item.payment == payment.payment:
                about_what = f" {item.document}" if item.document else ""
                yield Step(
                    text=f"{decision.decided_by} decided on {decision.decided_on}: {item.kind} {item.amount}"
                    f"{about_what} ({decision.reason})",
                    place=Place(source=decision.source, pointer=pointer("items", index)),
                )
