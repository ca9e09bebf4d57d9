"""``reports/sent/<period>.jsonl``: what became of each message, a JSON object a line, only ever added to.

``period`` is the month of the run, or that of a notice's day. Whenever a message changes its state a row is added, so
the last row of a key and revision says where it stands. ``send`` writes it; what is told next is planned from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

SendState: TypeAlias = Literal["queued", "claimed", "data_started", "sent", "failed", "unknown"]

SENT_FOLDER = "reports/sent"
# Of a mail in the outbox; ``send`` copies them into the row, the first split at ", ".
ABOUT_HEADER = "X-Prisma-About"
ACT_BY_HEADER = "X-Prisma-Act-By"
SUBSTANCE_HEADER = "X-Prisma-Substance"
PRIVATE_HEADERS = "X-Prisma-"
CAME_BACK = "came back: "  # begins what ``refused`` says after an address that a server took first


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalRow:
    """One line; ``about`` is what the message claims, such as ``INV-2026-00123=2`` (a document's file name and level).

    ``substance`` is the hash of ``views.substance``; empty in lines that were written before there was one.
    ``recipients`` are those that the server took, without those whose mail came back; ``refused`` says of the others
    what was answered. What came back from everybody has failed.
    ``runner`` says which pass claimed it, where several machines send: it alone sends, so its claim may have arrived.
    ``unknown``: the connection broke after the content was on its way; the customer may have it, and a person decides.
    """

    key: str
    revision: int
    state: SendState
    at: datetime
    recipients: tuple[str, ...] = ()
    message_id: str = ""
    about: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    substance: str = ""
    runner: str = ""

    @property
    def kind(self) -> str:
        """Return the kind of message, with which its key begins."""
        return self.key.partition(".")[0]


def last_states(rows: Iterable[JournalRow], as_of: date) -> Mapping[tuple[str, int], JournalRow]:
    """Return the last row of each key and revision that is dated up to a day.

    Args:
        rows: of any number of journals, those of one in its order: a message may stand in several.
    """
    in_order = sorted(rows, key=lambda row: row.at)
    return {(row.key, row.revision): row for row in in_order if row.at.date() <= as_of}


def may_have_arrived(row: JournalRow) -> bool:
    """Say whether a customer has the message, or may have it."""
    return row.state in {"sent", "unknown", "data_started"} or bool(row.state == "claimed" and row.runner)


def is_free(row: JournalRow | None) -> bool:
    """Say whether a message can be sent as far as the journal knows: nobody has it, nobody may have it."""
    return row is None or (row.state in {"queued", "claimed"} and not may_have_arrived(row))
