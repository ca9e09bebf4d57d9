"""A message key: who is told what, why, or why not."""

from collections.abc import Callable, Iterator, Mapping

from prisma_batch.base.findings import pointer
from prisma_batch.base.identifiers import file_stem
from prisma_batch.receivables.dunning import BEFORE_DUE
from prisma_batch.receivables.dunning import KIND as REMINDER
from prisma_batch.records.cases import Case
from prisma_batch.records.contacts import Customer
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.document import total_step
from prisma_batch.views.explanations.money import document_place, due_step, moved_step
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.message import Message
from prisma_batch.views.messages import contact_type_of
from prisma_batch.views.statement import Statement
from prisma_batch.views.trace import Place, Step, Trace
from prisma_batch.views.usage_report_notice import UsageReportNotice
from prisma_batch.views.verification import VerificationNotice

KIND, EXAMPLE = "notice", "statement_of_account.DELTA-001.2026-10"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the keys of the month's messages."""
    yield from (message.key for message in basis.messages)


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a message: what causes it, the figures that it tells, and who gets it."""
    message = next(message for message in basis.messages if message.key == identifier)
    steps = [*_causes(basis, message), *_to(basis, message)]
    if message.skipped_because:
        steps.append(_not_sent(basis, message))
    return basis.trace(identifier, KIND, f"{message.kind.replace('_', ' ')} for {message.account}", steps)


def _causes(basis: Basis, message: Message) -> Iterator[Step]:
    cause = _CAUSES.get(type(message.body))
    if cause:
        yield from cause(basis, message.body)
    elif message.key.startswith(f"{REMINDER}.{message.account}.{BEFORE_DUE}."):
        yield _recalled(basis, message)
    elif message.kind == REMINDER:
        yield from _reminder(basis, message)
    elif message.kind == "suspension_warning":
        status = basis.status[basis.status["account"].eq(message.account)]
        yield from (Step(text=f"status {row.status}: {row.reasons}") for row in rows_of(status))
    yield from (_case_step(case) for case in basis.snapshot.cases if f".{case.id}" in message.key)


def _not_sent(basis: Basis, message: Message) -> Step:
    """Return why nothing is sent, with the cases that the reason names."""
    named = (case for case in basis.snapshot.cases if case.id in message.skipped_because)
    return Step(text=f"not sent: {message.skipped_because}", steps=tuple(map(_case_step, named)))


def _case_step(case: Case) -> Step:
    return Step(text=f"{case.id}, {case.status}: {case.subject}", place=Place(source=case.source))


def _recalled(basis: Basis, message: Message) -> Step:
    due_on, days_before = message.key.split(".")[3:]
    place = Place(source=basis.snapshot.settings.source, pointer=pointer("policies", "reminders", "payment_due_days"))
    return Step(text=f"what is due on {due_on} is recalled {days_before} days before", place=place)


def _reminder(basis: Basis, message: Message) -> Iterator[Step]:
    """Yield which debt reached the level, by how many days, and when the level before it was sent."""
    _, account, level, cause = message.key.split(".", 3)
    place = Place(
        source=basis.snapshot.settings.source, pointer=pointer("policies", "dunning", "levels", int(level) - 1)
    )
    dunning = basis.snapshot.settings.policies.dunning
    after_days = dunning.levels[int(level) - 1].after_days if dunning else 0
    yield Step(text=f"level {level} of reminders is due {after_days} days after the due day", place=place)
    items = basis.receivables.open_items
    for item in rows_of(items[items["account"].eq(account) & items["days_overdue"].gt(0)]):
        leads = ", the first at this level" if file_stem(item.document) == cause else ""
        held = f"; held: {item.hold}" if item.hold else ""
        text = f"{item.document}, due on {item.due_on.date()}, is {item.days_overdue} days overdue{leads}{held}"
        figure = Money(int(item.open_minor), item.currency)
        yield Step(text=text, figure=figure, place=document_place(basis, item.document))
    sent = [row for row in basis.sent if f"{cause}={int(level) - 1}" in row.about and row.kind == REMINDER]
    yield from (Step(text=f"level {int(level) - 1} was sent on {row.at.date()} ({row.key})") for row in sent)


def _to(basis: Basis, message: Message) -> Iterator[Step]:
    """Yield who gets it, or would, each with where that person is listed."""
    customer = basis.snapshot.customers.get(message.account)
    words = "it would go to" if message.skipped_because else "to"
    for recipient in message.to:
        yield Step(text=f"{words} {recipient.name}", place=_listed(basis, customer, message.kind, recipient.email))
    if not message.to:
        place = Place(source=customer.source, pointer=pointer("contacts")) if customer else None
        yield Step(text="to nobody", place=place)


def _listed(basis: Basis, customer: Customer | None, kind: str, email: str) -> Place | None:
    """Return where a person is listed, under the type that is told of a kind where it is among these."""
    settings = basis.snapshot.settings
    if email == settings.issuer.finance_email:
        return Place(source=settings.source, pointer=pointer("issuer", "finance_email"))
    people = customer.people() if customer else ()
    own = [listing for group in people for listing in group if listing.contact.email.casefold() == email.casefold()]
    if customer is None or not own:
        return None
    listing = min(own, key=lambda listing: listing.contact_type != contact_type_of(kind))
    return Place(source=customer.source, pointer=pointer("contacts", listing.contact_type, listing.position))


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
