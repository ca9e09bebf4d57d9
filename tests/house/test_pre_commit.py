"""The hooks, installed and run by pre-commit itself in a repository of somebody else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "tests/examples/_base"
CUSTOMER = "contacts/ACME-001.yaml"
NEEDED = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "prisma.yaml")
FOLDERS = (
    *("agreements", "cases", "contacts", "docs/help", "invoices", "payments", "prisma_batch"),
    *("reports/2026-09", "schemas", "templates", "usage"),
)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PRE_COMMIT"))},
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@prisma.example"),
}


def run(folder: Path, *command: str, **environment: str) -> tuple[int, str]:
    finished = subprocess.run(
        command,
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout


def committed(folder: Path) -> Path:
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "all"]):
        status, said = run(folder, "git", *command)
        assert status == 0, said
    return folder


def copy_of_the_tool(folder: Path) -> Path:
    """Commit what the wheel is built of, as it is now, to a repository of its own."""
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in NEEDED:
        shutil.copy(ROOT / name, folder)
    return committed(folder)


def test_hooks_work_through_pre_commit(tmp_path: Path) -> None:
    pre_commit = Path(sys.executable).parent / "pre-commit"
    if not pre_commit.exists():
        pytest.skip("pre-commit is not installed: pip install -e '.[dev]'")
    if not os.environ.get("PRISMA_ONLINE"):
        pytest.skip("installs the tool from PyPI's packages: set PRISMA_ONLINE=1")
    tool = copy_of_the_tool(tmp_path / "tool")
    records = committed(shutil.copytree(EXAMPLE, tmp_path / "records"))
    customer = records / CUSTOMER

    def hook(name: str) -> tuple[int, str]:
        run(records, "git", "add", "--all")
        return run(records, str(pre_commit), "try-repo", str(tool), name, PRE_COMMIT_HOME=str(tmp_path / "home"))

    right = customer.read_text("utf-8")
    customer.write_text(right.replace("Uma", "Una"), encoding="utf-8")
    status, said = hook("prisma-batch-validate")
    assert (status, "Passed" in said) == (0, True), said

    customer.write_text(right.replace("uma.vale@acme.example", "uma.vale@acme"), encoding="utf-8")
    status, said = hook("prisma-batch-validate")
    assert (status, "contacts/ACME-001.yaml:18:7: email-invalid" in said) == (1, True), said

    customer.write_text(right.replace("account: ACME-001", "account:   ACME-001"), encoding="utf-8")
    status, said = hook("prisma-batch-fmt")
    assert (status, "files were modified by this hook" in said) == (1, True), said
    assert customer.read_text("utf-8") == right
