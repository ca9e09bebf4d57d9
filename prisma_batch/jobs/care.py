"""What follows from what accounts owe: their status, and the reminders that are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pandas import DataFrame

from prisma_batch.base.identifiers import file_stem
from prisma_batch.cases.held import holds
from prisma_batch.readers.journal import Journal
from prisma_batch.receivables.debts import AccountDebts, debts_by_account
from prisma_batch.receivables.dunning import Reminder, SentReminders, reminders, sent_reminders
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.standing import Standing, StandingRules, Subject, standing, status_table
from prisma_batch.records.journal import JournalRow, last_states
from prisma_batch.records.snapshot import Snapshot


@dataclass(frozen=True, kw_only=True, slots=True)
class Care:
    """Where accounts stand on a day; each sequence is sorted by account. ``sent`` are the last rows of messages
    in the journals."""

    subjects: tuple[Subject, ...]
    rules: StandingRules
    standings: tuple[Standing, ...]
    reminders: tuple[Reminder, ...]
    sent: tuple[JournalRow, ...]
    journals: tuple[Journal, ...]

    @property
    def status(self) -> DataFrame:
        """Return ACCOUNT_STATUS."""
        return status_table(self.standings)


def account_care(snapshot: Snapshot, receivables: Receivables, journals: Sequence[Journal], as_of: date) -> Care:
    """Judge every account of the records, and of the receivables, as of a day."""
    policies = snapshot.settings.policies
    accounts = {*snapshot.customers, *snapshot.agreements}
    owed = debts_by_account(receivables, holds(snapshot.cases, as_of), accounts)
    last = tuple(last_states((row for journal in journals for row in journal.rows), as_of).values())
    adopted = {document.number: document.dunning_level for document in snapshot.documents if document.dunning_level}
    sent = sent_reminders(last, adopted)
    rules = StandingRules(
        grace_days=policies.dunning.grace_days if policies.dunning else 0, suspension=policies.suspension
    )
    subjects = tuple(_subject(snapshot, own, sent) for own in owed.values())
    return Care(
        subjects=subjects,
        rules=rules,
        standings=tuple(standing(subject, rules, as_of) for subject in subjects),
        reminders=tuple(reminders(owed.values(), policies.dunning, sent, as_of)),
        sent=last,
        journals=tuple(journals),
    )


def _subject(snapshot: Snapshot, owed: AccountDebts, sent: SentReminders) -> Subject:
    agreement = snapshot.agreements.get(owed.account)
    return Subject(
        owed=owed,
        level=max((sent.levels.get(file_stem(debt.document), 0) for debt in owed.debts), default=0),
        suspended_on=agreement.suspended_on if agreement else None,
    )
