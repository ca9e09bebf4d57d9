"""What every test can use: the repository root, the example as it is run, and golden files."""

import gc
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.jobs.recipes import copy_records, published


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="write golden files instead of comparing with them")
    parser.addoption("--year-accounts", type=int, default=18, help="how many accounts live through the generated year")
    parser.addoption("--year-replay", action="store_true", help="delete and replay every month of the generated year")


def pytest_configure() -> None:
    """Look for cycles less often: beside thousands of collected tests that takes a twentieth of the time."""
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def _no_waiting_for_disks() -> Iterator[None]:
    """Leave out that files reach the disk: no test cuts the power, and it is half of what a run waits for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: os.fstat(descriptor) and None)
        yield


@pytest.fixture
def repository() -> Path:
    """The root of the checkout."""
    return Path(__file__).parents[1]


@pytest.fixture
def golden(pytestconfig: pytest.Config) -> Callable[[Path, str], None]:
    """Compare a text with a golden file, byte for byte; a missing golden fails unless it is being written."""

    def compare(path: Path, text: str) -> None:
        if pytestconfig.getoption("--golden-update"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        assert path.is_file(), f"{path} is missing: run pytest --golden-update and read the difference"
        assert text == path.read_bytes().decode(), f"{path} differs: if it should, run pytest --golden-update"

    return compare


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
