"""A run publishes all or nothing: when it is killed, when the disk is full, when two run at once, while others read."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from prisma_batch.writers.publish import locked
from tests.jobs.recipes import OCTOBER, REPOSITORY, contents, finished, prisma_batch, published, start

# Runs a month in copies of a workspace, each in a process that is killed at another step.
KILLED_RUNS = """
import os, sys
from prisma_batch.cli.main import main
from prisma_batch.jobs import run
from prisma_batch.writers import publish
from tests.jobs.killed import is_killed, steps_of

def run_month(workspace):
    main(["-C", workspace, "run", "2026-10"], standalone_mode=False)

os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
swap, counted, *workspaces = sys.argv[1:]
if swap == "two steps":
    publish._exchange = lambda one, other: False
steps = steps_of(lambda: run_month(counted))
for number, workspace in enumerate(workspaces, 1):
    killed = is_killed(lambda: run_month(workspace), steps * number // (len(workspaces) + 1))
    assert killed, workspace
"""

# Runs a month on a system that cannot exchange folders, killed between the two renames.
HALF_SWAPPED_RUN = """
import os, signal, sys
from pathlib import Path
from prisma_batch.cli.main import main
from prisma_batch.writers import publish

rename = Path.rename

def killed(path, target):
    if path.name.endswith(".staging"):
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(path, target)

Path.rename = killed
publish._exchange = lambda one, other: False
main(["-C", sys.argv[1], "run", sys.argv[2], *sys.argv[3:]])
"""

FULL_DISK_RUN = """
import resource, sys
from prisma_batch.cli.main import main
from prisma_batch.jobs import run
from prisma_batch.writers import html, terminal

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
main(["run", "2026-10"])
"""


def python(cwd: Path, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )


def is_whole(folder: Path) -> bool:
    """Say whether every file of a published folder is what its manifest says, and there are no others."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    listed = {output["path"]: output["sha256"] for output in manifest["outputs"]}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents(folder).items()}
    return {**found, "manifest.json": ""} == {**listed, "manifest.json": ""}


def leftovers(workspace: Path) -> list[str]:
    return sorted(path.name for path in (workspace / "reports").iterdir() if path.name.startswith("."))


@pytest.mark.parametrize(("swap", "kills"), [("one step", 2), ("two steps", 1)])
def test_killed_run_leaves_a_whole_report(example: Path, tmp_path: Path, swap: str, kills: int) -> None:
    new = contents(example / OCTOBER)
    first = shutil.copytree(example, tmp_path / "0")
    published(first, "run", "2026-10", "--as-of", "2026-11-14")  # so that the old report differs from the new one
    old = contents(first / OCTOBER)
    workspaces = [shutil.copytree(first, tmp_path / str(number)) for number in range(1, kills + 1)]
    killed = python(tmp_path, KILLED_RUNS, swap, str(first), *map(str, workspaces))
    assert killed.returncode == 0, killed.stderr
    assert contents(first / OCTOBER) == new != old
    for workspace in workspaces:
        if (workspace / OCTOBER).exists():
            assert contents(workspace / OCTOBER) in (old, new), workspace.name
        published(workspace, "run", "2026-10")
        assert contents(workspace / OCTOBER) == new, workspace.name
        assert is_whole(workspace / OCTOBER)
        assert set(leftovers(workspace)) <= {".lock"}


@pytest.mark.parametrize("command", [["run", "2026-10"], ["run", "2026-09", "--reopen"]], ids=" ".join)
def test_half_swapped_report_is_repaired(workspace: Path, example: Path, command: list[str]) -> None:
    assert python(workspace, HALF_SWAPPED_RUN, str(workspace), "2026-10").returncode == -signal.SIGKILL
    assert not (workspace / OCTOBER).exists()
    published(workspace, *command)
    assert contents(workspace / "reports") == contents(example / "reports")
    assert set(leftovers(workspace)) <= {".lock"}


def test_half_swapped_report_still_closes_the_period_before(workspace: Path, example: Path) -> None:
    python(workspace, HALF_SWAPPED_RUN, str(workspace), "2026-10")
    result = prisma_batch(workspace, "run", "2026-09")
    assert (result.exit_code, "--reopen" in result.stderr) == (2, True)
    assert contents(workspace / "reports") == contents(example / "reports")


def test_half_swapped_report_is_what_the_next_period_starts_from(workspace: Path) -> None:
    assert python(workspace, HALF_SWAPPED_RUN, str(workspace), "2026-09", "--reopen").returncode == -signal.SIGKILL
    published(workspace, "run", "2026-10")
    manifest = json.loads((workspace / OCTOBER / "manifest.json").read_bytes())
    assert manifest["previous"]["period"] == "2026-09"


def test_full_disk_leaves_the_old_report(workspace: Path, example: Path) -> None:
    largest = max(len(content) for content in contents(example / OCTOBER).values())
    for limit_bytes in (20_000, 8_000, 0):
        assert largest > limit_bytes
        run = python(workspace, FULL_DISK_RUN, str(limit_bytes))
        assert run.returncode > 0
        assert "Traceback" not in run.stderr
        assert run.stderr.startswith("prisma-batch: ")
        assert contents(workspace / "reports") == contents(example / "reports")
    published(workspace, "run", "2026-10")
    assert contents(workspace / "reports") == contents(example / "reports")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folder_that_cannot_be_written_leaves_the_old_report(workspace: Path, example: Path) -> None:
    (workspace / "reports").chmod(0o555)
    result = prisma_batch(workspace, "run", "2026-10")
    (workspace / "reports").chmod(0o755)
    assert result.exit_code > 0
    assert contents(workspace / "reports") == contents(example / "reports")


def test_second_run_is_refused(workspace: Path, example: Path) -> None:
    with locked(workspace / "reports"):
        result = prisma_batch(workspace, "run", "2026-10")
    assert result.exit_code == 2
    assert result.stderr == "prisma-batch: another run is writing to reports: wait for it to end\n"
    assert contents(workspace / "reports") == contents(example / "reports")


def test_two_runs_at_once(workspace: Path, example: Path) -> None:
    first = start(workspace, "run", "2026-10")
    deadline = time.monotonic() + 120
    while not (workspace / "reports" / ".2026-10.staging").exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    first.send_signal(signal.SIGSTOP)
    second = prisma_batch(workspace, "run", "2026-10")
    first.send_signal(signal.SIGCONT)
    assert (second.exit_code, second.stdout) == (2, "")
    assert "another run" in second.stderr
    assert finished(first)[0] == 0
    assert contents(workspace / "reports") == contents(example / "reports")


def test_run_beside_the_reports_waits_for_no_swap_in_them(workspace: Path) -> None:
    """A run into another folder starts from the reports, so it must not read them while another run swaps them."""
    with locked(workspace / "reports"):
        assert prisma_batch(workspace, "run", "2026-10", "--out", "../elsewhere/october").exit_code == 2


class Reader(threading.Thread):
    """Reads a published folder again and again; what changed while it was read says nothing and is not judged."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.stopping = folder, threading.Event()
        self.whole, self.torn, self.absent = 0, 0, 0

    def run(self) -> None:
        while not self.stopping.is_set():
            time.sleep(0.002)
            self.absent += not self.folder.is_dir()
            try:
                before = (self.folder / "manifest.json").read_bytes()
                whole = is_whole(self.folder)
                after = (self.folder / "manifest.json").read_bytes()
            except FileNotFoundError:
                continue
            self.whole += whole
            self.torn += before == after and not whole


def test_reader_always_sees_a_whole_report(tmp_path: Path) -> None:
    workspace = shutil.copytree(REPOSITORY / "tests" / "examples" / "_base", tmp_path / "workspace")
    days = [date(2026, 10, 20) + timedelta(days=number) for number in range(8)]
    published(workspace, "run", "2026-10", "--tables-only", "--as-of", "2026-10-19")
    reader = Reader(workspace / OCTOBER)
    reader.start()
    for day in days:
        published(workspace, "run", "2026-10", "--tables-only", "--as-of", day.isoformat())
    reader.stopping.set()
    reader.join()
    assert (reader.torn, reader.absent) == (0, 0)
    assert reader.whole > len(days)


@pytest.mark.parametrize(
    ("period", "target"),
    [("2026-09", "reports/2026-09"), ("2026-10", "reports/2026-09")],
)
def test_out_is_no_way_around_a_closed_period(workspace: Path, example: Path, period: str, target: str) -> None:
    assert prisma_batch(workspace, "run", period, "--out", target).exit_code == 2
    assert contents(workspace / "reports") == contents(example / "reports")


@pytest.mark.parametrize(
    "files",
    [
        {"keep/notes.txt": b"mine"},
        {"keep/manifest.json": b'{"name": "a web app"}', "keep/app.js": b"x"},
        {"keep": b"a"},
    ],
    ids=["notes", "web app", "file"],
)
def test_out_refuses_what_is_not_ours(workspace: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_bytes(content)
    before = contents(workspace)
    result = prisma_batch(workspace, "run", "2026-10", "--out", "keep")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "keep" in result.stderr
    assert contents(workspace) == before


def test_out_leaves_the_reports_alone(workspace: Path, example: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "october"
    published(workspace, "run", "2026-10", "--out", str(target))
    assert contents(target) == contents(example / OCTOBER)
    assert contents(workspace / "reports") == contents(example / "reports")
    assert [path.name for path in target.parent.iterdir() if not path.name.startswith(".")] == ["october"]
