"""The outbox of a run on one page, for finance: who is told what, and why somebody is not."""

from collections.abc import Iterable
from dataclasses import dataclass

from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import rows_of
from prisma_batch.views.rows import Row


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxRow:
    """A message; ``file`` is its mail in the run's folder, nothing where none is sent."""

    key: str
    revision: int
    kind: str
    account: str
    to: tuple[str, ...]
    subject: str
    attachments: tuple[str, ...]
    file: str
    skipped_because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboxPage:
    """Every message of a run by key; ``accounts`` are those with a page."""

    period: Period
    issuer: Issuer
    contact_point: ContactPoint
    rows: tuple[OutboxRow, ...]
    accounts: frozenset[str]

    @property
    def sent_count(self) -> int:
        """Return how many messages have a mail."""
        return sum(bool(row.file) for row in self.rows)


def build_outbox_page(outbox: DataFrame, snapshot: Snapshot, accounts: Iterable[str], period: Period) -> OutboxPage:
    """Build the page of OUTBOX."""
    return OutboxPage(
        period=period,
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
        file="" if row.skipped_because else f"outbox/{row.key}.eml",
        skipped_because=row.skipped_because,
    )
