"""When contacts are to be verified again, and those that were not in time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeVar

from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import days_after
from prisma_batch.records.facts import Context, Facts, FileFacts
from prisma_batch.records.settings import VerificationRules

VERIFY = "prisma-batch contacts verify"


class Entry(Protocol):
    """A contact under one type: a record's, or its facts."""

    @property
    def verified_on(self) -> date | None: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_to(self) -> date | None: ...


AnyEntry = TypeVar("AnyEntry", bound=Entry)


@dataclass(frozen=True, kw_only=True, slots=True)
class DueVerification:
    """A verification that is due: since when, until when its window is open, and the last reminder that is due.

    ``reminder`` counts from 1; 0 where none of them is due yet.
    """

    due_on: date
    answer_by: date
    reminder: int
    lapsed: bool


def due_verification(entries: Iterable[Entry], rules: VerificationRules, as_of: date) -> DueVerification | None:
    """Return the verification of a person that is due as of a day, or None.

    Args:
        entries: those of one person; the one that was verified first decides, and only those valid on the day count.
    Source: the verification of registrants by domain registrars, with reminders on days of a window.
    """
    valid = valid_entries(entries, as_of)
    if not valid:
        return None
    policy = rules.policy
    known_since = valid[0].verified_on or valid[0].valid_from or rules.first_day
    due_on = max(days_after(known_since, policy.every_days), rules.first_day)
    if due_on > as_of:
        return None
    open_days = (as_of - due_on).days
    return DueVerification(
        due_on=due_on,
        answer_by=days_after(due_on, policy.window_days),
        reminder=sum(0 < day <= min(open_days, policy.window_days) for day in policy.reminder_days),
        lapsed=open_days > policy.window_days,
    )


def valid_entries(entries: Iterable[AnyEntry], as_of: date) -> Sequence[AnyEntry]:
    """Return the entries that are valid on a day, the one that was verified first in front."""
    valid = [entry for entry in entries if (entry.valid_from or as_of) <= as_of <= (entry.valid_to or as_of)]
    return sorted(valid, key=_counts_from)


def is_closed(closed_on: date | None, as_of: date) -> bool:
    """Say whether an account is closed, so that its contacts need no verification any more."""
    return closed_on is not None and closed_on <= as_of


def check_verification(facts: Facts, context: Context) -> Iterator[Finding]:
    """Yield the warning ``verification-lapsed`` for a person who was to be verified, and was not within the window.

    FAIL: ``verified_on: 2025-11-14`` with ``every_days: 365`` and ``window_days: 15``, as of 2026-11-30. PASS: a day
    later.
    """
    rules = next((file.verification for file in facts.files if file.verification), None)
    closed_on = {file.account: file.agreement.closed_on for file in facts.files if file.agreement}
    if rules is None:
        return
    for file in facts.of_kind("contacts"):
        # Whether the account was closed may stand in an agreement that could not be read.
        unread = file.account not in closed_on and facts.may_be_unread("agreement", file.account or "")
        if not unread and not is_closed(closed_on.get(file.account), context.as_of):
            yield from _lapsed(file, rules, context.as_of)


def _lapsed(file: FileFacts, rules: VerificationRules, as_of: date) -> Iterator[Finding]:
    for entries in file.people:
        due = due_verification(entries, rules, as_of)
        if due and due.lapsed:
            yield Finding(
                code="verification-lapsed",
                message=f"this contact was to be verified by {due.answer_by}",
                remedy=f"ask whether the entry is right, then record that: {VERIFY} {file.account} --email ADDRESS",
                source=file.source,
                pointer=valid_entries(entries, as_of)[0].pointer,
                severity="warning",
            )


def _counts_from(entry: Entry) -> date:
    return entry.verified_on or entry.valid_from or date.min
