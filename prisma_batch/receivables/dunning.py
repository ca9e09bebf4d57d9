"""Reminders: which level is due for an account, for what, and why nothing is sent.

A level needs the one before it to have been *sent*, whatever the days say, so that a missed run is caught up with by
one reminder, and nothing is sent for the past. An account gets one reminder at the highest level that is due.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.money import to_minor
from prisma_batch.base.periods import days_after
from prisma_batch.receivables.debts import AccountDebts, Debt
from prisma_batch.records.journal import JournalRow, may_have_arrived
from prisma_batch.records.policies import Dunning

KIND = "payment_reminder"
BEFORE_DUE = 0  # stands for the level in the keys of what is told before the due day


@dataclass(frozen=True, kw_only=True, slots=True)
class SentReminders:
    """What was sent: the last level by document (its file name), the last day by account, and by document."""

    levels: Mapping[str, int]
    last_on: Mapping[str, date]
    told_on: Mapping[str, date] = field(default_factory=dict)


class Claim(NamedTuple):
    """A debt that is claimed, at its own level; 0 where none has been reached yet."""

    document: str
    currency: str
    amount_minor: int
    due_on: date
    days_overdue: int
    level: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """A reminder that is due; the key names the level and the document that reached it.

    ``pay_by`` is the new day beside the original ones; ``credit_minor`` (positive, by currency) lowers what is to be
    paid. Where ``skipped_because`` says something, nothing is sent.
    """

    account: str
    level: int
    cause: str
    claims: tuple[Claim, ...] = ()
    credit_minor: Mapping[str, int] = field(default_factory=dict)
    pay_by: date | None = None
    skipped_because: str = ""

    @property
    def key(self) -> str:
        return f"{KIND}.{self.account}.{self.level}.{file_stem(self.cause)}"

    @property
    def about(self) -> tuple[str, ...]:
        """Return what the journal keeps of it: each document with its level."""
        return tuple(f"{file_stem(claim.document)}={claim.level}" for claim in self.claims if claim.level)


class _Dunned(NamedTuple):
    """An overdue debt with the level that is due for it, 0 where none is, and the last one that was sent."""

    debt: Debt
    days_overdue: int
    next_level: int
    last_level: int


def sent_reminders(rows: Iterable[JournalRow], adopted_levels: Mapping[str, int]) -> SentReminders:
    """Return what the journal says was sent.

    Args:
        rows: the last rows of messages.
        adopted_levels: by document, how far a debt was reminded of before it was taken over.
    """
    levels = {file_stem(document): level for document, level in adopted_levels.items()}
    last_on: dict[str, date] = {}
    told_on: dict[str, date] = {}
    for row in sorted(rows, key=lambda row: row.at):
        if row.kind == KIND and may_have_arrived(row) and row.key.split(".")[2] != str(BEFORE_DUE):
            last_on[row.key.split(".")[1]] = row.at.date()
            for document, _, level in (about.rpartition("=") for about in row.about if row.state == "sent"):
                levels[document] = max(levels.get(document, 0), int(level))
                told_on[document] = row.at.date()
    return SentReminders(levels=levels, last_on=last_on, told_on=told_on)


def reminders(
    accounts: Iterable[AccountDebts], dunning: Dunning | None, sent: SentReminders, as_of: date
) -> Iterator[Reminder]:
    """Yield the reminder that is due for each account, in their order; none where there is no ladder."""
    if dunning:
        found = (reminder_due(owed, dunning, sent, as_of) for owed in accounts)
        yield from (reminder for reminder in found if reminder)


def reminder_due(owed: AccountDebts, dunning: Dunning, sent: SentReminders, as_of: date) -> Reminder | None:
    """Return the reminder that is due for an account on a day, with the reason where it is not sent.

    Args:
        owed: what is open; debts of a plan that holds are never reminded of.
        sent: reminders sent up to the day.
    """
    until = days_after(as_of, -dunning.grace_days)
    ladder = sorted(level.after_days for level in dunning.levels)
    overdue = [_dunned(debt, ladder, sent, as_of) for debt in owed.debts if debt.due_on < until]
    due = [own for own in overdue if own.next_level]
    if not due:
        return None
    claimed = [own for own in overdue if not why_not_claimed(owed, own.debt, as_of)]
    claimed, reasons = _worth_it(claimed, owed, dunning)
    leading = [own for own in claimed if own.next_level]
    if not leading:
        held = [why_not_claimed(owed, own.debt, as_of) for own in due]
        return _skipped(owed, due, "; ".join(dict.fromkeys(filter(None, (*held, *reasons)))))
    last_on = sent.last_on.get(owed.account)
    if last_on and days_after(last_on, dunning.minimum_interval_days) > as_of:
        return _skipped(owed, leading, f"the last reminder was sent on {last_on}")
    waiting = {own: pay_by for own in leading if (pay_by := _pay_by(own, dunning, sent)) and pay_by >= as_of}
    if len(waiting) == len(leading):
        return _skipped(owed, leading, f"the last reminder asks to pay by {max(waiting.values())}")
    if waiting:
        claimed = [own._replace(next_level=0) if own in waiting else own for own in claimed]
    level, cause = _highest([own for own in claimed if own.next_level])
    pay_by_days = dunning.levels[level - 1].pay_by_days
    return Reminder(
        account=owed.account,
        level=level,
        cause=cause,
        claims=tuple(
            _claim(own)
            for own in sorted(claimed, key=lambda own: (own.debt.currency, own.debt.due_on, own.debt.document))
        ),
        credit_minor=owed.credit_minor,
        pay_by=None if pay_by_days is None else days_after(as_of, pay_by_days),
    )


def why_not_claimed(owed: AccountDebts, debt: Debt, as_of: date) -> str:
    """Return why a debt is not claimed now; nothing where it is."""
    if debt.plan:
        return f"payment plan {debt.plan.partition('#')[0]}"
    if debt.claim_minor <= 0:
        return "; ".join(part for part in debt.hold.split("; ") if part.startswith("dispute ")) or "disputed"
    return "; ".join([hold.text() for hold in owed.holds_of(debt, as_of)])


def _pay_by(own: _Dunned, dunning: Dunning, sent: SentReminders) -> date | None:
    """Return until when the last reminder of a debt gave time, counted from the day on which it was sent."""
    days = dunning.levels[own.last_level - 1].pay_by_days if 0 < own.last_level <= len(dunning.levels) else None
    told_on = sent.told_on.get(file_stem(own.debt.document)) if days is not None else None
    return days_after(told_on, days) if told_on and days is not None else None


def _dunned(debt: Debt, ladder: Sequence[int], sent: SentReminders, as_of: date) -> _Dunned:
    days_overdue = (as_of - debt.due_on).days
    last_level = sent.levels.get(file_stem(debt.document), 0)
    reached = bisect_right(ladder, days_overdue)
    return _Dunned(debt, days_overdue, last_level + 1 if last_level < reached else 0, last_level)


def _worth_it(claimed: Sequence[_Dunned], owed: AccountDebts, dunning: Dunning) -> tuple[list[_Dunned], list[str]]:
    """Return what is claimed in currencies in which it is worth a reminder, and why not in others."""
    kept, reasons = [], []
    for currency in sorted({own.debt.currency for own in claimed}):
        group = [own for own in claimed if own.debt.currency == currency]
        total_minor = sum(own.debt.claim_minor for own in group) - owed.credit_minor.get(currency, 0)
        least = dunning.minimum_amount.get(currency)
        if total_minor <= 0:
            reasons.append(f"credit in {currency} covers it")
        elif least is not None and total_minor < to_minor(least, currency):
            reasons.append(f"less than {least:f} {currency} is overdue")
        else:
            kept += group
    return kept, reasons


def _highest(due: Sequence[_Dunned]) -> tuple[int, str]:
    """Return the highest level that is due, and the document that reached it first."""
    level = max(own.next_level for own in due)
    at_level = (own.debt for own in due if own.next_level == level)
    return level, min(at_level, key=lambda debt: (debt.due_on, debt.document)).document


def _skipped(owed: AccountDebts, due: Sequence[_Dunned], reason: str) -> Reminder:
    level, cause = _highest(due)
    return Reminder(account=owed.account, level=level, cause=cause, skipped_because=reason)


def _claim(own: _Dunned) -> Claim:
    debt = own.debt
    level = own.next_level or own.last_level
    return Claim(debt.document, debt.currency, debt.claim_minor, debt.due_on, own.days_overdue, level)
