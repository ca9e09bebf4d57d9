"""Processes that end at a chosen step of publishing, as by a power cut.

A step is each file or folder that is opened, made, renamed, removed, changed or synced once staging has begun.
"""

import os
import signal
import sys
from collections.abc import Callable

EVENTS = frozenset("open os.mkdir os.rename os.remove os.rmdir os.chmod ctypes.dlsym".split())


class Steps:
    """Counts steps, and kills this process before the one that is asked for."""

    def __init__(self, last: int) -> None:
        self.left = last
        self.count = 0
        self.is_staging = False
        self.sync = os.fsync
        sys.addaudithook(self.hear)
        os.fsync = self.synced  # syncing is no event that a hook hears

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        self.is_staging |= event == "os.mkdir" and str(arguments[0]).endswith(".staging")
        if self.is_staging and event in EVENTS:
            self.step()

    def synced(self, descriptor: int) -> None:
        self.step()
        self.sync(descriptor)

    def step(self) -> None:
        if 0 <= self.left <= self.count:  # steps of several threads may be counted at once
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1


def steps_of(action: Callable[[], object]) -> int:
    """Count the steps of something, done in a child process."""
    reading, writing = os.pipe()
    if not _forked(action, -1, lambda steps: os.write(writing, str(steps.count).encode())):
        raise RuntimeError("it did not end well")
    return int(os.read(reading, 20))


def is_killed(action: Callable[[], object], step: int) -> bool:
    """Do something in a child process that is killed before this step; False where it ends with fewer."""
    return not _forked(action, step, str)


def _forked(action: Callable[[], object], last: int, at_end: Callable[[Steps], object]) -> bool:
    child = os.fork()
    if child == 0:
        try:
            steps = Steps(last)
            action()
            at_end(steps)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise RuntimeError("it failed before it was killed")
    return os.WIFEXITED(status)
