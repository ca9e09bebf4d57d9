"""What ``validate`` found before, kept under ``.prisma-cache/``: deleting it changes nothing but time.

One SQLite file: a row for each version of a file, named by path and blob id, and entries of any name. All belong to one
``tool_digest``; those of another are thrown away. Whatever cannot be read is as good as not there.
"""

import os
import sqlite3
import stat
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias

from prisma_batch.readers.tool_digest import tool_digest
from prisma_batch.readers.trees import SETTINGS_FILE

FileVersion: TypeAlias = tuple[str, str]

CACHE_FOLDER = ".prisma-cache"
_RESULTS_KEPT = 100
_SECONDS_TO_WAIT = 10
_LAYOUT = 1
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS tool (digest TEXT);
CREATE TABLE IF NOT EXISTS file (path BLOB, blob TEXT, row BLOB, sum INTEGER, PRIMARY KEY (path, blob)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entry (name TEXT PRIMARY KEY, content BLOB, sum INTEGER);
PRAGMA user_version = {_LAYOUT};
COMMIT;
"""
_DROP_OLDEST = """
DELETE FROM entry WHERE name LIKE 'result %' AND rowid NOT IN (
    SELECT rowid FROM entry WHERE name LIKE 'result %' ORDER BY rowid DESC LIMIT ?
)
"""


class Cache:
    """The open cache, or without a connection one that is always empty.

    Nothing here raises for what is in the file, nor for others that use it at the same time. ``opened_at_ns`` is the
    file system's time when it was opened: files changed before have times below it.
    """

    def __init__(
        self, connection: sqlite3.Connection | None = None, digest: str = "", opened_at_ns: int | None = None
    ) -> None:
        self._connection, self._digest = connection, digest
        self.opened_at_ns = opened_at_ns
        self.is_corrupt = False

    @property
    def is_open(self) -> bool:
        """Say whether anything can be kept."""
        return self._connection is not None

    def entry(self, name: str) -> bytes | None:
        """Return what was kept under a name."""
        rows = self._read("SELECT content, sum FROM entry WHERE name = ?", [(name,)])
        return next((content for content, checksum in rows if zlib.crc32(content) == checksum), None)

    def keep_entries(self, entries: Iterable[tuple[str, bytes]]) -> None:
        """Keep contents under names; of many whose names begin with ``result``, the oldest are dropped."""
        rows = [(name, content, zlib.crc32(content)) for name, content in entries]
        self._write("INSERT OR REPLACE INTO entry VALUES (?, ?, ?)", rows)
        self._write(_DROP_OLDEST, [(_RESULTS_KEPT,)])

    def rows(self, versions: Iterable[FileVersion]) -> Iterator[tuple[FileVersion, bytes]]:
        """Yield the rows of versions of files, as far as they are known."""
        keys = [(_encoded(path), blob) for path, blob in versions]
        return _checked(self._read("SELECT path, blob, row, sum FROM file WHERE path = ? AND blob = ?", keys))

    def every_row(self) -> Iterator[tuple[FileVersion, bytes]]:
        """Yield every version of a file that is known, with its row."""
        return _checked(self._read("SELECT path, blob, row, sum FROM file"))

    def keep_rows(self, rows: Iterable[tuple[FileVersion, bytes]]) -> None:
        """Keep the rows of versions of files."""
        values = [(_encoded(path), blob, row, zlib.crc32(row)) for (path, blob), row in rows]
        self._write("INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?)", values)

    def drop_rows(self, versions: Iterable[FileVersion]) -> None:
        """Forget versions of files."""
        self._write("DELETE FROM file WHERE path = ? AND blob = ?", [(_encoded(path), blob) for path, blob in versions])

    def _read(self, query: str, keys: Iterable[Sequence[Any]] = ((),)) -> list[Any]:
        if self._connection is None or self.is_corrupt:
            return []
        try:
            self._connection.execute("BEGIN")
            if self._connection.execute("SELECT digest FROM tool").fetchall() != [(self._digest,)]:
                return []
            return [row for key in keys for row in self._connection.execute(query, key)]
        except sqlite3.Error as error:
            self._failed(error)
            return []
        finally:
            self._end("ROLLBACK")

    def _write(self, statement: str, rows: Sequence[Any]) -> None:
        if self._connection is None or self.is_corrupt or not rows:
            return
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            if self._connection.execute("SELECT digest FROM tool").fetchall() != [(self._digest,)]:
                for table in ("tool", "file", "entry"):
                    self._connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
                self._connection.execute("INSERT INTO tool VALUES (?)", (self._digest,))
            self._connection.executemany(statement, rows)
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._failed(error)
            self._end("ROLLBACK")

    def _failed(self, error: sqlite3.Error) -> None:
        # Locked, full or not writable is an operational error, which says nothing about what the file holds.
        self.is_corrupt = not isinstance(error, sqlite3.OperationalError)

    def _end(self, statement: str) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.execute(statement)


@contextmanager
def open_cache(root: Path) -> Iterator[Cache]:
    """Open the cache of a workspace; one that others could have written, or that does not open, is taken as empty."""
    folder = root / CACHE_FOLDER
    # Elsewhere nothing is left behind.
    is_workspace = (root / SETTINGS_FILE).is_file()
    if not is_workspace or not _is_ours(folder) or _is_tracked(root):
        yield Cache()
        return
    path = folder / "validate.sqlite"
    try:
        _hide_from_git(folder)
        connection = _connected(path)
        opened_at_ns = _time_of(folder)
    except (OSError, sqlite3.Error):
        yield Cache()
        return
    with closing(connection):
        cache = Cache(connection, tool_digest(), opened_at_ns)
        yield cache
    if cache.is_corrupt:
        path.unlink(missing_ok=True)


def _is_ours(folder: Path) -> bool:
    """Say whether a folder is there, or could be made, that only this user can have written to.

    git gives the folders of a checkout to everybody to read: one that came with a checkout is not taken for ours.
    """
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _hide_from_git(folder: Path) -> None:
    """Whoever made the folder, and whatever the workspace ignores."""
    with suppress(FileExistsError), (folder / ".gitignore").open("x", encoding="utf-8") as ignored:
        ignored.write("*\n")


def _is_tracked(root: Path) -> bool:
    """Say whether the repository around a workspace could have brought the cache: then it is somebody else's word."""
    if not any((folder / ".git").exists() for folder in (root.absolute(), *root.absolute().parents)):
        return False
    from prisma_batch.base.errors import UsageProblem  # noqa: PLC0415 - only in a repository
    from prisma_batch.readers.git import Repository  # noqa: PLC0415 - as above

    try:
        return Repository(root).tracks(CACHE_FOLDER)
    except UsageProblem:
        return True


def _connected(path: Path) -> sqlite3.Connection:
    try:
        return _with_tables(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError:
        # No SQLite file, or another program's.
        path.unlink()
        return _with_tables(path)


def _with_tables(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
    try:
        # What a loss of power does to the file shows in its checksums: it need not be waited for.
        connection.execute("PRAGMA synchronous = OFF")
        (layout,) = connection.execute("PRAGMA user_version").fetchone()
        if layout == 0 and not connection.execute("SELECT name FROM sqlite_schema").fetchall():
            connection.executescript(_SCHEMA)
        elif layout != _LAYOUT:
            raise sqlite3.DatabaseError("another program's file")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _time_of(folder: Path) -> int:
    """Return the time of the file system that holds a folder, which need not be this machine's."""
    marker = folder / "opened"
    marker.write_bytes(b"")
    os.utime(marker)
    return marker.stat().st_mtime_ns


def _checked(rows: Iterable[Any]) -> Iterator[tuple[FileVersion, bytes]]:
    for path, blob, row, checksum in rows:
        if zlib.crc32(row) == checksum:
            yield (path.decode("utf-8", "surrogateescape"), blob), row


def _encoded(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
