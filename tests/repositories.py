"""Real git repositories for tests: commits are made of files by path, with any mode, without a work tree."""

import os
import posixpath
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

EXAMPLE = Path(__file__).parent / "examples" / "_base"
NORTHWIND, SOUTHWIND, MIRA = "1001", "2002", "7"

# Text, text made of what is there, None to remove, or a mode with a content or commit id.
Edit: TypeAlias = str | Callable[[str], str] | tuple[str, str] | None
Edits: TypeAlias = Mapping[str, Edit]

ACME, SOUTH = "contacts/ACME-001.yaml", "contacts/SOUTH-001.yaml"
REPORT = "usage/2026-10/ACME-001.microsoft-spla.yaml"
SOUTHWIND_PARTNER = """\
  southwind:
    name: Southwind
    members: [{login: sora, id: 2002}]
    account_prefixes: ["SOUTH-"]
first_period:"""


def customer(account: str, partner: str, *names: str) -> str:
    """A contact file with the same people under each type; the first also under statements and usage reports."""
    text = f"account: {account}\nname: {account} Ltd\npartner: {partner}\ncontacts:\n  billing:\n"
    text += "".join(map(entry, names))
    return text + "".join(f"  {name}:\n{entry(names[0])}" for name in ("statement", "usage_reporting"))


def entry(name: str) -> str:
    """A contact of that first name, as it stands in a list."""
    return f"    - first_name: {name}\n      last_name: Vale\n      email: {name.lower()}@vale.example\n"


def replaced(old: str, new: str) -> Callable[[str], str]:
    """An edit that replaces a text which must be there."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return edit


def example_files() -> dict[str, str]:
    """The workspace without findings, with a second partner and its account, and a second billing contact."""
    paths = sorted(path for path in EXAMPLE.rglob("*") if path.is_file())
    files = {path.relative_to(EXAMPLE).as_posix(): path.read_text(encoding="utf-8") for path in paths}
    files["prisma.yaml"] = replaced("first_period:", SOUTHWIND_PARTNER)(files["prisma.yaml"])
    files[ACME] = replaced("  statement:", f"{entry('Ben')}  statement:")(files[ACME])
    return files | {SOUTH: customer("SOUTH-001", "southwind", "Stella", "Sam")}


class GitRepository:
    """A repository with a branch ``main``; HEAD is a branch ``request`` that begins there."""

    def __init__(self, folder: Path, base: Edits | None = None, *, below: str = "") -> None:
        self.folder = folder
        self.below = below
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=request")
        self.files: dict[str, tuple[str, str]] = {}
        self.commit({**example_files()}, parents=())
        self.commit(base or {})
        self.git("branch", "main")

    def git(self, *arguments: str, given: bytes = b"") -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
            environment[name] = "tests@prisma.example"
        finished = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=environment, input=given, capture_output=True, check=True
        )
        return finished.stdout.decode().strip()

    def commit(self, edits: Edits, parents: tuple[str, ...] = ("request",), branch: str = "request") -> str:
        """Commit edits of the files as they are; the work tree stays empty. Returns the commit id."""
        for path, edit in edits.items():
            self._edit(path, edit)
        start = f"commit refs/heads/{branch}\ncommitter tests <tests@prisma.example> 1790000000 +0000\ndata 0\n"
        stream = [start.encode()]
        ids = [self.git("rev-parse", parent) for parent in parents]
        stream += [f"{'merge' if index else 'from'} {parent}\n".encode() for index, parent in enumerate(ids)]
        stream.append(b"deleteall\n")
        stream += [self._written(path, *file) for path, file in sorted(self.files.items())]
        self.git("fast-import", "--quiet", "--force", given=b"".join(stream))
        return self.git("rev-parse", branch)

    def _edit(self, path: str, edit: Edit) -> None:
        if edit is None:
            del self.files[path]
        elif isinstance(edit, tuple):
            self.files[path] = edit
        else:
            content = edit if isinstance(edit, str) else edit(self.files[path][1])
            self.files[path] = ("100644", content)

    def _written(self, path: str, mode: str, content: str) -> bytes:
        raw = os.fsencode(posixpath.normpath(self.below + path))
        quoted = b"".join(
            b"\\%03o" % byte if byte < 33 or byte > 126 or byte in b'"\\' else bytes([byte]) for byte in raw
        )
        if mode == "160000":
            return b'M 160000 %s "%s"\n' % (content.encode(), quoted)
        text = content.encode()
        return b'M %s inline "%s"\ndata %d\n%s\n' % (mode.encode(), quoted, len(text), text)
