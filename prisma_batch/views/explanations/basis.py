"""What explanations are made of: the records and tables of a reconciled month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from pandas import DataFrame

from prisma_batch.rating.rates import Rates
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.documents import Document
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.message import Message
from prisma_batch.views.statement import Statement, StatementSpan
from prisma_batch.views.trace import Step, Trace


class UsageKey(NamedTuple):
    """Which usage rows: those of an account, program and SKU from day to day, in one of the units."""

    account: str
    program: str
    sku: str
    units: frozenset[str]
    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True)
class Basis:
    """A reconciled month, by the names that its job gives the tables.

    ``charges`` are those of every month, ``lines`` INVOICE_LINES with the ``period`` in which each is matched,
    ``credited_lines`` CREDITED_LINES of the months that the run matches.
    ``usage_rows`` returns USAGE_ROWS as the usage files and reports have them. ``sent`` are the
    last rows of messages in journals. ``opening_source`` is the file that balances open with, where a period was
    published before this one.
    """

    span: StatementSpan
    snapshot: Snapshot
    rates: Rates
    charges: DataFrame
    lines: DataFrame
    credited_lines: DataFrame
    usage_reports: DataFrame
    discrepancies: DataFrame
    receivables: Receivables
    status: DataFrame
    statements: tuple[Statement, ...]
    messages: tuple[Message, ...]
    sent: tuple[JournalRow, ...]
    usage_rows: Callable[[UsageKey], DataFrame]
    opening_source: str

    @cached_property
    def documents(self) -> Mapping[str, Document]:
        """Return the documents by number."""
        return {document.number: document for document in self.snapshot.documents}

    def trace(self, identifier: str, kind: str, text: str, steps: list[Step]) -> Trace:
        """Return the trace of an id, as of this month's day."""
        return Trace(
            id=identifier, kind=kind, text=text, period=self.span.period, as_of=self.span.as_of, steps=tuple(steps)
        )
