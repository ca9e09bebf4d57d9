"""A file of metered usage: small ones are held as they were hashed, large ones are read again and must not change."""

import hashlib
import io
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BufferedIOBase
from pathlib import Path

from prisma_batch.base.errors import InvariantBroken, RecordsNotRight, UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import Refusal
from prisma_batch.readers.data_files import data_places
from prisma_batch.readers.files import open_input
from prisma_batch.readers.usage import remote

HELD_BYTES_MAX = 16 * 1024**2
_HASHED_BYTES = 256 * 1024  # a block is still in the processor's cache when the second hash reads it

_CHANGED = Refusal("file-changed", "the file changed while it was read", "run again when nobody writes it")

Stamp = tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageFile:
    """A file by the name that findings and rows carry, and where it lies.

    ``content`` is there for a file that is held. ``stamp`` (size, times and inode) is that of the first look: the file
    system gives another one to whatever is written later.
    """

    source: str
    folder: str
    name: str
    size: int
    stamp: Stamp
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Hashes:
    """The SHA-256 of a content, and the id that git gives it as a blob."""

    sha256: str
    blob_id: str


def usage_file(source: str, folder: Path, name: str) -> UsageFile | Finding:
    """Look at a file below a folder; links, pipes and devices are findings."""
    opened = open_input(folder, name)
    if isinstance(opened, Finding):
        return replace(opened, source=source)
    with opened:
        stamp = _stamp(opened)
        size = stamp[0]
        content = opened.read() if size <= HELD_BYTES_MAX else None
    if content is not None:
        size = len(content)
    return UsageFile(source=source, folder=str(folder), name=name, size=size, stamp=stamp, content=content)


def usage_files(root: Path, paths: Sequence[Path | str] | None) -> tuple[list[UsageFile], list[Finding]]:
    """Look at the workspace's files of metered usage, or at those named instead, sorted by source.

    Args:
        paths: files and folders; texts are addresses of object stores.
    Raises:
        UsageProblem: a path does not exist, or two have the same name.
    """
    local = None if paths is None else [path for path in paths if isinstance(path, Path)]
    looked_at = [usage_file(*place) for place in data_places(root, "usage", local)]
    files = [file for file in looked_at if isinstance(file, UsageFile)]
    for address in paths or ():
        files += _remote_files(address) if isinstance(address, str) else ()
    for source, count in Counter(file.source for file in files).items():
        if count > 1:
            raise UsageProblem(f"two files are called {source}: rename one")
    findings = [found for found in looked_at if isinstance(found, Finding)]
    return sorted(files, key=lambda file: file.source), findings


def _remote_files(address: str) -> Iterator[UsageFile]:
    for name, stamp in remote.objects(address):
        # Known by its name alone, so that results do not depend on where it lies.
        source = name.partition("?")[0].rpartition("/")[2]
        file = UsageFile(source=source, folder="", name=name, size=stamp[0], stamp=stamp)
        if file.size <= HELD_BYTES_MAX:
            with stream(file) as opened:
                content = opened.read()
            file = replace(file, content=content, size=len(content))
        yield file


def held(source: str, content: bytes) -> UsageFile:
    """Return content that was read elsewhere as a file."""
    return UsageFile(source=source, folder="", name="", size=len(content), stamp=(), content=content)


@contextmanager
def stream(file: UsageFile) -> Iterator[BufferedIOBase]:
    """Open a file for reading, from its beginning.

    Raises:
        RecordsNotRight: it is no longer what it was.
    """
    if file.content is not None:
        yield io.BytesIO(file.content)
        return
    if remote.is_remote(file.name):
        with remote.opened(file.name) as (content, stamp):
            _compare(file, stamp)
            yield content
        return
    opened = open_input(Path(file.folder), file.name)
    if isinstance(opened, Finding):
        raise RecordsNotRight([replace(opened, source=file.source)])
    with opened:
        _compare(file, _stamp(opened))
        yield opened
        _compare(file, _stamp(opened))


class Hasher:
    """Hashes a file whose bytes it is shown in order, each once."""

    def __init__(self, file: UsageFile) -> None:
        self._file, self._hashed_bytes = file, 0
        self._sha256 = hashlib.sha256()
        self._sha1 = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)

    def update(self, content: memoryview) -> None:
        """Take in what follows."""
        self._hashed_bytes += len(content)
        for start in range(0, len(content), _HASHED_BYTES):
            self._sha256.update(content[start : start + _HASHED_BYTES])
            self._sha1.update(content[start : start + _HASHED_BYTES])

    def result(self) -> Hashes:
        """Return the hashes; raises InvariantBroken where the file was not shown as it is."""
        if self._hashed_bytes != self._file.size:
            raise InvariantBroken(f"{self._file.source}: {self._hashed_bytes} of {self._file.size} bytes were hashed")
        return Hashes(self._sha256.hexdigest(), self._sha1.hexdigest())


def hashes(file: UsageFile) -> Hashes:
    """Hash a file without holding it."""
    hasher = Hasher(file)
    with stream(file) as opened:
        while block := opened.read(_HASHED_BYTES):
            hasher.update(memoryview(block))
    return hasher.result()


def _compare(file: UsageFile, stamp: Stamp) -> None:
    if stamp != file.stamp:
        raise RecordsNotRight([_CHANGED.finding(file.source)])


def _stamp(opened: BufferedIOBase) -> Stamp:
    status = os.fstat(opened.fileno())
    return (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
