"""Processes beside this one: what a function makes of parts, several at a time, in order.

They are started afresh, since a fork would copy locks that threads hold.
"""

import os
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread
from time import process_time
from typing import Any, ClassVar, TypeAlias

from prisma_batch.engines.engine import Part, Result

Begin: TypeAlias = Callable[[], AbstractContextManager[Callable[[Part], Result]]]

_AHEAD = 2  # parts for each process that are made, or wait to be taken
_CPU_SECONDS_MAX = 600  # for a part: nothing that ends by itself takes as long
_ADDRESSED_BYTES_MAX = 16 * 1024**3
_SAFE_PATH = "PYTHONSAFEPATH"


@contextmanager
def made_in_order(begin: Begin[Part, Result], parts: Iterable[Part], processes: int) -> Iterator[Iterator[Result]]:
    """Give what a function makes of each part, in order.

    Args:
        begin: gives the function, once in each process; it is pickled, as are parts and what is made of them.
        parts: taken as there is room for what is made of them, so that memory does not grow with their number.
        processes: how many; with one, all of it happens in this process.
    Raises:
        BrokenProcessPool: a process ended while it was at work. What the function raises is raised here.
    """
    if processes == 1:
        with begin() as make:
            yield map(make, parts)
        return
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _Maker.prepare, (begin,))
    with _importing_nothing_from_here():
        try:
            yield _made(pool, parts, _AHEAD * processes)
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _importing_nothing_from_here() -> Iterator[None]:
    """Let no process that starts meanwhile import what lies in the current folder, which is anybody's workspace."""
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        del os.environ[_SAFE_PATH]
        if before is not None:
            os.environ[_SAFE_PATH] = before


def _made(pool: ProcessPoolExecutor, parts: Iterable[Any], ahead: int) -> Iterator[Any]:
    waiting: deque[Future[Any]] = deque()
    for part in parts:
        waiting.append(pool.submit(_Maker.made, part))
        if len(waiting) == ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


class _Maker:
    """What one of the processes makes parts with; it begins with its first part, so that an error is told as any."""

    _begin: ClassVar[Begin[Any, Any]]
    _make: ClassVar[Callable[[Any], Any] | None] = None
    _stack: ClassVar[ExitStack] = ExitStack()

    @classmethod
    def prepare(cls, begin: Begin[Any, Any]) -> None:
        cls._begin = staticmethod(begin)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person interrupts the process that started this one
        _limit(resource.RLIMIT_AS, _ADDRESSED_BYTES_MAX)
        Thread(target=_end_with_parent, daemon=True).start()

    @classmethod
    def made(cls, part: object) -> object:
        _limit(resource.RLIMIT_CPU, int(process_time()) + _CPU_SECONDS_MAX)
        if cls._make is None:
            cls._make = cls._stack.enter_context(cls._begin())
        return cls._make(part)


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
    os._exit(1)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
