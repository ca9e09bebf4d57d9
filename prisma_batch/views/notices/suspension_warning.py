"""``suspension_warning``: from when on service may end, the configured days before; the last step that was reached."""

from collections.abc import Iterator, Mapping
from datetime import date

from prisma_batch.base.periods import days_after
from prisma_batch.receivables.standing import Subject, overdue_debts, suspension_on
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Notice, NoticeTable, Text, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import customer_name
from prisma_batch.views.payment import paying_facts, payment_references


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a warning for each account for which a suspension is near."""
    suspension = state.rules.suspension
    references = payment_references(state.snapshot)
    for subject, own in zip(state.subjects, state.standings, strict=True):
        recommended_on = suspension_on(subject, state.rules, state.span.as_of)
        if suspension is None or recommended_on is None or own.status != "suspension_risk":
            continue
        steps = [step for step in suspension.warning_days if days_after(recommended_on, -step) <= state.span.as_of]
        if steps:
            key = f"suspension_warning.{own.account}.{recommended_on}.{min(steps)}"
            since = days_after(recommended_on, -min(steps))
            yield Planned(key=key, account=own.account, body=_body(state, subject, since, references))


def _body(state: NoticeState, subject: Subject, since: date, references: Mapping[str, str]) -> Notice:
    """Return the warning.

    Args:
        since: the day of its step; what has become overdue after it is listed, yet no reason to warn again.
        references: of ``payment_references``.
    """
    account, as_of = subject.owed.account, state.span.as_of
    recommended_on = suspension_on(subject, state.rules, as_of)
    debts = sorted(overdue_debts(subject, state.rules, as_of), key=lambda debt: (debt.currency, debt.due_on))
    claims = [debt for debt in debts if not subject.owed.holds_of(debt, as_of)]
    totals = [
        Money(sum(debt.claim_minor for debt in claims if debt.currency == currency), currency)
        for currency in dict.fromkeys(debt.currency for debt in claims)
    ]
    return Notice(
        act_by=days_after(recommended_on, -1) if recommended_on and recommended_on > as_of else None,
        subject=_subject(account, recommended_on, as_of),
        title=say("Before your service is suspended"),
        action=_action(totals, recommended_on, as_of),
        facts=(
            (say("Account"), f"{account}, {customer_name(state.snapshot, account)}"),
            *paying_facts(
                state.snapshot.settings.issuer, references, ((debt.document, debt.currency) for debt in claims)
            ),
        ),
        tables=(
            NoticeTable(
                headings=(say("Document"), say("Due"), say("Amount")),
                rows=tuple((debt.document, debt.due_on, Money(debt.claim_minor, debt.currency)) for debt in claims),
            ),
        ),
        substance=[
            (debt.document, debt.due_on, Money(debt.claim_minor, debt.currency))
            for debt in claims
            if debt.due_on < since
        ],
        closing=(say("If you cannot pay all of it now, or something is wrong, tell us: we look for a way with you."),),
    )


def _subject(account: str, day: date | None, as_of: date) -> Text:
    if day and day > as_of:
        return say("Account %(account)s: your service may be suspended from %(day)s on", account=account, day=day)
    return say("Account %(account)s: your service may be suspended", account=account)


def _action(totals: list[Money], day: date | None, as_of: date) -> tuple[Text, ...]:
    if day and day > as_of:
        return (
            *(say("Please pay %(amount)s before %(day)s.", amount=total, day=day) for total in totals),
            say("From %(day)s on your service may be suspended. No machine decides that: talk to us before.", day=day),
        )
    return (
        *(say("Please pay %(amount)s now: it is overdue.", amount=total) for total in totals),
        say("Your service may be suspended any day. No machine decides that: talk to us."),
    )
