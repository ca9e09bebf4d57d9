"""The example, copied and run: once for tests that only look, and afresh for those that change it."""

import shutil
from pathlib import Path

import pytest

from tests.jobs.recipes import copy_records, published
from tests.jobs.sending import MOMENT


@pytest.fixture(scope="session")
def example_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example before any run; not to be written to."""
    return copy_records(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory, example_records: Path) -> Path:
    """The example with both of its months published; not to be written to."""
    root = shutil.copytree(example_records, tmp_path_factory.mktemp("example"), dirs_exist_ok=True)
    for period in ("2026-09", "2026-10"):
        published(root, "run", period)
    return root


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
