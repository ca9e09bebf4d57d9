"""What messages about cases share: whom they go to, and when something was resolved."""

from datetime import date, datetime

from prisma_batch.records.cases import CLOSED_STATES, Case
from prisma_batch.views.notices.layout import Text, Value, say
from prisma_batch.views.notices.state import NoticeState
from prisma_batch.views.zones import local_moment


def resolved_on(case: Case, as_of: date) -> date | None:
    """Return the day since which a case is resolved or closed, by its log up to a day; None while it is open."""
    logged = [entry for entry in case.interactions if entry.status and entry.at.date() <= as_of]
    since = None
    for entry in reversed(logged):
        if entry.status not in CLOSED_STATES:
            break
        since = entry.at.date()
    return since


def resolved_key(case: Case, on: date) -> str:
    """Return the key of the message that a case was resolved on a day."""
    return f"case_resolved.{case.id}.{on}"


def local(state: NoticeState, case: Case, moment: datetime) -> datetime:
    """Return a moment in the customer's time."""
    agreement = state.snapshot.agreements.get(case.account)
    country = agreement.bill_to.country if agreement else None
    return local_moment(moment, country, state.snapshot.settings.contact_point.hours.timezone)


def case_facts(case: Case) -> tuple[tuple[Text, Value], ...]:
    """Return what identifies a case."""
    return (say("Case"), case.id), (say("Account"), case.account), (say("Subject"), case.subject)
