"""``service_credit``: a credit note for an incident, and what happened."""

from collections.abc import Iterator

from prisma_batch.base.identifiers import file_stem
from prisma_batch.records.cases import Incident
from prisma_batch.records.documents import Document
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Notice, Text, Value, say
from prisma_batch.views.notices.state import NoticeState, Planned


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each credit note of the span whose reason names an incident."""
    for document in state.snapshot.documents:
        if document.kind == "credit_note" and document.reason and state.span.tells_of(document):
            incident = next((own for own in state.snapshot.incidents if own.id in document.reason.split()), None)
            if incident:
                key = f"service_credit.{file_stem(document.number)}"
                yield Planned(key=key, account=document.account, body=_body(document, incident))


def _body(document: Document, incident: Incident) -> Notice:
    amount = Money(-document.debt_minor, document.currency)
    facts: list[tuple[Text, Value]] = [
        (say("Credit note"), document.number),
        (say("Incident"), incident.id),
        (say("From"), incident.started_at),
    ]
    if incident.ended_at:
        facts.append((say("To"), incident.ended_at))
    if incident.availability_percent is not None:
        facts.append((say("Availability in the month"), say("%(number)s %%", number=incident.availability_percent)))
    return Notice(
        subject=say("Service credit of %(amount)s for account %(account)s", amount=amount, account=document.account),
        title=say("Service credit"),
        action=(say("There is nothing for you to do: we credit %(amount)s.", amount=amount),),
        facts=tuple(facts),
        substance=(document.number, amount),
    )
