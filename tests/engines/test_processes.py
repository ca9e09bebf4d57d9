"""Processes beside this one: the same whatever their number, in order, and none is left over."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.engines.processes import made_in_order
from tests.engines import made
from tests.jobs.recipes import REPOSITORY

# Tells the ids of its processes, and goes on working until it is ended.
ENDLESS = """
import signal
from itertools import count
from prisma_batch.engines.processes import made_in_order
from tests.engines.made import process_ids

signal.signal(signal.SIGINT, signal.default_int_handler)  # what runs in the background may ignore it
with made_in_order(process_ids, count(), 2) as ids:
    for process_id in ids:
        print(process_id, flush=True)
"""


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_are_in_order(processes: int) -> None:
    with made_in_order(partial(made.squares, 1), range(40), processes) as squares:
        assert list(squares) == [number**2 + 1 for number in range(40)]


def test_the_work_is_done_elsewhere_by_all_of_them() -> None:
    seen = set[int]()
    with made_in_order(made.process_ids, range(100_000), 2) as ids:
        while len(seen) < 2:  # one may have begun well before the other
            seen.add(next(ids))
    assert os.getpid() not in seen
    assert not any(map(is_running, seen))


def test_parts_are_taken_as_there_is_room() -> None:
    taken = []

    def parts() -> Iterator[int]:
        for number in range(50):
            taken.append(number)
            yield number

    with made_in_order(made.squares, parts(), 2) as squares:
        ahead = [len(taken) - number for number, _ in enumerate(squares)]
    assert max(ahead) <= 5
    assert len(taken) == 50


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize(("how", "message"), [("begin", "nothing can begin"), ("raised", "5 is too much")])
def test_an_error_is_the_one_that_was_raised(processes: int, how: str, message: str) -> None:
    with (
        pytest.raises(UsageProblem, match=message),
        made_in_order(partial(made.failing, how), range(9), processes) as it,
    ):
        list(it)


def test_a_process_that_dies_ends_the_work() -> None:
    with (
        pytest.raises(BrokenProcessPool, match="terminated abruptly"),
        made_in_order(partial(made.failing, "killed"), range(9), 2) as it,
    ):
        list(it)


def test_nothing_is_imported_from_where_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("multiprocessing", "pickle", "prisma_batch", "resource", "tests"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the workspace')\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    with made_in_order(made.squares, range(3), 2) as squares:
        assert list(squares) == [0, 1, 4]
    assert "PYTHONSAFEPATH" not in os.environ


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_none_is_left_over(how: signal.Signals) -> None:
    command, environment = [sys.executable, "-c", ENDLESS], {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as parent:
        assert parent.stdout
        ids = {int(parent.stdout.readline()) for _ in range(100)}
        parent.send_signal(how)
        parent.stdout.read()
    deadline = time.monotonic() + 20
    while any(map(is_running, ids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert ids
    assert not any(map(is_running, ids))


def is_running(process_id: int) -> bool:
    """Say whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
