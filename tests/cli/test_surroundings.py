"""What a command is started in and with: no workspace, closed streams, days without any after them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.recipes import REPOSITORY, copy_records, edit, prisma_batch

PERSON = "--email a@b.example --first-name A --last-name B"


@pytest.mark.parametrize(
    "command",
    [
        "allocate PAYMENT",
        "case assess CASE-1",
        "case list",
        "case log CASE-1 --summary s --direction in",
        "case open ACME-001 --kind other --subject s",
        "case resolve CASE-1 --summary s",
        f"contacts add ACME-001 --type billing {PERSON}",
        f"contacts create ACME-001 --name A --partner p {PERSON}",
        "contacts erase ACME-001 --email a@b.example",
        "contacts export",
        "contacts list",
        "contacts pull northwind",
        "contacts remove ACME-001 --type billing --email a@b.example",
        "contacts show ACME-001",
        "contacts verify ACME-001 --email a@b.example",
        "estimate ACME-001 2026-10",
        "explain ACME-001",
        "export 2026-10 --format csv",
        "fmt",
        "notify --as-of 2026-10-20",
        "run 2026-10",
        "send 2026-10",
        "send 2026-10 --bounces . --confirm",
        "validate",
    ],
)
def test_outside_a_workspace_nothing_is_written(tmp_path: Path, command: str) -> None:
    result = prisma_batch(tmp_path, *command.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert "not a workspace" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["validate --as-of 2026-11-20", "explain DELTA-001"])
def test_a_job_that_was_started_without_stderr_ends_as_it_should(command: str) -> None:
    finished = in_shell(REPOSITORY, f"prisma_batch {command} 2>&-")
    assert (finished.returncode, bool(finished.stdout)) == (0, True)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
@pytest.mark.parametrize("command", ["validate --as-of 2026-11-20", "fmt --check contacts"])
def test_talk_that_nobody_takes_changes_nothing(command: str) -> None:
    assert in_shell(REPOSITORY, f"prisma_batch {command} 2>/dev/full").returncode == 0


def test_findings_that_nobody_reads_to_the_end_are_no_bug(tmp_path: Path) -> None:
    workspace = copy_records(tmp_path)
    edit(workspace / "invoices/COLL-001/INV-2026-0109.yaml", "558.77", "558.78")
    finished = in_shell(workspace, "{ prisma_batch run 2026-09; echo $? >status; } | true")
    assert ((workspace / "status").read_text(), finished.stderr) == ("1\n", "")


@pytest.mark.parametrize(
    "command", ["export 2026-09 --format csv", "contacts show COLL-001", "estimate COLL-001 2026-11"]
)
def test_what_is_kept_or_read_by_programs_holds_no_findings(tmp_path: Path, command: str) -> None:
    workspace = copy_records(tmp_path)
    edit(workspace / "contacts/COLL-001.yaml", "language: fr", "langauge: fr")
    result = prisma_batch(workspace, *command.split())
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("contacts/COLL-001.yaml:5:1: schema-unknown-key: ")
    assert result.stderr.endswith("prisma-batch: 1 error in the records\n")


@pytest.mark.parametrize("options", ["", "-C /tmp"])
def test_a_folder_that_was_removed_meanwhile_is_told(tmp_path: Path, options: str) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    finished = in_shell(folder, f"rmdir {folder}; prisma_batch {options} validate")
    assert (finished.returncode, "folder is not there any more" in finished.stderr) == (2, True)


@pytest.mark.parametrize(
    "command",
    [
        "run 9999-11",
        "run 2026-10 --as-of 9999-12-31",
        "export 9999-12 --format csv",
        "explain DELTA-001 --period 9999-12",
        "explain DELTA-001 --as-of 9999-12-31",
        "notify --as-of 9999-12-31",
        "case list --at 9999-12-31T23:59:59-12:00",
        "case open DELTA-001 --kind other --subject s --at 0001-01-01T00:00:00+12:00",
        "case assess CASE-2026-0001 --at 9999-12-31",
    ],
)
def test_days_are_looked_at_that_have_days_before_and_after_them(command: str) -> None:
    result = prisma_batch(REPOSITORY, *command.split())
    assert (result.exit_code, result.stdout) == (2, "")
    assert "its year is from 1900 to 2999" in result.stderr


def in_shell(folder: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell in which ``prisma_batch`` is the program."""
    program = f"{sys.executable} -m prisma_batch"
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(
        ["sh", "-c", line.replace("prisma_batch", program)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
