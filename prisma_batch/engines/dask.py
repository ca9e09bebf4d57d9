"""Dask: the same function over coarse groups of parts, on a cluster or in this process.

A group is computed again where its worker dies; what it gives does not depend on where or how often it is computed.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from prisma_batch.base.errors import UsageProblem
from prisma_batch.engines.engine import Part, Piece, Result, Work, computed
from prisma_batch.engines.local import LocalEngine

GROUPS_PER_WORKER = 4
_JOINED_AT_ONCE = 8
_SECONDS_TO_CONNECT = 10
_MISSING = "--engine dask needs the packages of the extra: pip install 'prisma-batch[dask]'"


@dataclass(frozen=True, slots=True)
class DaskEngine:
    """Computes on the cluster of a scheduler, whose workers see the same files; without one, in this process.

    ``groups`` is how many groups of parts there are, unless said otherwise about four per worker; one in this process,
    whose threads read ahead for the same totals, as those of the local engine do.
    """

    scheduler: str = ""
    groups: int = 0

    def result(self, work: Work[Part, Piece, Result], tell: Callable[[str], None]) -> Result:
        """Compute groups of parts, and join what they give step by step.

        Raises:
            UsageProblem: dask is not installed, no scheduler answers, or its workers keep dying.
        """
        try:
            from dask.base import compute  # noqa: PLC0415 - an extra
            from dask.local import get_sync  # noqa: PLC0415 - an extra
        except ImportError:
            raise UsageProblem(_MISSING) from None
        if self.scheduler:
            with _client(self.scheduler) as client:
                workers = sum(client.nthreads().values()) or 1
                compute_group = partial(computed, work.read, work.add)
                leaves, root = _graph(work, compute_group, self.groups or GROUPS_PER_WORKER * workers)
                return _computed(client, leaves, root, tell)  # type: ignore[no-any-return]
        _, root = _graph(work, partial(_read_ahead, work), self.groups or 1)
        tell("reading usage")
        # One group after another, for each has all the threads. Asked by name, dask would load distributed as well.
        return compute(root, scheduler=get_sync)[0]  # type: ignore[no-any-return]


def grouped(parts: Sequence[Part], size: Callable[[Part], int], groups: int) -> list[list[Part]]:
    """Cut a sequence of parts into at most so many groups of about the same size, keeping the order."""
    whole, before = sum(map(size, parts)), 0
    found: dict[int, list[Part]] = {}
    for part in parts:
        found.setdefault(groups * before // max(1, whole), []).append(part)
        before += size(part)
    return list(found.values())


def _read_ahead(work: Work[Part, Piece, Result], group: Sequence[Part]) -> Result:
    return LocalEngine().added(work, iter(group))


def _graph(
    work: Work[Part, Piece, Result], compute_group: Callable[[Sequence[Part]], Result], groups: int
) -> tuple[list[Any], Any]:
    """Return a task per group, and the task that joins all of them."""
    from dask.delayed import delayed  # noqa: PLC0415 - an extra

    compute = delayed(compute_group, pure=False, traverse=False)
    combine = delayed(work.combine, pure=False)
    leaves = [compute(group) for group in grouped(list(work.parts(False)), work.size, groups)]
    joined = leaves
    while len(joined) > _JOINED_AT_ONCE:
        joined = [combine(joined[at : at + _JOINED_AT_ONCE]) for at in range(0, len(joined), _JOINED_AT_ONCE)]
    return leaves, combine(joined)


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    try:
        from distributed import Client, KilledWorker  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageProblem(_MISSING) from None
    try:
        client = Client(scheduler, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError):
        raise UsageProblem(f"no dask scheduler answers at {scheduler}") from None
    with client:
        try:
            yield client
        except KilledWorker:
            raise UsageProblem("the workers of the cluster keep dying: see their logs") from None


def _computed(client: Any, leaves: Sequence[Any], root: Any, tell: Callable[[str], None]) -> Any:
    from distributed import as_completed  # noqa: PLC0415 - an extra

    # Not optimised: a group that was joined with its successor would not be seen to end.
    result, *groups = client.compute([root, *leaves], optimize_graph=False)
    count = len(groups)
    done = as_completed(groups, loop=client.loop)
    del groups
    for number, group in enumerate(done):
        tell(f"reading usage: {100 * number // count} %")
        group.release()
    return result.result()
