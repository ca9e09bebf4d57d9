"""``case_follow_up``: some days after an inquiry was resolved, whether it really was."""

from collections.abc import Iterator

from prisma_batch.receivables.debts import days_after
from prisma_batch.views.notices.cases import case_facts, resolved_on
from prisma_batch.views.notices.layout import Notice, say
from prisma_batch.views.notices.state import NoticeState, Planned


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a question for each case that was resolved so many days before a day of the span."""
    targets = state.snapshot.settings.contact_point.targets
    if targets is None or not targets.follow_up_days:
        return
    for case in state.snapshot.cases:
        on = resolved_on(case, state.span.as_of)
        if on and state.is_news(days_after(on, targets.follow_up_days)):
            body = Notice(
                subject=say("%(case)s: is it resolved for you?", case=case.id),
                title=say("Is it resolved for you?"),
                action=(say("If anything is still open, answer this message: we open it again."),),
                facts=(*case_facts(case), (say("Resolved"), on)),
            )
            key = f"case_follow_up.{case.id}.{on}"
            yield Planned(key=key, account=case.account, body=body, to=case.requested_by or "")
