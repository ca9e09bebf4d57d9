"""Processes of our own: what a function makes of parts, several at a time, in order.

They are started afresh, since a fork would copy locks that threads hold, and each ends as soon as this one is gone.
"""

import os
import pickle
import resource
import subprocess
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from time import process_time
from typing import Any, TypeAlias

from prisma_batch.engines.engine import Part, Result

Begin: TypeAlias = Callable[[], AbstractContextManager[Callable[[Part], Result]]]

_AHEAD = 2  # parts for each process that are made, or wait to be taken
_CPU_SECONDS_MAX = 600  # for a part: nothing that ends by itself takes as long
_ADDRESSED_BYTES_MAX = 16 * 1024**3
# On the path of this process, before anything is imported: nothing comes from the folder that it happens to be in.
_PROGRAM = (
    "import sys; place, *sys.path = sys.argv[1:]; from prisma_batch.engines.processes import serve; serve(int(place))"
)


@contextmanager
def made_in_order(begin: Begin[Part, Result], parts: Iterable[Part], processes: int) -> Iterator[Iterator[Result]]:
    """Give what a function makes of each part, in order.

    Args:
        begin: gives the function, once in each process; it is pickled, as are parts and what is made of them.
        parts: taken as there is room for what is made of them, so that memory does not grow with their number.
        processes: how many; with one, all of it happens in this process.
    Raises:
        RuntimeError: a process ended while it was at work. What the function raises is raised here.
    """
    if processes == 1:
        with begin() as make:
            yield map(make, parts)
        return
    # What a process leaves behind lies in a folder of ours: it is ended wherever it is.
    with TemporaryDirectory(prefix="prisma-batch-") as scratch, ExitStack() as stack:
        workers = [stack.enter_context(_started(scratch)) for _ in range(processes)]
        pool = stack.enter_context(ThreadPoolExecutor(processes))
        try:
            for worker in workers:
                worker.send(begin)
            yield _made(pool, workers, parts)
        finally:
            for worker in workers:
                worker.process.kill()
            pool.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process, and what leads to it."""

    process: "subprocess.Popen[bytes]"
    connection: "Connection[Any, Any]"

    def send(self, asked: object) -> None:
        with self._alive():
            self.connection.send(asked)

    def answer(self) -> Any:
        with self._alive():
            made, error = self.connection.recv()
        if error:
            raise error
        return made

    @contextmanager
    def _alive(self) -> Iterator[None]:
        try:
            yield
        except (EOFError, OSError):
            raise RuntimeError(f"a process ended at work, with status {self.process.wait()}") from None


@contextmanager
def _started(scratch: str) -> Iterator[_Worker]:
    ours, theirs = Pipe()
    command = [sys.executable, "-c", _PROGRAM, str(theirs.fileno()), *sys.path]
    environment = {**os.environ, "TMPDIR": scratch}
    with theirs:
        # In a group of its own: it is this process that a person interrupts.
        process = subprocess.Popen(  # noqa: S603 - Python with a program of ours
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            env=environment,
            process_group=0,
        )
    with process, ours:
        yield _Worker(process, ours)


def _made(pool: ThreadPoolExecutor, workers: Sequence[_Worker], parts: Iterable[Any]) -> Iterator[Any]:
    free: SimpleQueue[_Worker] = SimpleQueue()
    for worker in workers:
        free.put(worker)

    def made(part: object) -> object:
        worker = free.get()
        try:
            worker.send(part)
            return worker.answer()
        finally:
            free.put(worker)

    waiting: deque[Future[object]] = deque()
    for part in parts:
        waiting.append(pool.submit(made, part))
        if len(waiting) == _AHEAD * len(workers):
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def serve(place: int) -> None:
    """Answer the process that started this one, over a connection, until it is gone."""
    _limit(resource.RLIMIT_AS, _ADDRESSED_BYTES_MAX)
    with suppress(EOFError, ConnectionError), Connection(place) as connection, ExitStack() as stack:
        begin = connection.recv()
        make = cache(lambda: stack.enter_context(begin()))
        while True:
            connection.send(_answer(make, connection.recv()))


def _answer(make: Callable[[], Callable[[Any], object]], part: object) -> tuple[object, Exception | None]:
    _limit(resource.RLIMIT_CPU, int(process_time()) + _CPU_SECONDS_MAX)
    try:
        return make()(part), None
    except Exception as error:  # noqa: BLE001 - raised again where the part comes from
        error.add_note(traceback.format_exc())
        return None, _portable(error)


def _portable(error: Exception) -> Exception:
    """Return an error as it is where it can be pickled and read back, else what it says."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    except Exception:  # noqa: BLE001 - whatever its class makes of it
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    with suppress(ValueError):  # macOS knows limits that it does not let one set
        resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
