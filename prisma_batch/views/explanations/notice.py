"""A message key: who is told what, why, or why not."""

from collections.abc import Callable, Iterator, Mapping

from prisma_batch.base.findings import pointer
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.document import total_step
from prisma_batch.views.explanations.money import due_step, moved_step
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.messages import Message, UsageReportNotice
from prisma_batch.views.statement import Statement
from prisma_batch.views.trace import Place, Step, Trace
from prisma_batch.views.verification import VerificationNotice

KIND, EXAMPLE = "notice", "statement_of_account.DELTA-001.2026-10"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the keys of the month's messages."""
    yield from (message.key for message in basis.messages)


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a message: what causes it, the figures that it tells, and who gets it."""
    message = next(message for message in basis.messages if message.key == identifier)
    steps = [*_causes(basis, message), _to(basis, message)]
    if message.skipped_because:
        steps.append(Step(text=f"not sent: {message.skipped_because}"))
    return basis.trace(identifier, KIND, f"{message.kind.replace('_', ' ')} for {message.account}", steps)


def _causes(basis: Basis, message: Message) -> Iterator[Step]:
    cause = _CAUSES.get(type(message.body))
    if cause:
        yield from cause(basis, message.body)


def _to(basis: Basis, message: Message) -> Step:
    customer = basis.snapshot.customers.get(message.account)
    place = Place(source=customer.source, pointer=pointer("contacts")) if customer else None
    names = ", ".join(recipient.name for recipient in message.to) or "nobody"
    return Step(text=f"to {names}", place=place)


def _invoice(basis: Basis, copy: InvoiceCopy) -> Iterator[Step]:
    document = basis.documents[copy.number]
    place = Place(source=document.source, pointer=pointer("issued_on"))
    yield Step(text=f"{document.number} was issued on {document.issued_on}", place=place)
    yield total_step(document)


def _statement(basis: Basis, statement: Statement) -> Iterator[Step]:
    for section in statement.sections:
        yield moved_step(basis, section)
        yield due_step(section)


def _usage_report(basis: Basis, notice: UsageReportNotice) -> Iterator[Step]:
    place = Place(source=basis.snapshot.settings.source, pointer=pointer("programs", notice.program, "due_day"))
    yield Step(text=f"{notice.file} is missing; it was due on {notice.due_on}", place=place)


def _verification(basis: Basis, notice: VerificationNotice) -> Iterator[Step]:
    place = Place(source=basis.snapshot.settings.source, pointer=pointer("policies", "verification"))
    text = f"{len(notice.contacts)} of its contacts fell due for verification on {notice.due.due_on}"
    yield Step(text=text, place=place)


_CAUSES: Mapping[type, Callable[..., Iterator[Step]]] = {
    InvoiceCopy: _invoice,
    Statement: _statement,
    UsageReportNotice: _usage_report,
    VerificationNotice: _verification,
}
