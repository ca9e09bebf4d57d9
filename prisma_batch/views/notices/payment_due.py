"""``payment_reminder`` before the due day: what is to be paid by then, at the configured days before it."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from prisma_batch.receivables.before_due import DueSoon, due_soon
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Notice, NoticeTable, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import collected_by, customer_name
from prisma_batch.views.payment import paying_facts, payment_references

_SKIPPED = {"direct_debit": "paid by direct debit", "card": "paid by card"}


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message, or the reason for none, for each account and due day that is near."""
    reminders = state.snapshot.settings.policies.reminders
    days = reminders.payment_due_days if reminders else ()
    references = payment_references(state.snapshot)
    for soon in due_soon((subject.owed for subject in state.subjects), days, state.span.as_of):
        skipped_because = soon.skipped_because or _SKIPPED.get(collected_by(state.snapshot, soon.account), "")
        yield Planned(
            key=soon.key,
            account=soon.account,
            body=None if skipped_because else _body(state, soon, references),
            about=soon.about,
            skipped_because=skipped_because,
        )


def _body(state: NoticeState, soon: DueSoon, references: Mapping[str, str]) -> Notice:
    groups = {currency: tuple(own) for currency, own in groupby(soon.debts, key=lambda debt: debt.currency)}
    claimed = {currency: sum(debt.claim_minor for debt in own) for currency, own in groups.items()}
    credit = {currency: minor for currency in groups if (minor := soon.credit_minor.get(currency, 0))}
    totals = [Money(minor - credit.get(currency, 0), currency) for currency, minor in claimed.items()]
    rows = tuple((debt.document, debt.due_on, Money(debt.claim_minor, debt.currency)) for debt in soon.debts)
    return Notice(
        subject=say(
            "Account %(account)s: %(amount)s is due on %(day)s",
            account=soon.account,
            amount=totals[0],
            day=soon.due_on,
        ),
        title=say("A payment is due soon"),
        action=tuple(say("Please pay %(amount)s by %(day)s.", amount=total, day=soon.due_on) for total in totals),
        facts=(
            (say("Account"), f"{soon.account}, {customer_name(state.snapshot, soon.account)}"),
            *paying_facts(
                state.snapshot.settings.issuer, references, ((debt.document, debt.currency) for debt in soon.debts)
            ),
        ),
        tables=(NoticeTable(headings=(say("Document"), say("Due"), say("Amount")), rows=rows),),
        closing=(
            *(
                say("Taken into account: %(amount)s of credit not used yet.", amount=Money(minor, currency))
                for currency, minor in credit.items()
            ),
            say("If you cannot pay all of it now, or something is wrong, tell us: we look for a way with you."),
        ),
        act_by=soon.due_on,
        substance=(rows, [Money(minor, currency) for currency, minor in credit.items()]),
    )
