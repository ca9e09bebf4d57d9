"""Adds lines to a journal of what was sent; each is on the disk before anything else happens."""

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
        content = b"".join(_line(row) for row in rows)
        if content:
            _write_whole(self._file, content)
            os.fsync(self._file)

    def close(self) -> None:
        os.close(self._file)


def _line(row: JournalRow) -> bytes:
    cells: Mapping[str, Any] = {**asdict(row), "at": row.at.isoformat()}
    told = {name: value for name, value in cells.items() if value not in ((), "")}
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


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
