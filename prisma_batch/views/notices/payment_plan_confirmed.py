"""``payment_plan_confirmed``: the installments that were agreed, and what holds while they are paid in time."""

from collections.abc import Iterator, Mapping

from prisma_batch.records.cases import Outcome
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Notice, NoticeTable, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import customer_name
from prisma_batch.views.payment import paying_facts, payment_references


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each plan that was granted in the span, unless it is broken already."""
    plans = state.receivables.plans
    broken = set(plans.loc[plans["state"].eq("broken"), "plan"])
    references = payment_references(state.snapshot)
    currencies = {document.number: document.currency for document in state.snapshot.documents}
    for case in state.snapshot.cases:
        for index, outcome in enumerate(case.outcome):
            known = [currencies[number] for number in outcome.invoices if number in currencies]
            if outcome.kind == "payment_plan" and state.is_news(outcome.on) and known:
                key = f"payment_plan_confirmed.{case.id}.{index}"
                is_broken = f"{case.id}#{index}" in broken
                body = None if is_broken else _body(state, case.account, outcome, known[0], references)
                yield Planned(
                    key=key, account=case.account, body=body, skipped_because="broken already" if is_broken else ""
                )


def _body(state: NoticeState, account: str, outcome: Outcome, currency: str, references: Mapping[str, str]) -> Notice:
    first = outcome.installments[0]
    count = len(outcome.installments)
    return Notice(
        subject=say("Your payment plan for account %(account)s: %(count)s installments", account=account, count=count),
        title=say("Your payment plan"),
        action=(
            say(
                "Please pay the first installment of %(amount)s by %(day)s.",
                amount=Money.of(first.amount, currency),
                day=first.due_on,
            ),
        ),
        substance=(list(outcome.invoices), [(own.due_on, f"{own.amount:f}") for own in outcome.installments]),
        facts=(
            (say("Account"), f"{account}, {customer_name(state.snapshot, account)}"),
            (say("Documents"), ", ".join(outcome.invoices)),
            *paying_facts(
                state.snapshot.settings.issuer, references, ((number, currency) for number in outcome.invoices)
            ),
        ),
        tables=(
            NoticeTable(
                headings=(say("Installment"), say("Due"), say("Amount")),
                rows=tuple(
                    (number, own.due_on, Money.of(own.amount, currency))
                    for number, own in enumerate(outcome.installments, start=1)
                ),
            ),
        ),
        closing=(
            say("While you pay in time we send no reminders for these documents."),
            say(
                "If an installment is more than %(days)s days late, the plan ends and the first due dates count again.",
                days=state.rules.grace_days,
            ),
            say("If you see that you cannot pay one in time, tell us before it is due."),
        ),
    )
