"""What processes are asked to do by the tests of them."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from prisma_batch.base.errors import UsageProblem


class Unportable(Exception):
    """An error that cannot be read back: it is pickled with one argument and wants two."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


@contextmanager
def squares(offset: int = 0) -> Iterator[Callable[[int], int]]:
    yield lambda number: number**2 + offset


@contextmanager
def process_ids() -> Iterator[Callable[[int], int]]:
    yield lambda _: os.getpid()


@contextmanager
def endless() -> Iterator[Callable[[int], None]]:
    """Make the first part at once, and none after that."""
    yield lambda number: time.sleep(600) if number else None


@contextmanager
def folders() -> Iterator[Callable[[int], Path]]:
    """Make folders for temporary files and leave them behind."""
    yield lambda _: Path(mkdtemp())


@contextmanager
def failing(how: str) -> Iterator[Callable[[int], int]]:
    if how == "begin":
        raise UsageProblem("nothing can begin")

    def fail(number: int) -> int:
        if number < 5:
            return number
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise Unportable("un", "portable") if how == "unportable" else UsageProblem(f"{number} is too much")

    yield fail
