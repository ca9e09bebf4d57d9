"""The branch that is checked out, and the same branch of a remote: commits are made beside the work tree and pushed.

A commit changes the files that it is given and nothing else, whatever is staged or edited in the work tree.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import CompletedProcess

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.git import Repository, run_git

_SECONDS_MAX = 600
_FETCHED = "refs/prisma-batch/fetched"
_NETWORK = (
    "protocol.https.allow=always",
    "protocol.ssh.allow=always",
    "protocol.file.allow=always",
    "core.sshCommand=ssh -o BatchMode=yes",  # asks nobody
    "gc.auto=0",
)
_NOBODY = ("user.name=prisma-batch", "user.email=prisma-batch@localhost.invalid")
_JOURNAL_BYTES_MAX = 1 << 30


class Branch:
    """The branch of a workspace; paths are relative to the workspace."""

    def __init__(self, root: Path) -> None:
        """Find the branch.

        Raises:
            UsageProblem: the workspace is in no repository, or it has no commit.
        """
        self._root, self._repository = root, Repository(root)
        self._folder, self._prefix = self._repository.folder, self._repository.prefix
        self.head = self._repository.resolve("HEAD")
        is_known = run_git([*_settings(["user.useConfigOnly=true"]), "var", "GIT_COMMITTER_IDENT"], root)
        self._identity = () if is_known.returncode == 0 else _NOBODY

    def fetch(self, remote: str) -> str:
        """Return the commit at which the remote's branch of the same name is.

        Raises:
            UsageProblem: no branch is checked out, or the remote's cannot be fetched.
        """
        options = ["--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"]
        finished = self._network(["fetch", *options, "--", remote, f"+{self._name()}:{_FETCHED}"])
        if finished.returncode:
            raise UsageProblem(f"{remote} cannot be fetched: {_said(finished.stderr)}")
        return self._repository.resolve(_FETCHED)

    def files(self, commit: str, folder: str) -> dict[str, bytes]:
        """Return the files below a folder of a commit, by path."""
        found = [file for file in self._repository.tree_files(commit) if file.path.startswith(f"{folder}/")]
        blobs = self._repository.read_blobs([file.blob_id for file in found], _JOURNAL_BYTES_MAX)
        return {file.path: content for file, content in zip(found, blobs, strict=True)}

    def commit(self, parent: str, files: Mapping[str, bytes], subject: str) -> str:
        """Return a commit in which files are added or replaced; ``parent`` where that changes nothing."""
        tree = before = self._line((), ["rev-parse", f"{parent}^{{tree}}"])
        for path, content in files.items():
            blob = self._line((), ["hash-object", "-w", "--stdin"], content)
            tree = self._tree_with(tree, f"{self._prefix}{path}".split("/"), blob)
        if tree == before:
            return parent
        return self._line(self._identity, ["commit-tree", "-m", subject, "-p", parent, tree])

    def push(self, remote: str, commit: str) -> str:
        """Push a commit to the remote's branch, which it must lead on from; returns why that failed, or nothing."""
        arguments = ["push", "--quiet", "--no-verify", "--", remote, f"{commit}:{self._name()}"]
        finished = self._network(arguments)
        return _said(finished.stderr) or "the push was refused" if finished.returncode else ""

    def leads_to(self, older: str, newer: str) -> bool:
        """Say whether a commit is another or one before it."""
        return self._git((), ["merge-base", "--is-ancestor", older, newer]).returncode == 0

    def take_over(self, parent: str, commit: str, files: Mapping[str, bytes]) -> None:
        """Let the work tree, which has these files already, stand at a commit where it stood at its parent.

        Elsewhere the files are only staged: so a later pull finds nothing that it would overwrite.
        """
        for path, content in files.items():
            blob = self._line((), ["hash-object", "-w", "--stdin"], content)
            self._line((), ["update-index", "--add", "--cacheinfo", f"100644,{blob},{self._prefix}{path}"])
        if parent == self.head:
            self._line((), ["update-ref", "-m", "prisma-batch send", "HEAD", commit, parent])
            self.head = commit

    def _name(self) -> str:
        finished = self._git((), ["symbolic-ref", "--quiet", "HEAD"])
        if finished.returncode:
            raise UsageProblem("no branch is checked out: git switch to the one that the reports are in")
        return finished.stdout.decode().strip()

    def _tree_with(self, tree: str, parts: Sequence[str], blob: str) -> str:
        """Return a tree in which a path is a blob; the empty name of a tree stands for one without entries."""
        name, *below = parts
        listed = self._git((), ["ls-tree", "-z", tree]).stdout.decode("utf-8", "surrogateescape") if tree else ""
        entries = {entry.partition("\t")[2]: entry for entry in listed.split("\0")[:-1]}
        mode, kind, own = entries.get(name, "\t").partition("\t")[0].split() or ("", "", "")
        entries[name] = f"100644 blob {blob}\t{name}"
        if below:
            inner = self._tree_with(own if kind == "tree" else "", below, blob)
            entries[name] = f"{mode if kind == 'tree' else '040000'} tree {inner}\t{name}"
        lines = "".join(f"{entry}\0" for entry in entries.values()).encode("utf-8", "surrogateescape")
        return self._line((), ["mktree", "-z"], lines)

    def _network(self, arguments: Sequence[str]) -> CompletedProcess[bytes]:
        # From the work tree: the address of a remote may be relative to it.
        return run_git([*_settings(_NETWORK), *arguments], self._root, timeout_seconds=_SECONDS_MAX)

    def _line(self, settings: Sequence[str], arguments: Sequence[str], given: bytes = b"") -> str:
        finished = self._git(settings, arguments, given)
        if finished.returncode:
            raise UsageProblem(f"git {arguments[0]} failed: {_said(finished.stderr)}")
        return finished.stdout.decode().strip()

    def _git(self, settings: Sequence[str], arguments: Sequence[str], given: bytes = b"") -> CompletedProcess[bytes]:
        with tempfile.TemporaryFile() as stdin:
            stdin.write(given)
            stdin.seek(0)
            return run_git(
                ["--git-dir=.", *_settings(settings), *arguments], self._folder, stdin, timeout_seconds=_SECONDS_MAX
            )


def _settings(settings: Sequence[str]) -> list[str]:
    return [part for setting in settings for part in ("-c", setting)]


def _said(stderr: bytes) -> str:
    lines = [line for line in stderr.decode(errors="replace").splitlines() if not line.startswith("hint:")]
    return lines[-1].strip() if lines else ""
