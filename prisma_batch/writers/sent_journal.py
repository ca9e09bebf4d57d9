"""Adds lines to a journal of what was sent; each is on the disk before anything else happens."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.records.journal import JournalRow


class SentJournal:
    """An open journal; lines are only ever added."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        is_new = not path.exists()
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if is_new:
            _sync_folder(path.parent)

    def add(self, rows: Iterable[JournalRow]) -> None:
        """Add rows and wait until they are on the disk."""
        content = journal_lines(rows)
        if content:
            _write_whole(self._file, content)
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def journal_lines(rows: Iterable[JournalRow]) -> bytes:
    """Return rows as lines of a journal."""
    return b"".join(_line(row) for row in rows)


def continued(shared: bytes, own: bytes) -> bytes:
    """Return a journal that others wrote to meanwhile, with those of our lines after it that it lacks.

    A journal never goes back in time: our lines are dated no earlier than the line before them.

    Raises:
        InvariantBroken: a line that counts is none of a journal.
    """
    known = {*shared.splitlines()}
    added = [line for line in own.splitlines() if line not in known]
    if not added:
        return shared
    lines, at = [shared], _dated(shared.splitlines()[-1])["at"] if shared else ""
    for cells in map(_dated, added):
        at = max(at or cells["at"], cells["at"], key=datetime.fromisoformat)
        lines.append(_json_line({**cells, "at": at}))
    return b"".join(lines)


def _dated(line: bytes) -> dict[str, Any]:
    try:
        cells: dict[str, Any] = json.loads(line)
        datetime.fromisoformat(cells["at"])
    except (ValueError, TypeError, KeyError):
        raise InvariantBroken("a line of the journal is none: restore it from git") from None
    return cells


def replace_journal(path: Path, content: bytes) -> None:
    """Put another journal in the place of one, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}")
    with beside.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def _line(row: JournalRow) -> bytes:
    cells: Mapping[str, Any] = {**asdict(row), "at": row.at.isoformat()}
    told = {name: value for name, value in cells.items() if value not in ((), "")}
    return _json_line(told)


def _json_line(cells: Mapping[str, Any]) -> bytes:
    return json.dumps(cells, ensure_ascii=False).encode() + b"\n"


def drop_cut_off_line(path: Path) -> None:
    """Drop what a crash left of a line that was being added: nothing has relied on it yet."""
    if not path.is_file():
        return
    with path.open("rb+") as journal:
        whole = journal.read().rfind(b"\n") + 1
        journal.truncate(whole)
        os.fsync(journal.fileno())


def _write_whole(file: int, content: bytes) -> None:
    while content:
        content = content[os.write(file, content) :]


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
