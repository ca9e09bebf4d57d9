"""Read the journals of what was sent."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.readers.files import sha256
from prisma_batch.records.build import build
from prisma_batch.records.journal import SENT_FOLDER, JournalRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """A journal up to a day: its rows, and the length and hash of the lines that hold them."""

    path: str
    rows: tuple[JournalRow, ...]
    bytes_read: int
    sha256: str


def read_journals(root: Path, as_of: date, period: str = "") -> tuple[Journal, ...]:
    """Return every journal of a workspace up to a day, sorted by name; those that say nothing until then are left out.

    Args:
        period: whose run asks. Its own messages are sent after it, be it on the as-of day itself: of its own journal
            only earlier days count, so that sending changes nothing of the run.
    Raises:
        InvariantBroken: a line is none of a journal, or is older than the one before it.
    """
    files = sorted((root / SENT_FOLDER).glob("*.jsonl"))
    journals = (
        _until(f"{SENT_FOLDER}/{file.name}", file.read_bytes(), as_of - timedelta(days=file.stem == period))
        for file in files
    )
    return tuple(journal for journal in journals if journal.rows)


def journals_as_recorded(root: Path, recorded: Iterable[Mapping[str, Any]]) -> tuple[Journal, ...]:
    """Return what a publication knew of the journals, whatever has been added to them since.

    Args:
        recorded: ``journals`` of its manifest: path, bytes and sha256 of the lines that were read.
    Raises:
        InvariantBroken: these lines are not there any more.
    """
    return tuple(_as_recorded(root, own["path"], own["bytes"], own["sha256"]) for own in recorded)


def _as_recorded(root: Path, path: str, bytes_read: int, digest: str) -> Journal:
    file = root / path
    content = file.read_bytes()[:bytes_read] if file.is_file() else b""
    if sha256(content) != digest:
        raise InvariantBroken(f"{path} does not begin with what was read of it: restore the journal from git")
    return _until(path, content, date.max)


def read_later_rows(root: Path, period: str, as_of: date) -> tuple[JournalRow, ...]:
    """Return the rows of a run's own journal that its as-of day does not know: those from that day on."""
    path = f"{SENT_FOLDER}/{period}.jsonl"
    if not (root / path).is_file():
        return ()
    return tuple(row for row in _until(path, (root / path).read_bytes(), date.max).rows if row.at.date() >= as_of)


def _until(path: str, content: bytes, as_of: date) -> Journal:
    rows: list[JournalRow] = []
    lines = content.splitlines(keepends=True)
    known: Sequence[bytes] = lines
    for number, line in enumerate(lines):
        row = _row(path, number + 1, line)
        if rows and row.at < rows[-1].at:
            raise InvariantBroken(f"{path}:{number + 1} is older than the line before it: restore the journal from git")
        if row.at.date() > as_of:
            known = lines[:number]
            break
        rows.append(row)
    prefix = b"".join(known)
    return Journal(path=path, rows=tuple(rows), bytes_read=len(prefix), sha256=sha256(prefix))


def _row(path: str, number: int, line: bytes) -> JournalRow:
    try:
        cells: Any = json.loads(line)
        return build(JournalRow, cells)
    except (ValueError, TypeError, AttributeError, KeyError):
        raise InvariantBroken(f"{path}:{number} is no line of a journal: restore it from git") from None
