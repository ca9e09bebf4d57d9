"""Transcripts: commands as a person types them, with what they print and how they end. Each file is found by itself.

A transcript begins with a line on what it shows. ``$ `` begins a command, and lines with ``< `` are its input. What
follows is its output: ``| `` from stdout, ``! `` from stderr, and ``? `` the exit status where it is not 0. Besides
``prisma-batch`` there are ``show FILE``, ``write FILE`` and ``git ARGUMENTS``, whose commits have one author and day.
Each transcript has its own copy of ``_workspace``; ``pytest --golden-update`` writes the output anew.
"""

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner

from prisma_batch.cli.main import main

FOLDER = Path(__file__).parent / "transcripts"
TRANSCRIPTS = sorted(FOLDER.rglob("*.txt"))


@dataclass
class Step:
    """A command line with its input, and the lines of a transcript that come before it."""

    command: str
    before: list[str]
    given: list[str] = field(default_factory=list)

    def run(self, workspace: Path) -> tuple[int, str, str]:
        program, *arguments = shlex.split(self.command.replace("\\\n", " "))
        if program == "prisma-batch":
            result = CliRunner().invoke(main, ["-C", str(workspace), *arguments], prog_name="prisma-batch")
            return result.exit_code, result.stdout, result.stderr
        if program == "git":
            return in_git(workspace, arguments)
        (file,) = arguments
        if program == "show":
            return 0, (workspace / file).read_text(encoding="utf-8"), ""
        assert program == "write", program
        (workspace / file).parent.mkdir(parents=True, exist_ok=True)
        (workspace / file).write_text("".join(f"{line}\n" for line in self.given), encoding="utf-8")
        return 0, "", ""

    def lines(self, workspace: Path) -> Iterator[str]:
        yield from self.before
        yield from f"$ {self.command}".split("\n")
        yield from (f"< {line}".rstrip() for line in self.given)
        status, stdout, stderr = self.run(workspace)
        for mark, output in (("|", stdout), ("!", stderr)):
            yield from (f"{mark} {line}".rstrip() for line in output.splitlines())
        if status:
            yield f"? {status}"


def in_git(workspace: Path, arguments: list[str]) -> tuple[int, str, str]:
    """Run git so that a commit's id depends on what is committed alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "tests", f"GIT_{role}_EMAIL": "tests@prisma.example"}
        environment[f"GIT_{role}_DATE"] = "2026-11-20T09:00:00Z"
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    command = ["git", *arguments]
    finished = subprocess.run(command, cwd=workspace, env=environment, capture_output=True, text=True, check=False)
    return finished.returncode, finished.stdout, finished.stderr


def steps_of(text: str) -> list[Step]:
    """Return the commands of a transcript; what they printed when it was written is not kept."""
    steps: list[Step] = []
    before: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        if line.startswith("$ "):
            command = line[2:]
            while command.endswith("\\"):
                command += "\n" + next(lines)
            steps.append(Step(command, before))
            before = []
        elif line == "<" or line.startswith("< "):
            steps[-1].given.append(line[2:])
        elif not line.startswith(("| ", "! ", "? ")) and line not in {"|", "!"}:
            before.append(line)
    assert not before, "a transcript ends with the output of a command"
    return steps


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: str(path.relative_to(FOLDER).with_suffix("")))
def test_transcript(path: Path, tmp_path: Path, golden: Callable[[Path, str], None]) -> None:
    workspace = shutil.copytree(FOLDER / "_workspace", tmp_path / "workspace")
    steps = steps_of(path.read_text(encoding="utf-8"))
    told = "".join(f"{line}\n" for step in steps for line in step.lines(workspace))
    assert "? 3\n" not in told, "a bug is never what a transcript shows"
    golden(path, told)


def test_transcripts_are_found() -> None:
    assert len(TRANSCRIPTS) > 10


def test_a_different_output_fails(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a\n", encoding="utf-8")
    (step,) = steps_of("Says so.\n\n$ show a.txt\n| b\n")
    assert list(step.lines(tmp_path)) == ["Says so.", "", "$ show a.txt", "| a"]
