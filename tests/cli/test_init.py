"""The command line of ``init``: exit statuses, options that exclude each other, and what is said."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs.recipes import prisma_batch

EXPORT = (
    "BilledCost,BillingAccountId,BillingCurrency,ChargePeriodStart,ContractedUnitPrice,PricingQuantity,ProviderName\n"
    "6,B-1,USD,2024-09-03,2,3,Aurora Cloud\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an export and another folder in it."""
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine", encoding="utf-8")
    return tmp_path


def test_empty(folder: Path) -> None:
    started = prisma_batch(folder, "init", "my records")
    assert (started.exit_code, started.stdout) == (0, "")
    assert "next: prisma-batch -C 'my records' validate\n" in started.stderr
    checked = prisma_batch(folder / "my records", "validate")
    assert (checked.exit_code, "no records to check" in checked.stderr) == (2, True)


def test_demo(folder: Path) -> None:
    started = prisma_batch(folder, "init", "demo", "--demo")
    assert (started.exit_code, started.stdout) == (0, "")
    assert started.stderr.endswith("then: prisma-batch -C demo run 2026-10\n")
    assert prisma_batch(folder / "demo", "validate", "--as-of", "2026-11-15").exit_code == 0
    assert prisma_batch(folder / "demo", "run", "2026-10").exit_code == 0


def test_from_focus(folder: Path) -> None:
    started = prisma_batch(folder, "init", "ws", "--from-focus", "export.csv", "--contact", "billing@acme.example")
    assert (started.exit_code, started.stdout) == (0, "")
    assert "drafted: 1 account, 1 rate, 1 document\n" in started.stderr
    assert "legal names" in started.stderr
    assert "billing@acme.example" not in started.stderr
    assert prisma_batch(folder / "ws", "validate").exit_code == 0
    assert prisma_batch(folder / "ws", "run", "2024-09").exit_code == 0


def test_current_folder(folder: Path) -> None:
    (folder / "new").mkdir()
    started = prisma_batch(folder / "new", "init", ".", "--demo")
    assert started.stderr == "created the workspace .\nnext: prisma-batch validate\nthen: prisma-batch run 2026-10\n"


def test_export_that_cannot_be_used_exits_1(folder: Path) -> None:
    (folder / "export.csv").write_text(EXPORT.replace(",3,", ",three,"), encoding="utf-8")
    started = prisma_batch(folder, "init", "ws", "--from-focus", "export.csv", "--contact", "billing@acme.example")
    assert started.exit_code == 1
    assert started.stdout.startswith("export.csv:2:6: not-a-number: ")
    assert sorted(path.name for path in folder.iterdir()) == ["export.csv", "taken"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Missing argument 'DIR'"),
        (("taken",), "not an empty folder"),
        (("taken", "--demo"), "not an empty folder"),
        (("taken", "--from-focus", "export.csv", "--contact", "billing@acme.example"), "not an empty folder"),
        (("ws", "--demo", "--from-focus", "export.csv"), "exclude each other"),
        (("ws", "--demo", "--contact", "billing@acme.example"), "goes with --from-focus"),
        (("ws", "--contact", "billing@acme.example"), "goes with --from-focus"),
        (("ws", "--from-focus", "export.csv"), "needs --contact"),
        (("ws", "--from-focus", "export.csv", "--contact", "billing"), "no e-mail address"),
        (("ws", "--from-focus", "absent.csv", "--contact", "billing@acme.example"), "does not exist"),
        (("ws", "--from-focus", "taken", "--contact", "billing@acme.example"), "is a directory"),
    ],
    ids=str,
)
def test_wrong_usage_exits_2(folder: Path, arguments: tuple[str, ...], told: str) -> None:
    started = prisma_batch(folder, "init", *arguments)
    assert (started.exit_code, started.stdout) == (2, "")
    assert told in started.stderr
    assert sorted(path.name for path in folder.rglob("*")) == ["export.csv", "mine.txt", "taken"]


def test_neither_pandas_nor_pyarrow_is_imported_for_a_copy(repository: Path, tmp_path: Path) -> None:
    command = (
        "import sys; from prisma_batch.cli.main import main; main(['init', 'demo', '--demo'], standalone_mode=False);"
        "print(*sorted({'pandas', 'numpy', 'pyarrow'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    started = [sys.executable, "-c", command]
    finished = subprocess.run(started, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout == "\n"
