"""What an engine is asked to do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Work(Generic[Part, Result]):
    """Parts of an input, the function that makes one result of some of them, and the one that joins results.

    ``parts`` yields the parts in order, with what they hold or, where they are sent elsewhere, without (``hold``).
    ``size`` is what a part weighs, ``whole`` what all of them weigh together. Any grouping gives the same result.
    """

    parts: Callable[[bool], Iterator[Part]]
    compute: Callable[[Iterable[Part]], Result]
    combine: Callable[[Sequence[Result]], Result]
    size: Callable[[Part], int]
    whole: int


class Engine(Protocol):
    """Computes the result of all parts, each covered once; in which groups and order is the engine's own affair."""

    def result(self, work: Work[Part, Result], tell: Callable[[str], None]) -> Result: ...
