"""What processes are asked to do by the tests of them."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prisma_batch.base.errors import UsageProblem


@contextmanager
def squares(offset: int = 0) -> Iterator[Callable[[int], int]]:
    yield lambda number: number**2 + offset


@contextmanager
def process_ids() -> Iterator[Callable[[int], int]]:
    yield lambda _: os.getpid()


@contextmanager
def failing(how: str) -> Iterator[Callable[[int], int]]:
    if how == "begin":
        raise UsageProblem("nothing can begin")

    def fail(number: int) -> int:
        if number < 5:
            return number
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        raise UsageProblem(f"{number} is too much")

    yield fail
