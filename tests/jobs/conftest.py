"""The example, copied afresh for tests that change it."""

import shutil
from pathlib import Path

import pytest

from tests.jobs.sending import MOMENT


@pytest.fixture
def records(tmp_path: Path, example_records: Path) -> Path:
    """A copy of the example before any run."""
    return shutil.copytree(example_records, tmp_path / "records")


@pytest.fixture
def workspace(tmp_path: Path, example: Path) -> Path:
    """A copy of the example with both months published."""
    return shutil.copytree(example, tmp_path / "workspace")


@pytest.fixture
def outbox(tmp_path: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example with September published and nothing sent, on a day that is no holiday."""
    monkeypatch.setattr("prisma_batch.cli.send.now", lambda: MOMENT)
    root = shutil.copytree(example, tmp_path / "outbox")
    shutil.rmtree(root / "reports/2026-10")
    return root
