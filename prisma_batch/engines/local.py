"""Threads of this process: some read parts ahead, one adds up what they read, in order."""

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Semaphore
from typing import Generic

from prisma_batch.engines.engine import Part, Piece, Result, Work, computed

THREADS_MAX = 8
PIECES_AHEAD = 4  # of each part that is read
_SMALL_BYTES = 4 * 1024**2


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Reads in threads, one per processor unless said otherwise; a small input in this one."""

    threads: int = 0

    def result(self, work: Work[Part, Piece, Result], tell: Callable[[str], None]) -> Result:
        """Add up what is read; memory does not grow with the number of threads, but for what they read ahead."""
        return work.combine([self.added(work, _told(work, tell))])

    def added(self, work: Work[Part, Piece, Result], parts: Iterator[Part]) -> Result:
        """Return what some of the parts add up to."""
        threads = self.threads or (min(THREADS_MAX, processors()) if work.whole > _SMALL_BYTES else 1)
        if threads == 1:
            return computed(work.read, work.add, parts)
        readers = threads if work.reads_slowly else threads - 1  # this thread adds
        with ThreadPoolExecutor(readers) as pool:
            pieces = _read_ahead(pool, work.read, parts, readers)
            try:
                return work.add(pieces)
            finally:
                pieces.close()


def _told(work: Work[Part, Piece, Result], tell: Callable[[str], None]) -> Iterator[Part]:
    done = 0
    for part in work.parts(True):
        tell(f"reading usage: {100 * done // max(1, work.whole)} %")
        done += work.size(part)
        yield part


def _read_ahead(
    pool: ThreadPoolExecutor, read: Callable[[Part], Iterator[Piece]], parts: Iterator[Part], ahead: int
) -> Generator[Piece]:
    """Yield the pieces of the parts in order, of which so many are read at the same time."""
    reading: deque[_Reading[Piece]] = deque()
    try:
        while True:
            while len(reading) < ahead and (part := next(parts, None)) is not None:
                reading.append(_Reading(read(part)))
                pool.submit(reading[-1].run)
            if not reading:
                return
            yield from reading[0].pieces()
            reading.popleft()
    finally:
        for unread in reading:
            unread.stop()


class _Reading(Generic[Piece]):
    """The pieces of a part, read in another thread until so many wait."""

    def __init__(self, read: Iterator[Piece]) -> None:
        self._read, self._room, self._stopped = read, Semaphore(PIECES_AHEAD), False
        self._waiting: SimpleQueue[tuple[Piece] | BaseException | None] = SimpleQueue()

    def run(self) -> None:
        try:
            for piece in self._read:
                self._waiting.put((piece,))
                self._room.acquire()
                if self._stopped:
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the pieces are taken
            self._waiting.put(error)
        else:
            self._waiting.put(None)

    def pieces(self) -> Iterator[Piece]:
        while (waiting := self._waiting.get()) is not None:
            if isinstance(waiting, BaseException):
                raise waiting
            yield waiting[0]
            self._room.release()

    def stop(self) -> None:
        self._stopped = True
        self._room.release()


def processors() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
