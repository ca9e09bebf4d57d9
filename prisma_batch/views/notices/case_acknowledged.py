"""``case_acknowledged``: that an inquiry has arrived, until when it is answered, and what is still needed for that."""

from collections.abc import Iterator
from datetime import datetime

from prisma_batch.cases.clocks import targets_of
from prisma_batch.cases.intake import missing_information
from prisma_batch.records.cases import Case
from prisma_batch.views.notices.cases import case_facts, local, resolved_on
from prisma_batch.views.notices.layout import Notice, Text, say
from prisma_batch.views.notices.state import NoticeState, Planned

_QUESTIONS = {
    "invoice": say("Please tell us the number of the invoice that it is about."),
    "description": say("Please describe what is wrong, or what you would like to know."),
}


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each case that was opened in the span, unless it is resolved already."""
    for case in state.snapshot.cases:
        if state.is_news(case.opened_at.date()):
            is_over = resolved_on(case, state.span.as_of) is not None
            yield Planned(
                key=f"case_acknowledged.{case.id}",
                account=case.account,
                body=None if is_over else _body(state, case),
                to=case.requested_by or "",
                skipped_because="resolved already" if is_over else "",
            )


def _body(state: NoticeState, case: Case) -> Notice:
    targets = targets_of(case, state.snapshot.settings.contact_point)
    questions = tuple(_QUESTIONS[name] for name in missing_information(case))
    return Notice(
        subject=say("%(case)s: we have received your inquiry", case=case.id),
        title=say("We have received your inquiry"),
        action=questions or (say("There is nothing for you to do."),),
        facts=(*case_facts(case), (say("Received"), local(state, case, case.opened_at))),
        closing=tuple(_promises(state, case, *targets)),
        substance=([text.message for text in questions], *map(str, targets)),
    )


def _promises(
    state: NoticeState, case: Case, first_reply: datetime | None, resolution: datetime | None
) -> Iterator[Text]:
    """Yield until when it is answered and resolved, as far as that is still to come."""
    as_of = state.span.as_of
    if first_reply and first_reply.date() >= as_of:
        yield say("We answer by %(moment)s.", moment=local(state, case, first_reply))
    if resolution and resolution.date() >= as_of:
        yield say("We mean to have it resolved by %(moment)s.", moment=local(state, case, resolution))
        yield say("Time in which we wait for your answer does not count.")
