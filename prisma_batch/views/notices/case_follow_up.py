"""``case_follow_up``: some days after an inquiry was resolved, whether it really was, or why nobody is asked."""

from collections.abc import Iterator
from datetime import date

from prisma_batch.base.periods import days_after
from prisma_batch.records.cases import Case
from prisma_batch.views.notices.cases import case_facts, resolved_key, resolved_on
from prisma_batch.views.notices.layout import Notice, say
from prisma_batch.views.notices.state import NoticeState, Planned


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a question for each case that was resolved so many days before a day of the span.

    Who hears of the resolution only now is asked in that message.
    """
    targets = state.snapshot.settings.contact_point.targets
    if targets is None or not targets.follow_up_days:
        return
    for case in state.snapshot.cases:
        on = resolved_on(case, state.span.as_of)
        if on and state.is_news(days_after(on, targets.follow_up_days)):
            is_told_now = state.is_news(on) and not state.has_told(resolved_key(case, on))
            yield Planned(
                key=f"case_follow_up.{case.id}.{on}",
                account=case.account,
                body=None if is_told_now else _body(case, on),
                to=case.requested_by or "",
                skipped_because="asked with the resolution" if is_told_now else "",
            )


def _body(case: Case, on: date) -> Notice:
    return Notice(
        subject=say("%(case)s: is it resolved for you?", case=case.id),
        title=say("Is it resolved for you?"),
        action=(say("If anything is still open, answer this message: we open it again."),),
        facts=(*case_facts(case), (say("Resolved"), on)),
    )
