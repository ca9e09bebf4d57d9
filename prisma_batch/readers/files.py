"""Open files of the workspace without following links or waiting on pipes, and hash what was read."""

import hashlib
import os
import stat
from pathlib import Path, PurePosixPath
from typing import BinaryIO

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
}


def read_record(root: Path, source: str) -> bytes | Finding:
    """Read a record, at most 1 MiB; its size is checked on the open file before anything is read.

    Args:
        root: an existing folder; it may itself be reached through links.
        source: the path below root, with slashes; no part of it may be a link.
    """
    opened = open_input(root, source)
    if isinstance(opened, Finding):
        return opened
    with opened:
        if os.fstat(opened.fileno()).st_size > RECORD_BYTES_MAX:
            return too_large(source)
        # One byte more than allowed, so that a file that grows meanwhile is noticed.
        content = opened.read(RECORD_BYTES_MAX + 1)
    return too_large(source) if len(content) > RECORD_BYTES_MAX else content


def read_input(root: Path, source: str) -> bytes | Finding:
    """Read an input file (usage, payments) of any size whole; refuses what ``open_input`` refuses."""
    opened = open_input(root, source)
    if isinstance(opened, Finding):
        return opened
    with opened:
        return opened.read()


def open_input(root: Path, source: str) -> BinaryIO | Finding:
    """Open a regular file below root for reading; links, pipes, devices, sockets and folders are findings."""
    parts = PurePosixPath(source).parts
    if not parts or parts[0] == "/" or ".." in parts or "\0" in source:
        return _finding("path-outside", source)
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for part in parts[:-1]:
        inner = _open_part(part, folder, _FOLDER_FLAGS)
        os.close(folder)
        if isinstance(inner, str):
            return _finding(inner, source)
        folder = inner
    descriptor = _open_part(parts[-1], folder, _FILE_FLAGS)
    os.close(folder)
    if isinstance(descriptor, str):
        return _finding(descriptor, source)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return _finding("not-a-regular-file", source)
    return os.fdopen(descriptor, "rb")


def too_large(source: str) -> Finding:
    """Return the finding for a record over 1 MiB; for readers that take records from elsewhere, such as git."""
    return _finding("file-too-large", source)


def blob_id(content: bytes) -> str:
    """Return the id that git gives this content as a blob (SHA-1 object format)."""
    return hashlib.sha1(b"blob %d\0%b" % (len(content), content), usedforsecurity=False).hexdigest()


def sha256(content: bytes) -> str:
    """Return the SHA-256 of the content in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def _open_part(name: str, folder: int, flags: int) -> int | str:
    """Open one part of a path; returns a descriptor, or the code of the finding."""
    try:
        return os.open(name, flags, dir_fd=folder)
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


def _finding(code: str, source: str) -> Finding:
    message, remedy = _CATALOGUE[code]
    return Finding(code=code, message=message, remedy=remedy, source=source)
