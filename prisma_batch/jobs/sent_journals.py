"""The journal that a pass writes: on this machine alone, or shared with other senders by pushes to one branch."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.git_branch import Branch
from prisma_batch.readers.journal import read_journals
from prisma_batch.records.journal import SENT_FOLDER, JournalRow, is_free, last_states
from prisma_batch.writers.sent_journal import (
    SentJournal,
    continued,
    drop_cut_off_line,
    journal_lines,
    replace_journal,
)

_PUSHES_MAX = 9
_PAUSE_SECONDS = 0.25  # doubled with each push that came too late, up to a minute

MessageId: TypeAlias = tuple[str, int]
States: TypeAlias = Mapping[MessageId, JournalRow]


def known_states(root: Path) -> States:
    """Return the last row of each message and revision in all journals."""
    rows = [row for journal in read_journals(root, date.max) for row in journal.rows]
    return last_states(rows, date.max)


def opened_journal(root: Path, name: str, remote: str, pause: Callable[[float], None]) -> "LocalJournal":
    """Open the journal of a period or day: shared where a remote is named."""
    return SharedJournal(root, name, remote, pause) if remote else LocalJournal(root, name)


class LocalJournal:
    """The journal of one machine: what is in it is known to whoever sends next here."""

    at_once = 1  # messages that are claimed together

    def __init__(self, root: Path, name: str) -> None:
        """Open the journal of a period or day; what a crash left of a line is dropped."""
        self._root, self._path = root, f"{SENT_FOLDER}/{name[:7]}.jsonl"
        for file in (root / SENT_FOLDER).glob("*.jsonl"):
            drop_cut_off_line(file)
        self._opened: SentJournal | None = None
        self.latest = datetime.min.replace(tzinfo=UTC)

    def states(self) -> States:
        """Return where every message stands."""
        states = known_states(self._root)
        self.latest = max((row.at for row in states.values()), default=self.latest)
        return states

    def queue(self, rows: Iterable[JournalRow]) -> None:
        """Put down what is due."""
        self.add(rows)

    def claim(self, rows: Sequence[JournalRow]) -> frozenset[MessageId]:
        """Claim messages; returns those that are ours to send."""
        self.add(rows)
        return frozenset((row.key, row.revision) for row in rows)

    def add(self, rows: Iterable[JournalRow]) -> None:
        """Add rows and wait until they are on the disk."""
        added = list(rows)
        if added:
            self._opened = self._opened or SentJournal(self._root / self._path)
            self._opened.add(added)
            self.latest = max(self.latest, *(row.at for row in added))

    def append_to(self, path: str, row: JournalRow) -> None:
        """Add a row to the journal that the message is in."""
        with closing(SentJournal(self._root / path)) as journal:
            journal.add([row])
        self.latest = max(self.latest, row.at)

    def close(self) -> None:
        """Close the journal and, where there is a repository, commit it."""
        self._shut()
        try:
            branch = Branch(self._root)
        except UsageProblem:  # records need no repository
            return
        files = self._files()
        commit = branch.commit(branch.head, files, "What was sent")
        if commit != branch.head:
            branch.take_over(branch.head, commit, files)

    def _shut(self) -> None:
        if self._opened:
            self._opened.close()
        self._opened = None

    def _files(self) -> dict[str, bytes]:
        files = sorted((self._root / SENT_FOLDER).glob("*.jsonl"))
        return {f"{SENT_FOLDER}/{file.name}": file.read_bytes() for file in files}


class SharedJournal(LocalJournal):
    """The journal of several machines: a push that leads on from the branch's last commit is the lock.

    What one pass claimed no other sends, also when that pass is never heard of again.
    """

    at_once = 20

    def __init__(self, root: Path, name: str, remote: str, pause: Callable[[float], None]) -> None:
        """Open the journal as it is on the branch of a remote.

        Raises:
            UsageProblem: there is no branch, or no such remote.
        """
        super().__init__(root, name)
        self._remote, self._pause, self._runner = remote, pause, uuid4().hex[:12]
        self._branch = Branch(root)
        self._synchronised()

    def queue(self, rows: Iterable[JournalRow]) -> None:
        """Put down nothing: what nobody claimed is due for every sender."""

    def claim(self, rows: Sequence[JournalRow]) -> frozenset[MessageId]:
        """Claim messages that nobody else has.

        Raises:
            UsageProblem: the branch cannot be pushed to; nothing is claimed.
        """
        wanted = [replace(row, runner=self._runner) for row in rows]

        def claims() -> Sequence[JournalRow]:
            known = self.states()
            return [row for row in wanted if is_free(known.get((row.key, row.revision)))]

        self._push("Messages claimed", claims)
        states = self.states()
        own = (states.get((row.key, row.revision)) for row in wanted)
        return frozenset((row.key, row.revision) for row in own if row and row.runner == self._runner)

    def close(self) -> None:
        """Push what became of the messages."""
        self._shut()
        self._push("What was sent", list)

    def _push(self, subject: str, rows: Callable[[], Sequence[JournalRow]]) -> None:
        """Push the journals with further rows; asked for anew when somebody else has pushed meanwhile."""
        why = ""
        for attempt in range(_PUSHES_MAX):
            if attempt:
                self._pause(min(60.0, _PAUSE_SECONDS * 2**attempt))
            tip = self._synchronised()
            added = rows()
            files = self._files()
            if added:
                files[self._path] = continued(files.get(self._path, b""), journal_lines(added))
            commit = self._branch.commit(tip, files, subject)
            why = self._branch.push(self._remote, commit) if commit != tip else ""
            if not why:
                self._take_over(tip, commit, files)
                return
        raise UsageProblem(f"the journal cannot be pushed to {self._remote}: {why}")

    def _synchronised(self) -> str:
        """Bring what others wrote into the journals here; returns the commit that has it."""
        tip = self._branch.fetch(self._remote)
        own = self._files()
        for path, shared in self._branch.files(tip, SENT_FOLDER).items():
            merged = continued(shared, own.get(path, b""))
            if merged != own.get(path):
                self._shut()
                replace_journal(self._root / path, merged)
        return tip

    def _take_over(self, tip: str, commit: str, files: Mapping[str, bytes]) -> None:
        if files.get(self._path) != self._files().get(self._path):
            self._shut()
            replace_journal(self._root / self._path, files[self._path])
        self._branch.take_over(tip, commit, files)
