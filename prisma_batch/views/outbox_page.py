"""The outbox of a run on one page, for finance: who is told what, and why somebody is not."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import rows_of
from prisma_batch.views.rows import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """A message, and why it has no mail."""

    key: str
    revision: int
    kind: str
    account: str
    to: tuple[str, ...]
    subject: str
    attachments: tuple[str, ...]
    skipped_because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxPage:
    """Every message of a period's run, or of a day between runs, by key; ``accounts`` are those with a page."""

    planned_for: Period | date
    issuer: Issuer
    contact_point: ContactPoint
    rows: tuple[OutboxRow, ...]
    accounts: frozenset[str]

    @property
    def sent_count(self) -> int:
        """Return how many messages have a mail."""
        return sum(not row.skipped_because for row in self.rows)


def build_outbox_page(
    outbox: DataFrame, snapshot: Snapshot, planned_for: Period | date, accounts: Iterable[str] = ()
) -> OutboxPage:
    """Build the page of OUTBOX."""
    return OutboxPage(
        planned_for=planned_for,
        issuer=snapshot.settings.issuer,
        contact_point=snapshot.settings.contact_point,
        rows=tuple(sorted(map(_message, rows_of(outbox)), key=lambda row: row.key)),
        accounts=frozenset(accounts),
    )


def _message(row: Row) -> OutboxRow:
    return OutboxRow(
        key=row.key,
        revision=int(row.revision),
        kind=row.kind,
        account=row.account,
        to=tuple(filter(None, row.to.split(", "))),
        subject=row.subject,
        attachments=tuple(row.attachments.split()),
        skipped_because=row.skipped_because,
    )
