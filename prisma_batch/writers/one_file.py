"""Writes one file of the workspace whole or not at all: a reader, or a crash, sees the old file or the new one."""

import fcntl
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from prisma_batch.base.errors import UsageProblem

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# On the same file system as the records and ignored by git: what a crash leaves there is in nobody's way.
_SCRATCH = ".prisma-cache"
_WAITS, _WAIT_SECONDS = 400, 0.025


@contextmanager
def locked_workspace(root: Path) -> Iterator[None]:
    """Let one command at a time edit records; waits for ten seconds. The lock ends with the process and leaves no file.

    Raises:
        UsageProblem: another command still holds it.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def create_file(root: Path, source: str, content: bytes) -> bool:
    """Write a file that must not exist yet; False where it does."""
    return _put(root, source, content, 0o644, replace=False)


def replace_file(root: Path, source: str, old: bytes, new: bytes) -> None:
    """Replace what a file holds, keeping its mode.

    Raises:
        UsageProblem: it no longer holds ``old``: somebody else has changed it meanwhile.
    """
    path = root / source
    if path.is_symlink() or path.read_bytes() != old:
        raise UsageProblem(f"{source} was changed by somebody else meanwhile: try again")
    _put(root, source, new, path.stat().st_mode & 0o777, replace=True)


def _lock(descriptor: int) -> None:
    for _ in range(_WAITS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_WAIT_SECONDS)
        else:
            return
    raise UsageProblem("another command is editing these records: try again when it has ended")


def _put(root: Path, source: str, content: bytes, mode: int, *, replace: bool) -> bool:
    folder = _folder(root, PurePosixPath(source).parent)
    name = PurePosixPath(source).name
    try:
        with _staged(root / _SCRATCH, content, mode) as staged:
            if replace:
                os.rename(staged, name, dst_dir_fd=folder)
            else:
                os.link(staged, name, dst_dir_fd=folder)
            os.fsync(folder)
    except FileExistsError:
        return False
    finally:
        os.close(folder)
    return True


@contextmanager
def _staged(scratch: Path, content: bytes, mode: int) -> Iterator[Path]:
    """Write a file that nobody reads yet, down to the disk; it is gone afterwards, unless it was moved."""
    # The cache, which lies there too, believes only what nobody else can write to.
    scratch.mkdir(mode=0o700, exist_ok=True)
    descriptor, path = tempfile.mkstemp(prefix="edit-", dir=scratch)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), mode)
            stream.flush()
            os.fsync(stream.fileno())
        yield Path(path)
    finally:
        Path(path).unlink(missing_ok=True)


def _folder(root: Path, relative: PurePosixPath) -> int:
    """Open a folder below root, made where it does not exist; no part of the path may be a link."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in relative.parts:
        with suppress(FileExistsError):
            os.mkdir(part, 0o755, dir_fd=folder)
        try:
            inner = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
        except OSError as error:
            raise UsageProblem(f"{relative} is no folder that can be written to") from error
        finally:
            os.close(folder)
        folder = inner
    return folder
