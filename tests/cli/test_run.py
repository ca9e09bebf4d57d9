"""The command line of ``run``: exit statuses, what goes where, and what never shows."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.jobs import reconcile as job
from tests.jobs.recipes import (
    OCTOBER,
    REPOSITORY,
    contents,
    copy_records,
    edit,
    finished,
    prisma_batch,
    published,
    start,
)


def sum_of(equation: str) -> Decimal:
    """Add up what a line of the ledger says; zero where it says all of it."""
    amounts = {name.strip(): Decimal(amount) for name, amount in re.findall(r"([a-z ]+) (-?[0-9.]+)", equation)}
    subtracted = ("credit notes", "payments", "adjustments", "closing")
    return sum((-amount if name in subtracted else amount for name, amount in amounts.items()), Decimal())


def test_published_month_exits_0(example: Path, tmp_path: Path) -> None:
    status, stdout, stderr = finished(start(example, "run", "2026-10", "--out", str(tmp_path / "october")))
    assert (status, stderr) == (0, "")
    assert "11041.79" in stdout
    assert {sum_of(line) for line in stdout.splitlines() if " opening " in line} == {0}
    assert stdout.endswith("summary.md).\n")
    assert contents(tmp_path / "october") == contents(example / OCTOBER)


def test_directory_option_works_as_in_git(example: Path, tmp_path: Path) -> None:
    arguments = ("-C", str(example), "run", "2026-10", "--out")
    status, stdout, _ = finished(start(tmp_path, *arguments, str(tmp_path / "absolute")))
    assert (status, "11041.79" in stdout) == (0, True)
    relative = os.path.relpath(tmp_path / "relative", example)
    assert published(example, "run", "2026-10", "--out", relative)
    assert contents(tmp_path / "absolute") == contents(tmp_path / "relative")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Missing argument"),
        (("2026-13",), "YYYY-MM"),
        (("10-2026",), "YYYY-MM"),
        (("2026-1",), "YYYY-MM"),
        (("２０２６-１０",), "YYYY-MM"),
        (("october",), "YYYY-MM"),
        (("0000-01",), "YYYY-MM"),
        (("2026-10", "2026-11"), "unexpected extra argument"),
        (("2026-10", "--as-of", "soon"), "YYYY-MM-DD"),
        (("2026-10", "--as-of", "2026-11-31"), "YYYY-MM-DD"),
        (("2026-10", "--as-of", "20261115"), "YYYY-MM-DD"),
        (("2026-10", "--as-of", "2026-10-15"), "2026-10-15"),
        (("2026-10", "--as-of", "2026-10-01"), "2026-10-15"),
        (("2026-08",), "2026-09"),
        (("1999-12",), "2026-09"),
        (("2026-09",), "--reopen"),
        (("2026-10", "--usage", "absent.csv"), "absent.csv"),
        (("2026-10", "--payments", "absent"), "absent"),
        (("2026-10", "--force"), "--force"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2(example: Path, arguments: tuple[str, ...], told: str) -> None:
    before = contents(example / "reports")
    result = prisma_batch(example, "run", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert contents(example / "reports") == before


def test_as_of_can_be_later_than_the_closing_day(example: Path, tmp_path: Path) -> None:
    said = published(example, "run", "2026-10", "--as-of", "2026-11-30", "--out", str(tmp_path / "later"))
    assert said.startswith("2026-10 as of 2026-11-30\n")


def test_first_period_without_a_report_before_it(tmp_path: Path) -> None:
    result = prisma_batch(copy_records(tmp_path), "run", "2026-09", "--as-of", "2026-09-15")
    assert (result.exit_code, "2026-09-15" in result.stderr) == (2, True)


@pytest.mark.parametrize("option", ["--out", "--tables-only"])
def test_refused_records_exit_1(tmp_path: Path, option: str) -> None:
    workspace = copy_records(tmp_path / "workspace")
    edit(workspace / "invoices/COLL-001/INV-2026-0109.yaml", "558.77", "558.78")
    options = {"--out": ["--out", "../elsewhere"], "--tables-only": ["--tables-only"]}[option]
    result = prisma_batch(workspace, "run", "2026-09", *options)
    assert result.exit_code == 1
    assert result.stdout.startswith("invoices/COLL-001/INV-2026-0109.yaml:")
    assert re.fullmatch(r"prisma-batch: \d+ errors? in the records\n", result.stderr)
    assert not (tmp_path / "elsewhere").exists()
    assert contents(workspace / "reports") == {}


def test_settings_that_are_not_right_exit_1(tmp_path: Path) -> None:
    workspace = copy_records(tmp_path)
    edit(workspace / "prisma.yaml", "first_period: 2026-09", "first_period: soon")
    result = prisma_batch(workspace, "run", "2026-09")
    assert (result.exit_code, result.stdout.startswith("prisma.yaml:")) == (1, True)


def fails(error: Exception) -> Callable[..., Any]:
    def failing(*_: object, **__: object) -> None:
        raise error

    return failing


def test_bug_exits_3_with_a_log_and_no_traceback(
    example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(example / "reports")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(job, "plan_messages", fails(RuntimeError("jane@acme.example")))
    result = prisma_batch(example, "run", "2026-10")
    matched = re.fullmatch(r"prisma-batch: this is a bug \(RuntimeError\); what happened is in (\S+)\n", result.stderr)
    assert (result.exit_code, result.stdout) == (3, "")
    assert matched
    log = Path(matched[1])
    assert "plan_messages" in log.read_text(encoding="utf-8")
    assert log.stat().st_mode & 0o077 == 0, "what happened may name customers"
    assert contents(example / "reports") == before


def test_bug_is_one_line_where_no_log_can_be_written(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(example / "absent"))
    monkeypatch.setattr(job, "plan_messages", fails(RuntimeError("jane@acme.example")))
    result = prisma_batch(example, "run", "2026-10")
    assert result.exit_code == 3
    assert result.stderr.startswith("prisma-batch: this is a bug (RuntimeError)")
    assert result.stderr.count("\n") == 1


def test_what_the_machine_refuses_is_no_bug(example: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file", encoding="utf-8")
    result = prisma_batch(example, "run", "2026-10", "--out", str(tmp_path / "taken" / "october"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert re.fullmatch(r"prisma-batch: \S+ cannot be read or written: [\w ]+\n", result.stderr), result.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_a_full_disk_is_no_bug(example: Path) -> None:
    command = [sys.executable, "-m", "prisma_batch", "explain", "DELTA-001"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        explained = subprocess.run(
            command, cwd=example, env=environment, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert explained.returncode == 2
    assert explained.stderr == "prisma-batch: the output cannot be read or written: No space left on device\n"


def test_closed_pipe_is_no_bug(example: Path, tmp_path: Path) -> None:
    """``prisma-batch run … | head -0``: what was published stays published."""
    command = [sys.executable, "-m", "prisma_batch", "run", "2026-10", "--out", str(tmp_path / "october")]
    reading, writing = os.pipe()
    os.close(reading)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(command, cwd=example, env=environment, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert b"Traceback" not in run.stderr
    assert b"bug" not in run.stderr
    assert contents(tmp_path / "october") == contents(example / OCTOBER)


def test_output_is_plain_when_piped(example: Path, tmp_path: Path) -> None:
    _, stdout, stderr = finished(
        start(example, "run", "2026-10", "--out", str(tmp_path / "october"), FORCE_COLOR="1", TERM="xterm-256color")
    )
    assert "\x1b" not in stdout + stderr
    assert stderr == ""


def test_dask_publishes_the_same(example: Path, tmp_path: Path) -> None:
    result = prisma_batch(example, "run", "2026-10", "--engine", "dask", "--out", str(tmp_path / "october"))
    assert result.exit_code == 0, result.output
    assert contents(tmp_path / "october") == contents(example / OCTOBER)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--scheduler", "tcp://127.0.0.1:9"), "--scheduler is an option of --engine dask"),
        (("--engine", "dask", "--scheduler", "nowhere"), "no dask scheduler answers at nowhere"),
        (("--engine", "spark"), "is not one of"),
    ],
)
def test_wrong_engine_is_wrong_usage(example: Path, options: tuple[str, ...], said: str) -> None:
    result = prisma_batch(example, "run", "2026-10", *options)
    assert result.exit_code == 2
    assert said in result.stderr
