"""What every test can use: the repository root and golden files."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden-update", action="store_true", help="write golden files instead of comparing with them")
    parser.addoption("--year-accounts", type=int, default=18, help="how many accounts live through the generated year")
    parser.addoption("--year-replay", action="store_true", help="delete and replay every month of the generated year")


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
