"""What a command is started in: a folder that is no workspace, streams that are closed."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.recipes import REPOSITORY, prisma_batch

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
    shell = f'exec "$0" -m prisma_batch {command} 2>&-'
    finished = subprocess.run(["sh", "-c", shell, sys.executable], cwd=REPOSITORY, stdout=subprocess.PIPE, check=False)
    assert finished.returncode == 0
    assert finished.stdout
