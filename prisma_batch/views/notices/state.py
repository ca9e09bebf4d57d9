"""From what notices are planned, and what is planned."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pandas import DataFrame

from prisma_batch.receivables.dunning import Reminder
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.standing import Standing, StandingRules, Subject
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.notices.layout import Notice
from prisma_batch.views.statement_parts import StatementSpan


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticeState:
    """Everything as of ``span.as_of``; what happened from ``span.opened_on`` on is news.

    ``subjects`` and ``standings`` are by account in the same order; ``sent`` are the last rows of messages in journals.
    """

    snapshot: Snapshot
    span: StatementSpan
    receivables: Receivables
    usage_report_states: DataFrame
    discrepancies: DataFrame
    subjects: tuple[Subject, ...]
    standings: tuple[Standing, ...]
    rules: StandingRules
    reminders: tuple[Reminder, ...]
    sent: tuple[JournalRow, ...]

    def is_news(self, day: date) -> bool:
        """Say whether a day lies in the span."""
        return self.span.opened_on <= day <= self.span.as_of

    def told(self, kind: str) -> frozenset[str]:
        """Return what messages of a kind that were sent, or may have been, were about."""
        return frozenset(about for row in self._arrived() if row.kind == kind for about in row.about)

    def has_told(self, key: str) -> bool:
        """Say whether a message was sent, or may have been."""
        return any(row.key == key for row in self._arrived())

    def _arrived(self) -> Iterator[JournalRow]:
        return (row for row in self.sent if row.state in {"sent", "unknown"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Planned:
    """A notice: its key, whose it is, and what it says; without a body ``skipped_because`` says why nothing is sent.

    ``to`` is an address to which it goes instead of the contacts of its kind; ``about`` is what the journal keeps.
    """

    key: str
    account: str
    body: Notice | None
    to: str = ""
    about: tuple[str, ...] = ()
    skipped_because: str = ""
