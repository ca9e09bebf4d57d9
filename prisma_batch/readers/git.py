"""The only place that runs git: it is asked for objects, and uses no work tree, filter, hook or network."""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.files import RECORD_BYTES_MAX
from prisma_batch.readers.trees import TreeFile
from prisma_batch.records.changes import Change

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "protocol.allow=never",  # also an object missing from a partial clone is not fetched
    "safe.bareRepository=explicit",  # a folder of the tree may look like a repository of its own
)
_ENVIRONMENT = {
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_HERE = "--git-dir=."
_INCOMPLETE = "objects are missing from the repository: fetch them (a clone must be neither shallow nor partial)"


class Repository:
    """The git repository that a workspace lies in; ``prefix`` is the workspace's folder in it: empty, or ``records/``.

    ``folder`` is git's own, that of the objects.

    Paths that go in and come out are relative to the workspace. Those that are not UTF-8 hold halves of surrogate
    pairs, as names of files do in Python, which ``places.is_unsafe`` refuses.
    """

    def __init__(self, root: Path) -> None:
        """Find the repository of a folder: the one it lies in, or a bare one that it is.

        Raises:
            UsageProblem: there is none, git does not trust it, or there is no git.
        """
        # A folder of the tree may look like a bare repository: only outside any work tree is it taken for one.
        inside = any(os.path.lexists(folder / ".git") for folder in (root.resolve(), *root.resolve().parents))
        explicit = [] if inside else [_HERE]
        found = run_git([*explicit, "rev-parse", "--absolute-git-dir", "--show-prefix"], root)
        if found.returncode:
            raise UsageProblem("this is no git repository that can be read, and what was asked for needs one")
        folder, prefix = os.fsdecode(found.stdout).split("\n")[:2]
        self.folder = Path(folder)
        self.prefix = prefix

    def resolve(self, ref: str) -> str:
        """Return the commit id of a branch, tag, commit or expression such as ``HEAD~1``."""
        found = self._git(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"])
        if found.returncode:
            raise UsageProblem(f"there is no commit {ref} in this repository: fetch it, or correct the name")
        return found.stdout.decode().strip()

    def merge_base(self, base: str, head: str) -> str:
        """Return the commit in which the history of two commits meets.

        Raises:
            UsageProblem: there is none, or several: which changes are the request's could not be told.
        """
        found = self._git(["merge-base", "--all", base, head]).stdout.decode().split()
        if len(found) != 1:
            several = "several" if found else "no"
            raise UsageProblem(f"the base and HEAD have {several} common commits: fetch the history, or merge the base")
        return found[0]

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """Return what differs between two commits, sorted by path; a rename is a removed and an added path."""
        options = ["-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-relative", "--ignore-submodules=none"]
        parts = _text(self._checked(["diff-tree", *options, old, new, "--"])).split("\0")[:-1]
        # Each path follows ``:100644 100644 <blob> <blob> M``.
        pairs = zip(parts[::2], parts[1::2], strict=True)
        return tuple(sorted(Change(self._relative(path), *meta[1:].split(" ")[:4]) for meta, path in pairs))

    def tree_files(self, commit: str) -> list[TreeFile]:
        """Return every file of the workspace in a commit, in git's order; none where the commit lacks its folder."""
        tree = commit
        if self.prefix:
            found = self._git(["rev-parse", "--verify", "--quiet", f"{commit}:{self.prefix.rstrip('/')}"])
            if found.returncode:
                return []
            tree = found.stdout.decode().strip()
        entries = _text(self._checked(["ls-tree", "-r", "-z", "--full-tree", tree])).split("\0")[:-1]
        # Each path follows ``100644 blob <blob>``; ids are of one length.
        id_length = entries[0].index("\t") - entries[0].index(" ", 7) - 1 if entries else 0
        pairs = (entry.split("\t", 1) for entry in entries)
        return [TreeFile(path, meta[:6], meta[-id_length:]) for meta, path in pairs]

    def blob_sizes(self, ids: Iterable[str]) -> list[int]:
        """Return the size in bytes of each blob, in the order given."""
        ids = list(ids)
        if not ids:
            return []
        with _input_lines(ids) as lines:
            checked = self._checked(["cat-file", "--batch-check=%(objectsize)"], lines)
        return [_size(line) for line in checked.splitlines()]

    def read_blobs(self, ids: Sequence[str], bytes_max: int = RECORD_BYTES_MAX) -> Iterator[bytes]:
        """Yield the content of each blob, in the order given.

        Args:
            bytes_max: blobs over this size raise before they are read; callers leave them out by ``blob_sizes``.
        Raises:
            UsageProblem: an object is missing or too large.
        """
        if not ids:
            return
        with _input_lines(ids) as lines, self._answers(["cat-file", "--batch=%(objectsize)"], lines) as answers:
            for _ in ids:
                yield _next_blob(answers, bytes_max)

    def read_paths(self, commit: str, paths: Sequence[str]) -> dict[str, bytes | None]:
        """Return the content of files of a commit by path; None for what is no file of at most 1 MiB, nothing for none.

        Args:
            paths: without line breaks.
        """
        if not paths:
            return {}
        with _input_lines(f"{commit}:{self.prefix}{path}" for path in paths) as lines:
            answers = self._checked(["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)"], lines)
        found = {
            path: answer.split()
            for path, answer in zip(paths, answers.decode().splitlines(), strict=True)
            if not answer.endswith(" missing")
        }
        blobs = {
            path: blob for path, (blob, kind, size) in found.items() if kind == "blob" and int(size) <= RECORD_BYTES_MAX
        }
        contents = dict(zip(blobs, self.read_blobs(list(blobs.values())), strict=True))
        return {path: contents.get(path) for path in found}

    def blob_ids(self, commit: str, paths: Sequence[str]) -> dict[str, str]:
        """Return the blob id of files of a commit by path, nothing for those that it lacks.

        Args:
            paths: without line breaks.
        """
        if not paths:
            return {}
        with _input_lines(f"{commit}:{self.prefix}{path}" for path in paths) as lines:
            answers = self._checked(["cat-file", "--batch-check=%(objectname)"], lines)
        found = zip(paths, answers.decode().splitlines(), strict=True)
        return {path: answer for path, answer in found if not answer.endswith(" missing")}

    def tracks(self, path: str) -> bool:
        """Say whether the index holds a path, or something below it: a checkout could have brought it."""
        return bool(self._checked(["--literal-pathspecs", "ls-files", "-z", "--", self.prefix + path]))

    def last_commit(self, path: str, head: str = "HEAD") -> str | None:
        """Return the commit that last wrote a path, if one did."""
        found = self._git(["--literal-pathspecs", "rev-list", "-1", self.resolve(head), "--", self.prefix + path])
        return found.stdout.decode().strip() or None

    def _relative(self, path: str) -> str:
        if path.startswith(self.prefix):
            return path.removeprefix(self.prefix)
        return "../" * self.prefix.count("/") + path

    @contextmanager
    def _answers(self, arguments: Sequence[str], lines: IO[bytes]) -> Iterator[IO[bytes]]:
        """Give what git writes while it is running; it is ended when nobody reads on."""
        started = subprocess.Popen(  # noqa: S603 - git with arguments of our own
            _command([_HERE, *arguments]),
            cwd=self.folder,
            env=_environment(),
            stdin=lines,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with started:
            try:
                yield cast("IO[bytes]", started.stdout)
            finally:
                started.kill()

    def _git(self, arguments: Sequence[str], stdin: IO[bytes] | None = None) -> subprocess.CompletedProcess[bytes]:
        return run_git([_HERE, *arguments], self.folder, stdin)

    def _checked(self, arguments: Sequence[str], stdin: IO[bytes] | None = None) -> bytes:
        finished = self._git(arguments, stdin)
        if finished.returncode:
            raise UsageProblem(_INCOMPLETE)
        return finished.stdout


def run_git(
    arguments: Sequence[str], folder: Path, stdin: IO[bytes] | None = None, *, timeout_seconds: float | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run git in a folder, whatever the environment and its configuration say.

    Raises:
        UsageProblem: there is no git, or it takes too long.
    """
    try:
        return subprocess.run(  # noqa: S603 - git with arguments of our own
            _command(arguments),
            cwd=folder,
            env=_environment(),
            stdin=stdin or subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=timeout_seconds,
        )
    except FileNotFoundError:
        raise UsageProblem("git is not installed") from None
    except subprocess.TimeoutExpired:
        raise UsageProblem("git takes too long: try again when the network is better") from None


def _command(arguments: Sequence[str]) -> list[str]:
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    return ["git", "--no-pager", *settings, *arguments]


def _environment() -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | _ENVIRONMENT


@contextmanager
def _input_lines(ids: Iterable[str]) -> Iterator[IO[bytes]]:
    """Give a file of lines to read: git writes its answers while we would still be writing to a pipe."""
    with tempfile.TemporaryFile() as lines:
        lines.write("".join(f"{identifier}\n" for identifier in ids).encode())
        lines.seek(0)
        yield lines


def _next_blob(answers: IO[bytes], bytes_max: int) -> bytes:
    size = _size(answers.readline())
    if size > bytes_max:
        raise UsageProblem("a file in the repository is too large to be read")
    content = answers.read(size)
    answers.read(1)
    return content


def _size(answer: bytes) -> int:
    # Otherwise ``<id> missing``.
    if not answer.strip().isdigit():
        raise UsageProblem(_INCOMPLETE)
    return int(answer)


def _text(output: bytes) -> str:
    return output.decode("utf-8", "surrogateescape")
