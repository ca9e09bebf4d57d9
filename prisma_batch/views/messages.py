"""Messages planned from the state of the records: who is told what, once, and why somebody is not."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from pandas import DataFrame

from prisma_batch.base.identifiers import file_stem
from prisma_batch.checks.reach import out_of_reach_since, refused_on
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.invoice_copy import InvoiceCopy, build_invoice_copy
from prisma_batch.views.message import Attachment, Body, Message, Recipient
from prisma_batch.views.notices.registry import CONTACT_TYPES_BY_KIND, plan_notices
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import language_of
from prisma_batch.views.revisions import arrived_by_key, revision_of
from prisma_batch.views.statement import Statement, StatementSpan
from prisma_batch.views.statement_parts import OpenItem
from prisma_batch.views.usage_report_due import usage_report_notice, usage_report_step
from prisma_batch.views.verification import VerificationNotice, verification_notices

ZERO_BALANCE = "zero balance"
_ESCALATING = ("payment_reminder", "suspension_warning")
# What a month is summed up in: no notice between runs tells it.
KINDS_OF_A_RUN = ("statement_of_account", "discrepancy_notice")


def plan_messages(
    snapshot: Snapshot,
    statements: Collection[Statement],
    usage_report_states: DataFrame,
    span: StatementSpan,
    notices: NoticeState | None = None,
    sent_later: Iterable[JournalRow] = (),
) -> tuple[Message, ...]:
    """Plan every message of a run.

    Args:
        snapshot: all records.
        statements: the statements of the run, of ``span``.
        usage_report_states: USAGE_REPORT_STATES columns; a report of the period that is not there is a message.
        span: documents issued within it are told of; contacts are those valid on its as-of day.
        notices: from what further messages are planned, and what was sent already; none where it is not given.
        sent_later: what was sent of this run from its as-of day on, when it was published before.
    Returns:
        Messages sorted by key, those that are not sent with the reason.
    """
    planned = [
        *_invoice_messages(snapshot, statements, span),
        *_statement_messages(snapshot, statements, span),
        *_usage_report_messages(snapshot, usage_report_states, span),
        *_verification_messages(snapshot, span),
    ]
    messages = [*planned, *(notice_messages(notices) if notices else ())]
    return revised(told_once(messages, notices.sent if notices else ()), sent_later)


def notice_messages(state: NoticeState) -> Iterator[Message]:
    """Yield the messages in the common layout that are due."""
    refused = refused_on(state.sent)
    for planned in plan_notices(state):
        yield _notice_message(state, planned, refused)


def told_once(messages: Iterable[Message], sent: Iterable[JournalRow]) -> tuple[Message, ...]:
    """Sort messages by key, and skip those that were sent before, or may have been, and tell the same now."""
    arrived = arrived_by_key(sent)
    in_order = sorted(messages, key=lambda message: message.key)
    return tuple(_once(message, arrived.get(message.key, ())) for message in in_order)


def _once(message: Message, arrived: Sequence[JournalRow]) -> Message:
    if not arrived or not message.body:
        return message
    revision, row = revision_of(message.substance, arrived)
    skipped_because = f"{row.state} on {row.at.date()}" if row else message.skipped_because
    return replace(message, revision=revision, skipped_because=skipped_because)


def revised(messages: Iterable[Message], sent_later: Iterable[JournalRow]) -> tuple[Message, ...]:
    """Give the messages of a run that is published again their revisions.

    What was sent after its as-of day skips none of them, so that the same records make the same outbox.
    """
    arrived = arrived_by_key(row for row in sent_later if row.kind in KINDS_OF_A_RUN)
    return tuple(
        replace(message, revision=revision_of(message.substance, arrived[message.key])[0])
        if message.body and message.key in arrived
        else message
        for message in messages
    )


def _notice_message(state: NoticeState, planned: Planned, refused: Mapping[str, date]) -> Message:
    snapshot, kind = state.snapshot, planned.key.partition(".")[0]
    to = _told(state, planned, CONTACT_TYPES_BY_KIND[kind])
    nobody = _unreachable(state, planned.account, kind, refused) if to else f"no contact valid on {state.span.as_of}"
    return Message(
        key=planned.key,
        kind=kind,
        account=planned.account,
        language=language_of(snapshot, planned.account),
        contact_point=snapshot.settings.contact_point,
        issuer=snapshot.settings.issuer,
        to=to,
        body=planned.body,
        about=planned.about,
        skipped_because=planned.skipped_because or nobody,
    )


def _unreachable(state: NoticeState, account: str, kind: str, refused: Mapping[str, date]) -> str:
    """Return why nobody is reminded or warned once more: mail to every contact came back, or was refused."""
    customer = state.snapshot.customers.get(account)
    if kind not in _ESCALATING or customer is None:
        return ""
    contacts = customer.contacts_on(CONTACT_TYPES_BY_KIND[kind], state.span.as_of)
    days = [out_of_reach_since(contact, refused) for contact in contacts]
    return f"unreachable: mail came back or was refused on {max(filter(None, days))}" if all(days) else ""


def _told(state: NoticeState, planned: Planned, contact_type: str) -> tuple[Recipient, ...]:
    customer = state.snapshot.customers.get(planned.account)
    if contact_type and not planned.to:
        return tuple(map(_recipient, customer.contacts_on(contact_type, state.span.as_of) if customer else ()))
    people = [own for group in customer.people() for own in group[:1]] if customer else []
    if planned.to:
        known = (own.contact for own in people if own.contact.email.casefold() == planned.to.casefold())
        name = next((f"{contact.first_name} {contact.last_name}" for contact in known), "")
        return (Recipient(name=name or planned.to, email=planned.to),)
    return tuple(_recipient(own.contact) for own in people if own.contact.valid_on(state.span.as_of))


def _invoice_messages(snapshot: Snapshot, statements: Iterable[Statement], span: StatementSpan) -> Iterator[Message]:
    items: dict[str, list[OpenItem]] = {}
    for section in (section for statement in statements for section in statement.sections):
        for item in section.open_items:
            items.setdefault(item.document, []).append(item)
    for document in snapshot.documents:
        if span.tells_of(document):
            copy = build_invoice_copy(document, snapshot)
            yield _invoice_message(snapshot, _as_of_now(copy, items.get(document.number, ())), span)


def _as_of_now(copy: InvoiceCopy, items: Iterable[OpenItem]) -> InvoiceCopy:
    """Return a copy that asks for what is open of the document and due first; nobody is to pay a thing twice."""
    payable = [item for item in items if item.is_payable]
    first = min((item.due_on for item in payable if item.due_on), default=copy.due_on)
    minor = sum(item.undisputed_minor for item in payable if item.due_on == first)
    return replace(copy, to_pay=Money(minor, copy.currency), pay_by=first)


def _invoice_message(snapshot: Snapshot, copy: InvoiceCopy, span: StatementSpan) -> Message:
    stem = file_stem(copy.number)
    return _message(
        snapshot,
        span,
        copy.account,
        f"invoice_available.{stem}",
        body=copy,
        attachments=(Attachment(name=f"{stem}.html", path=f"invoices/{stem}.html"),),
    )


def _statement_messages(snapshot: Snapshot, statements: Iterable[Statement], span: StatementSpan) -> Iterator[Message]:
    by_account = {statement.account: statement for statement in statements}
    for account in sorted({*by_account, *snapshot.customers}):
        agreement = snapshot.agreements.get(account)
        if account not in by_account and agreement and _has_no_statement(agreement, span):
            continue
        statement = by_account.get(account)
        key = f"statement_of_account.{account}.{span.period}"
        yield _message(snapshot, span, account, key, body=statement, attachments=_statement_files(account, span))


def _has_no_statement(agreement: Agreement, span: StatementSpan) -> bool:
    """Say whether another account owes its invoices and has the statement, or it began after the month."""
    return bool(agreement.billed_to) or agreement.active_from > span.period.last_day


def _statement_files(account: str, span: StatementSpan) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(name=f"statement-{account}-{span.period}.{suffix}", path=f"statements/{account}.{suffix}")
        for suffix in ("html", "csv")
    )


def _usage_report_messages(snapshot: Snapshot, states: DataFrame, span: StatementSpan) -> Iterator[Message]:
    wanted = states["state"].eq("expected") & states["period"].eq(str(span.period))
    for row in rows_of(states[wanted]):
        step = usage_report_step(row.due_on.date(), snapshot, span)
        if step is not None:
            key = f"usage_report_due.{row.account}.{row.program}.{row.period}{step}"
            yield _message(snapshot, span, str(row.account), key, body=usage_report_notice(snapshot, row))


def _verification_messages(snapshot: Snapshot, span: StatementSpan) -> Iterator[Message]:
    for notice in verification_notices(snapshot, span.as_of):
        due = notice.due
        key = f"contact_verification_due.{notice.account}.{due.due_on}{f'.{due.reminder}' if due.reminder else ''}"
        yield _message(snapshot, span, notice.account, key, body=notice)


_CONTACT_TYPE_BY_KIND = {
    "invoice_available": "billing",
    "statement_of_account": "statement",
    "usage_report_due": "usage_reporting",
}


def contact_type_of(kind: str) -> str:
    """Return the type of the contacts that a kind of message goes to; nothing where it goes to others."""
    return _CONTACT_TYPE_BY_KIND.get(kind) or CONTACT_TYPES_BY_KIND.get(kind, "")


def _message(
    snapshot: Snapshot,
    span: StatementSpan,
    account: str,
    key: str,
    *,
    body: Body | None,
    attachments: tuple[Attachment, ...] = (),
) -> Message:
    kind = key.partition(".")[0]
    to = _recipients(snapshot.customers.get(account), kind, body, span.as_of)
    skipped_because = "" if to else f"no contact valid on {span.as_of}"
    return Message(
        key=key,
        kind=kind,
        account=account,
        language=language_of(snapshot, account),
        contact_point=snapshot.settings.contact_point,
        issuer=snapshot.settings.issuer,
        to=to,
        attachments=attachments if body else (),
        body=body,
        skipped_because=skipped_because if body else ZERO_BALANCE,
    )


def _recipients(customer: Customer | None, kind: str, body: Body | None, as_of: date) -> tuple[Recipient, ...]:
    if isinstance(body, VerificationNotice):
        return tuple(Recipient(name=contact.name, email=contact.email) for contact in body.contacts)
    contacts = customer.contacts_on(_CONTACT_TYPE_BY_KIND[kind], as_of) if customer else ()
    return tuple(map(_recipient, contacts))


def _recipient(contact: Contact) -> Recipient:
    return Recipient(name=f"{contact.first_name} {contact.last_name}", email=contact.email)
