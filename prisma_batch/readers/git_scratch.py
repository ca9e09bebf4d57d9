"""A repository of its own, for the time of a command: what is fetched from elsewhere never reaches that of the records.

The objects of the records' repository are seen in it, so that a commit can be made of both and judged like any other.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.git import run_git
from prisma_batch.readers.trees import TreeFile

FETCH_SECONDS_MAX = 600

_FETCHED = "refs/fetched"
_BRANCH = "refs/heads/request"
_FETCH_SETTINGS = (
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "core.sshCommand=ssh -o BatchMode=yes",  # asks nobody
    "fetch.fsckObjects=true",
    "gc.auto=0",
)
# Commits that nobody sees: whose they are does not matter.
_IDENTITY = ("user.name=prisma-batch", "user.email=prisma-batch@localhost.invalid")
_FATAL = re.compile(r"^fatal: (.*)$", re.MULTILINE)
_COMMIT_ID = re.compile(r"[0-9a-f]{7,64}")


@contextmanager
def scratch_repository(records: Path) -> Iterator["Scratch"]:
    """Give an empty bare repository; it vanishes with the block.

    Args:
        records: the workspace, whose repository's objects can be seen after ``Scratch.see_records``.
    """
    with tempfile.TemporaryDirectory(prefix="prisma-pull-") as folder:
        yield Scratch(Path(folder), records)


class Scratch:
    """A bare repository in ``folder``; its HEAD is what ``propose`` made."""

    def __init__(self, folder: Path, records: Path) -> None:
        self.folder, self._records = folder, records
        self._checked(["init", "--quiet", "--bare", f"--initial-branch={_BRANCH.rpartition('/')[2]}", "."], bare=False)

    def fetch(self, url: str, ref: str) -> str:
        """Fetch a branch or tag, and return its commit.

        Args:
            url: an https, ssh or file address, or a path relative to the workspace.
        Raises:
            UsageProblem: it cannot be fetched, or not within ten minutes.
        """
        address = str((self._records / url).resolve()) if url.startswith((".", "/")) else url
        settings = [part for setting in _FETCH_SETTINGS for part in ("-c", setting)]
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        finished = run_git(
            ["--git-dir=.", *settings, "fetch", *options, "--", address, f"+{ref}:{_FETCHED}"],
            self.folder,
            timeout_seconds=FETCH_SECONDS_MAX,
        )
        if finished.returncode:
            said = finished.stderr.decode(errors="replace").replace(f"'{address}'", "it").replace(address, "it")
            (why,) = _FATAL.findall(said)[:1] or ["git does not say why"]
            raise UsageProblem(f"the repository cannot be fetched: check its address and ref in prisma.yaml ({why})")
        return self._line(["rev-parse", "--verify", "--end-of-options", f"{_FETCHED}^{{commit}}"])

    def commit_of(self, name: str, tip: str) -> str:
        """Return the id of a commit of the history that leads to ``tip``.

        Raises:
            UsageProblem: it is not part of that history.
        """
        if _COMMIT_ID.fullmatch(name):
            arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}"]
            found = run_git(["--git-dir=.", *arguments], self.folder)
            commit = found.stdout.decode().strip()
            if found.returncode == 0 and self.leads_to(commit, tip):
                return commit
        raise UsageProblem("there is no such commit in the history of the partner's ref")

    def leads_to(self, older: str, newer: str) -> bool:
        """Say whether a commit is another or one before it; one that is not there at all is not."""
        return run_git(["--git-dir=.", "merge-base", "--is-ancestor", older, newer], self.folder).returncode == 0

    def see_records(self) -> None:
        """Make the objects of the records' repository visible; after fetching, so that no server hears of them."""
        found = run_git(["rev-parse", "--path-format=absolute", "--git-path", "objects"], self._records)
        if found.returncode:
            raise UsageProblem("the records are in no git repository: commit them first")
        (self.folder / "objects" / "info").mkdir(exist_ok=True)
        (self.folder / "objects" / "info" / "alternates").write_bytes(found.stdout)

    def propose(self, tree: str, files: Sequence[TreeFile]) -> str:
        """Make HEAD a commit of a tree with some of its files replaced or added; returns the commit of the tree alone.

        Args:
            tree: a tree of the records' repository.
            files: with their modes and blobs, as they were fetched.
        """
        base = self._commit(tree)
        self._checked(["read-tree", tree])
        entries = "".join(f"{file.mode} {file.blob_id}\t{file.path}\0" for file in files)
        with tempfile.TemporaryFile() as lines:
            lines.write(entries.encode())
            lines.seek(0)
            finished = run_git(["--git-dir=.", "update-index", "-z", "--index-info"], self.folder, lines)
        if finished.returncode:
            raise UsageProblem("git does not take these paths")
        self._checked(["update-ref", _BRANCH, self._commit(self._line(["write-tree"]), base)])
        return base

    def _commit(self, tree: str, *parents: str) -> str:
        identity = [part for setting in _IDENTITY for part in ("-c", setting)]
        return self._line([*identity, "commit-tree", "-m", "pulled", *(f"-p{parent}" for parent in parents), tree])

    def _line(self, arguments: Sequence[str]) -> str:
        return self._checked(arguments).decode().strip()

    def _checked(self, arguments: Sequence[str], *, bare: bool = True) -> bytes:
        finished = run_git([*["--git-dir=."] * bare, *arguments], self.folder)
        if finished.returncode:
            raise UsageProblem("objects are missing from the repository: fetch them (a clone must be complete)")
        return finished.stdout
