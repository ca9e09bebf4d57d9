"""Open files of the workspace without following links or waiting on pipes, and hash what was read."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from io import BufferedReader
from pathlib import Path, PurePosixPath

from prisma_batch.base.findings import Finding

RECORD_BYTES_MAX = 1024 * 1024

# O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC

_CATALOGUE = {
    "symlink": ("this path leads through a symbolic link", "put the file itself here"),
    "not-a-regular-file": ("this is not a regular file", "replace it by a regular file, or remove it"),
    "file-too-large": ("a record has at most 1 MiB (1048576 bytes)", "split the record, or remove what is not needed"),
    "file-not-found": ("there is no such file", "check the path"),
    "file-unreadable": ("the file cannot be read", "check its permissions"),
    "path-outside": ("the path leaves the folder it is read from", "name a path inside it, without .."),
    "folder-unreadable": ("this folder cannot be read", "make it a folder that can be read"),
}


def read_record(root: Path, source: str) -> bytes | Finding:
    """Read a record, at most 1 MiB; its size is checked on the open file before anything is read.

    Args:
        root: an existing folder; it may itself be reached through links.
        source: the path below root, with slashes; no part of it may be a link.
    """
    return next(read_records(root, (source,)))


def read_records(root: Path, sources: Iterable[str]) -> Iterator[bytes | Finding]:
    """Yield what ``read_record`` returns for each source; fastest where those of one folder follow each other."""
    parent_before: str | None = None
    folder: int | str = "path-outside"
    try:
        for source in sources:
            parent = source.rpartition("/")[0]
            if parent != parent_before:
                _close(folder)
                parent_before, folder = parent, _open_folder(root, source)
            yield _record_in(folder, source)
    finally:
        _close(folder)


def read_input(root: Path, source: str) -> bytes | Finding:
    """Read an input file (usage, payments) of any size whole; refuses what ``open_input`` refuses."""
    opened = open_input(root, source)
    if isinstance(opened, Finding):
        return opened
    with opened:
        return opened.read()


def open_input(root: Path, source: str) -> BufferedReader | Finding:
    """Open a regular file below root for reading; links, pipes, devices, sockets and folders are findings."""
    folder = _open_folder(root, source)
    opened = _open_file(folder, source)
    _close(folder)
    return refusal(opened, source) if isinstance(opened, str) else os.fdopen(opened, "rb")


def too_large(source: str) -> Finding:
    """Return the finding for a record over 1 MiB; for readers that take records from elsewhere, such as git."""
    return refusal("file-too-large", source)


def refusal(code: str, source: str) -> Finding:
    """Return the finding for a file or folder that is not read."""
    message, remedy = _CATALOGUE[code]
    return Finding(code=code, message=message, remedy=remedy, source=source)


def blob_id(content: bytes) -> str:
    """Return the id that git gives this content as a blob (SHA-1 object format)."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of the content in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


# An open folder or file is a descriptor, or the code of the finding that says why it was not opened.


def _open_folder(root: Path, source: str) -> int | str:
    """Open the folder of a file below root; no part of its path may be a link."""
    parts = PurePosixPath(source).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in source:
        return "path-outside"
    folder: int | str = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts[:-1]:
        outer, folder = folder, _open_part(part, folder, _FOLDER_FLAGS)
        _close(outer)
    return folder


def _open_file(folder: int | str, source: str) -> int | str:
    """Open a regular file of an open folder."""
    opened = _open_part(source.rpartition("/")[2], folder, _FILE_FLAGS)
    if isinstance(opened, int) and not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        return "not-a-regular-file"
    return opened


def _record_in(folder: int | str, source: str) -> bytes | Finding:
    descriptor = _open_file(folder, source)
    if isinstance(descriptor, str):
        return refusal(descriptor, source)
    try:
        size = os.fstat(descriptor).st_size
        if size > RECORD_BYTES_MAX:
            return too_large(source)
        # One byte more than it has, and than allowed, so that a file that grows meanwhile is noticed.
        content = os.read(descriptor, size + 1)
        while len(content) != size and len(content) <= RECORD_BYTES_MAX:
            size = len(content)
            content += os.read(descriptor, RECORD_BYTES_MAX + 1 - size)
    finally:
        os.close(descriptor)
    return too_large(source) if len(content) > RECORD_BYTES_MAX else content


def _close(opened: int | str) -> None:
    if isinstance(opened, int):
        os.close(opened)


def _open_part(name: str, folder: int | str, flags: int) -> int | str:
    """Open one part of a path in an open folder."""
    if isinstance(folder, str):
        return folder
    try:
        return os.open(name, flags, dir_fd=folder)
    except ValueError:
        return "path-outside"
    except OSError as error:
        return _refusal(name, folder, error)


def _refusal(name: str, folder: int, error: OSError) -> str:
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except OSError:
        return "file-not-found"
    if stat.S_ISLNK(mode):
        return "symlink"
    if isinstance(error, PermissionError):
        return "file-unreadable"
    # A file where the path needs a folder: nothing can be below it.
    return "file-not-found" if isinstance(error, NotADirectoryError) else "not-a-regular-file"
