"""Threads of this process: each takes the next part as soon as it is free."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Generic

from prisma_batch.engines.engine import Part, Result, Work

THREADS_MAX = 8  # each holds a block of rows and its cells
_SMALL_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Computes in threads, one per processor unless said otherwise; a small input in this one."""

    threads: int = 0

    def result(self, work: Work[Part, Result], tell: Callable[[str], None]) -> Result:
        """Compute one result per thread, and join them, be it one."""
        parts = _Shared(work, tell)
        threads = self.threads or (min(THREADS_MAX, _processors()) if work.whole > _SMALL_BYTES else 1)
        if threads == 1:
            return work.combine([work.compute(parts.taken())])
        with ThreadPoolExecutor(threads) as pool:
            computing = [pool.submit(work.compute, parts.taken()) for _ in range(threads)]
            return work.combine([each.result() for each in computing])


class _Shared(Generic[Part, Result]):
    """Parts that several threads take from one another; after a failure there are no more."""

    def __init__(self, work: Work[Part, Result], tell: Callable[[str], None]) -> None:
        self._parts, self._size, self._whole, self._tell = work.parts(True), work.size, work.whole, tell
        self._lock, self._ended, self._done = Lock(), False, 0

    def taken(self) -> Iterator[Part]:
        try:
            while (part := self._next()) is not None:
                yield part
        except BaseException:
            self._ended = True
            raise

    def _next(self) -> Part | None:
        with self._lock:
            if self._ended:
                return None
            try:
                part = next(self._parts, None)
            except BaseException:
                self._ended = True
                raise
            self._ended = part is None
            if part is not None:
                self._tell(f"reading usage: {100 * self._done // max(1, self._whole)} %")
                self._done += self._size(part)
            return part


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
