"""Trees of files that a workspace is read from: the working folder, or a commit without checking it out."""

import hashlib
import marshal
import os
import stat
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import RECORD_BYTES_MAX, read_record, read_records, refusal, too_large

if TYPE_CHECKING:
    from prisma_batch.readers.git import Repository

SETTINGS_FILE = "prisma.yaml"
RECORD_FOLDERS = ("agreements", "cases", "contacts", "invoices", "payments", "usage")
# Copies of the schemas are compared with those that judge.
SCHEMAS_FOLDER = "schemas"
READ_FOLDERS = (*RECORD_FOLDERS, SCHEMAS_FOLDER)
FOLDER_MODE, LINK_MODE, FILE_MODE, PROGRAM_MODE, SPECIAL_MODE = "040000", "120000", "100644", "100755", "000000"

REGULAR_MODES = (FILE_MODE, PROGRAM_MODE)


class TreeFile(NamedTuple):
    """One entry of a tree; a tuple, for there are many.

    ``mode`` is git's. ``blob_id`` is empty where nobody has read the bytes, ``size`` None where nobody asked for it.
    ``stamp`` is what a file system says besides (times of content and of inode in ns, inode): while it stays, so does
    the content.
    """

    path: str
    mode: str
    blob_id: str = ""
    size: int | None = None
    stamp: tuple[int, ...] = ()


class Tree(Protocol):
    """What a workspace is read from."""

    def files(self) -> list[TreeFile]:
        """Return the entries of the root and every file below the record folders and schemas/, sorted by path."""

    def findings(self) -> list[Finding]:
        """Return what keeps parts of the tree from being listed; known once ``files`` was called."""

    def read(self, path: str) -> bytes | Finding:
        """Return the bytes of a record, or why they are not read: its size is checked before."""

    def read_each(self, files: Sequence[TreeFile]) -> Iterator[bytes | Finding]:
        """Yield what ``read`` returns for each file, in order; faster than one by one."""


class WorkingTree:
    """The files below a folder as they are now; links are neither followed nor read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files: list[TreeFile] = []
        self._findings: list[Finding] = []

    def name(self) -> str:
        """Return a digest of how every file looks."""
        looks = list(map(tuple, self.files()))
        refused = [(finding.code, finding.source) for finding in self._findings]
        # In this version of the format what is equal has equal bytes.
        return hashlib.sha256(marshal.dumps((looks, refused), 2)).hexdigest()

    def files(self) -> list[TreeFile]:
        """Return the entries of the root and every file below the record folders and schemas/, sorted by path.

        They are listed once, so that all that is said of a tree is said of the same files.
        """
        if not self._files:
            self._files = self._listed()
        return self._files

    def _listed(self) -> list[TreeFile]:
        found: list[TreeFile] = []
        for entry in os.scandir(self.root):
            mode = git_mode(entry.stat(follow_symlinks=False).st_mode)
            found.append(_stamped(entry, entry.name) if entry.name == SETTINGS_FILE else TreeFile(entry.name, mode))
            if entry.name in READ_FOLDERS and mode == FOLDER_MODE:
                self._walk(entry.name, found)
        return sorted(found)

    def findings(self) -> list[Finding]:
        """Return the folders that could not be listed."""
        return self._findings

    def read(self, path: str) -> bytes | Finding:
        """Read a record without following links; at most 1 MiB."""
        return read_record(self.root, path)

    def read_each(self, files: Sequence[TreeFile]) -> Iterator[bytes | Finding]:
        """Yield the bytes of each file, or why they are not read."""
        return read_records(self.root, (file.path for file in files))

    def _walk(self, folder: str, found: list[TreeFile]) -> None:
        """Add the files below a folder; links to folders are not followed but listed."""
        try:
            entries = list(os.scandir(f"{self.root}/{folder}"))
        except FileNotFoundError:
            return
        except OSError:
            self._findings.append(refusal("folder-unreadable", folder))
            return
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                self._walk(f"{folder}/{entry.name}", found)
            else:
                found.append(_stamped(entry, f"{folder}/{entry.name}"))


class CommitTree:
    """The files of a commit, read from git's objects: nothing of it is checked out or run."""

    def __init__(self, repository: "Repository", commit: str) -> None:
        self.repository, self.commit = repository, commit
        self._files: list[TreeFile] = []

    def name(self) -> str:
        """Return the commit's id with the workspace's folder in it."""
        return f"{self.commit}:{self.repository.prefix}"

    def files(self) -> list[TreeFile]:
        """Return the entries of the root and every file below the record folders and schemas/, sorted by path."""
        if not self._files:
            self._files = _in_root_and_below(self.repository.tree_files(self.commit))
        return self._files

    def findings(self) -> list[Finding]:
        """Return nothing: git lists every folder."""
        return []

    def read(self, path: str) -> bytes | Finding:
        """Read a record of the commit; at most 1 MiB."""
        wanted = [file for file in self.files() if file.path == path]
        return next(self.read_each(wanted)) if wanted else refusal("file-not-found", path)

    def read_each(self, files: Sequence[TreeFile]) -> Iterator[bytes | Finding]:
        """Yield the bytes of each file, or why they are not read; sizes are asked for before any content."""
        regular = [file for file in files if file.mode in REGULAR_MODES]
        sizes = dict(zip(regular, self.repository.blob_sizes(file.blob_id for file in regular), strict=True))
        small = [file.blob_id for file in regular if sizes[file] <= RECORD_BYTES_MAX]
        contents = self.repository.read_blobs(small)
        for file in files:
            if file not in sizes:
                yield refusal("symlink" if file.mode == LINK_MODE else "not-a-regular-file", file.path)
            else:
                yield next(contents) if sizes[file] <= RECORD_BYTES_MAX else too_large(file.path)


def _stamped(entry: "os.DirEntry[str]", path: str) -> TreeFile:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        # Removed meanwhile, or not ours to see: reading it will say so.
        return TreeFile(path, FILE_MODE)
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
    return TreeFile(path, git_mode(status.st_mode), "", status.st_size, stamp)


def git_mode(mode: int) -> str:
    """Return the mode that git would record; what it never records (pipes, devices, sockets) has a mode of zeros."""
    if stat.S_ISREG(mode):
        return PROGRAM_MODE if mode & stat.S_IXUSR else FILE_MODE
    return LINK_MODE if stat.S_ISLNK(mode) else FOLDER_MODE if stat.S_ISDIR(mode) else SPECIAL_MODE


def _in_root_and_below(files: Sequence[TreeFile]) -> list[TreeFile]:
    """Return the files below the folders that are read, sorted, with an entry of the root for each other folder."""
    prefixes = tuple(f"{folder}/" for folder in READ_FOLDERS)
    below = sorted(file for file in files if file.path.startswith(prefixes))
    others = [file for file in files if not file.path.startswith(prefixes)]
    folders = {file.path.partition("/")[0] for file in others if "/" in file.path}
    folders |= {prefix[:-1] for prefix in prefixes if _has_any(below, prefix)}
    in_root = (file for file in others if "/" not in file.path)
    return sorted([*below, *in_root, *(TreeFile(folder, FOLDER_MODE) for folder in folders)])


def _has_any(files: Sequence[TreeFile], prefix: str) -> bool:
    """Say whether any of sorted files lies below a folder."""
    index = bisect_left(files, (prefix,))
    return index < len(files) and files[index].path.startswith(prefix)
