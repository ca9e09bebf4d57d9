"""The same totals, bit for bit, on every engine: threads, dask in this process, and a cluster that loses workers."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from prisma_batch.base.errors import RecordsNotRight, UsageProblem
from prisma_batch.engines.dask import DaskEngine, grouped
from prisma_batch.engines.engine import Engine, Work
from prisma_batch.engines.local import PIECES_AHEAD, LocalEngine
from prisma_batch.engines.registry import engine_named
from prisma_batch.readers.files import blob_id, sha256
from prisma_batch.readers.usage import csv_cells, files
from prisma_batch.readers.usage.files import Hashes
from tests.engines.usage import as_dict, digest, expected, metered, rows, write_files
from tests.jobs.recipes import REPOSITORY

USAGE = rows(9_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("usage")
    write_files(folder, USAGE)
    return folder


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in many parts, none of which is held."""
    monkeypatch.setattr(csv_cells.blocks, "__defaults__", (4_000,))
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 0)


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize(
    "engine",
    [LocalEngine(1), LocalEngine(2), LocalEngine(5), *(DaskEngine(groups=count) for count in (1, 2, 7, 0))],
    ids=repr,
)
def test_every_engine_gives_the_same(folder: Path, engine: Engine) -> None:
    found = metered(folder, engine)
    assert as_dict(found.totals) == expected(USAGE)
    assert digest(found) == digest(metered(folder, LocalEngine(1)))


def test_held_files_give_the_same_as_files_read_in_parts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = digest(metered(folder, LocalEngine(1)))
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 0)
    assert digest(metered(folder, LocalEngine(2))) == held


@pytest.mark.usefixtures("small_parts")
@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="the system does not count what is read")
def test_csv_is_read_once_for_its_rows_and_its_hashes(tmp_path: Path) -> None:
    def read_bytes() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    lines = "A,p,s,2026-10-01,1,h\n" * 100_000
    (tmp_path / "u.csv").write_text(f"account,program,sku,usage_date,quantity,unit\n{lines}")
    before = read_bytes()
    found = metered(tmp_path, LocalEngine(2))
    assert read_bytes() - before < 1.2 * (tmp_path / "u.csv").stat().st_size
    assert found.hashes["u.csv"].sha256 == sha256((tmp_path / "u.csv").read_bytes())


@pytest.mark.usefixtures("small_parts")
def test_equal_files_count_once_and_others_of_their_size_too(tmp_path: Path) -> None:
    header = "account,program,sku,usage_date,quantity,unit\n"
    for name, quantity in {"a": 1, "b": 2, "c": 1}.items():
        (tmp_path / f"{name}.csv").write_text(f"{header}A,p,s,2026-10-01,{quantity},h\n")
    found = metered(tmp_path, LocalEngine(2))
    assert found.repeated == {"c.csv": "a.csv"}
    assert found.totals["quantity_scaled"].tolist() == [3_000_000]
    assert found.hashes == {
        name: Hashes(sha256(content), blob_id(content))
        for name in ("a.csv", "b.csv")
        if (content := (tmp_path / name).read_bytes())
    }


@pytest.mark.parametrize("engine", [LocalEngine(2), DaskEngine(groups=3)], ids=repr)
def test_a_failure_ends_the_work(folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 0)
    monkeypatch.setattr(files, "_stamp", lambda opened: (os.fstat(opened.fileno()).st_size, time.monotonic_ns()))
    with pytest.raises(RecordsNotRight):
        metered(folder, engine)


@pytest.mark.parametrize("is_sorted", [True, False])
def test_months_of_row_groups_are_those_of_their_rows(tmp_path: Path, is_sorted: bool) -> None:
    """Sorted by day, most row groups lie in one month, and their days are not read; else none does."""
    usage = sorted(USAGE[:3_000], key=lambda row: row[3]) if is_sorted else USAGE[:3_000]
    write_files(tmp_path, usage, row_group_size=50)
    found = metered(tmp_path, LocalEngine(2), daily=frozenset())
    assert as_dict(found.totals) == expected(usage, daily=frozenset())


def test_parts_are_read_ahead_and_added_up_in_order() -> None:
    read, most = [], 0

    def pieces(part: int) -> Iterator[int]:
        for number in range(part * 100, part * 100 + 100):
            read.append(number)
            yield number

    def add(numbers: Iterable[int]) -> list[int]:
        nonlocal most
        added = []
        for number in numbers:
            added.append(number)
            time.sleep(0.0005)
            most = max(most, len(read) - len(added))
        return added

    work = Work(parts=lambda _: iter(range(7)), read=pieces, add=add, combine=lambda found: found[0], size=int, whole=7)
    assert LocalEngine(3).result(work, lambda _: None) == list(range(700))
    assert 0 < most <= 3 * (PIECES_AHEAD + 1)


@pytest.mark.parametrize(("reads_slowly", "readers"), [(True, 3), (False, 2)])
def test_one_reader_less_where_adding_takes_as_long(reads_slowly: bool, readers: int) -> None:
    threads: set[int] = set()
    barrier = threading.Barrier(readers)

    def pieces(part: int) -> Iterator[int]:
        threads.add(threading.get_ident())
        if part < readers:
            barrier.wait(10)
        yield part

    work = Work(
        parts=lambda _: iter(range(9)),
        read=pieces,
        add=list,
        combine=lambda found: found[0],
        size=int,
        whole=9,
        reads_slowly=reads_slowly,
    )
    assert LocalEngine(3).result(work, lambda _: None) == list(range(9))
    assert len(threads) == readers


def test_threads_end_where_adding_fails() -> None:
    def add(numbers: Iterable[int]) -> list[int]:
        next(iter(numbers))
        raise UsageProblem("no")

    work = Work(
        parts=lambda _: iter(range(7)),
        read=lambda _: iter(range(1_000)),
        add=add,
        combine=lambda found: found[0],
        size=int,
        whole=7,
    )
    before = threading.active_count()
    with pytest.raises(UsageProblem):
        LocalEngine(3).result(work, lambda _: None)
    assert threading.active_count() == before


def test_without_a_cluster_all_parts_are_added_up_once_and_read_ahead() -> None:
    """Cells that two groups meet would have to be joined, and be there twice."""
    added: list[list[int]] = []
    readers: set[int] = set()

    def pieces(part: int) -> Iterator[int]:
        readers.add(threading.get_ident())
        yield part

    def add(numbers: Iterable[int]) -> list[int]:
        added.append(list(numbers))
        return added[-1]

    work = Work(
        parts=lambda _: iter(range(9)), read=pieces, add=add, combine=lambda found: found[0], size=int, whole=10**9
    )
    assert DaskEngine().result(work, lambda _: None) == list(range(9))
    assert len(added) == 1
    assert len(os.sched_getaffinity(0)) == 1 or threading.get_ident() not in readers


def test_groups_are_about_equal_and_in_order() -> None:
    groups = grouped([5, 1, 1, 1, 9, 3, 4], lambda size: size, 3)
    assert [part for group in groups for part in group] == [5, 1, 1, 1, 9, 3, 4]
    assert [sum(group) for group in groups] == [8, 9, 7]
    assert grouped([], lambda size: size, 3) == []
    assert grouped([1, 1], lambda size: size, 7) == [[1], [1]]


def test_a_scheduler_is_for_dask() -> None:
    with pytest.raises(UsageProblem):
        engine_named("local", "tcp://127.0.0.1:1")
    assert engine_named("dask", "tcp://127.0.0.1:1") == DaskEngine("tcp://127.0.0.1:1")


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler and three workers, each a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ["dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = ["dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    started = [
        subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{command[0]}", *command[1:]],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in (scheduler, worker, worker, worker)
    ]
    yield address, started[1:]
    for process in started:
        process.kill()
        process.wait()


def test_the_same_on_a_cluster_that_loses_two_workers(
    tmp_path: Path, cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    from distributed import Client  # noqa: PLC0415 - only this test needs a cluster

    address, workers = cluster
    usage = rows(6_000, seed=11)
    write_files(tmp_path, usage, row_group_size=40)
    with Client(address, timeout=60, set_as_default=False) as client:
        client.wait_for_workers(3, timeout=60)
    said: list[str] = []

    def tell(text: str) -> None:
        said.append(text)
        if len(said) in (3, 9):
            victim = workers[len(said) // 6]
            os.kill(victim.pid, signal.SIGKILL)
            assert victim.wait(timeout=10) == -signal.SIGKILL

    found = metered(tmp_path, DaskEngine(address, groups=40), tell)
    assert [worker.poll() is None for worker in workers] == [False, False, True]
    assert as_dict(found.totals) == expected(usage)
    assert digest(found) == digest(metered(tmp_path, LocalEngine(1)))


def test_a_scheduler_that_does_not_answer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("prisma_batch.engines.dask._SECONDS_TO_CONNECT", 0.2)
    with pytest.raises(UsageProblem, match="no dask scheduler answers"):
        metered(folder, DaskEngine("tcp://127.0.0.1:9"))
