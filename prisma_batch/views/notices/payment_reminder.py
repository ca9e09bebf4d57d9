"""``payment_reminder``: what is overdue, at the level that is due, or why nobody is reminded of it."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from prisma_batch.receivables.dunning import Claim, Reminder
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Notice, NoticeTable, Text, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import customer_name, language_of
from prisma_batch.views.payment import paying_facts, payment_references
from prisma_batch.views.substance import Substance


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a reminder, or the reason for none, for each account for which a level is due."""
    references = payment_references(state.snapshot)
    for reminder in state.reminders:
        body = None if reminder.skipped_because else _body(state, reminder, references)
        yield Planned(
            key=reminder.key,
            account=reminder.account,
            body=body,
            about=reminder.about,
            skipped_because=reminder.skipped_because,
        )


def _body(state: NoticeState, reminder: Reminder, references: Mapping[str, str]) -> Notice:
    groups = {currency: tuple(own) for currency, own in groupby(reminder.claims, key=lambda claim: claim.currency)}
    credit = reminder.credit_minor
    totals = [_total(own, currency, reminder) for currency, own in groups.items()]
    return Notice(
        subject=say(
            "Reminder for account %(account)s: %(amount)s is overdue", account=reminder.account, amount=totals[0]
        ),
        title=_title(state, reminder),
        action=tuple(_action(total, reminder) for total in totals),
        facts=(
            (say("Account"), f"{reminder.account}, {customer_name(state.snapshot, reminder.account)}"),
            (say("As of"), state.span.as_of),
            *paying_facts(
                state.snapshot.settings.issuer,
                references,
                ((claim.document, claim.currency) for claim in reminder.claims),
            ),
        ),
        tables=tuple(map(_table, groups.values())),
        closing=(
            *(_credit(credit[currency], currency) for currency in groups if credit.get(currency)),
            say("What you dispute, have promised or pay by a plan is left out."),
            say("If you cannot pay all of it now, or something is wrong, tell us: we look for a way with you."),
        ),
        substance=_substance(reminder),
        act_by=reminder.pay_by,
    )


def _substance(reminder: Reminder) -> Substance:
    """Return what is claimed, without what has become overdue since, and without the day to pay by."""
    since = next(claim.due_on for claim in reminder.claims if claim.document == reminder.cause)
    claimed = [
        (claim.document, Money(claim.amount_minor, claim.currency), claim.due_on)
        for claim in reminder.claims
        if claim.due_on <= since
    ]
    return claimed, [Money(minor, currency) for currency, minor in sorted(reminder.credit_minor.items()) if minor]


def _title(state: NoticeState, reminder: Reminder) -> Text:
    dunning = state.snapshot.settings.policies.dunning
    level = dunning.levels[reminder.level - 1] if dunning else None
    language = language_of(state.snapshot, reminder.account)
    # The issuer's own names for a level are in the issuer's words.
    named = (level.names.get(language) or level.names.get(language.partition("-")[0]) or level.name) if level else None
    return say("%(text)s", text=named) if named else say("Payment reminder %(level)s", level=reminder.level)


def _total(claims: tuple[Claim, ...], currency: str, reminder: Reminder) -> Money:
    claimed_minor = sum(claim.amount_minor for claim in claims)
    return Money(claimed_minor - reminder.credit_minor.get(currency, 0), currency)


def _credit(minor: int, currency: str) -> Text:
    return say("Taken into account: %(amount)s of credit not used yet.", amount=Money(minor, currency))


def _action(total: Money, reminder: Reminder) -> Text:
    if reminder.pay_by:
        return say("Please pay %(amount)s by %(day)s.", amount=total, day=reminder.pay_by)
    return say("Please pay %(amount)s now: it is overdue.", amount=total)


def _table(claims: tuple[Claim, ...]) -> NoticeTable:
    return NoticeTable(
        headings=(say("Document"), say("Due"), say("Days overdue"), say("Amount")),
        rows=tuple(
            (claim.document, claim.due_on, claim.days_overdue, Money(claim.amount_minor, claim.currency))
            for claim in claims
        ),
    )
