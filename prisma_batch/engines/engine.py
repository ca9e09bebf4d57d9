"""What an engine is asked to do."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Work(Generic[Part, Result]):
    """Parts of an input, and the function that makes one result of some of them.

    ``parts`` yields the parts in order, with what they hold or, where they are sent elsewhere, without (``hold``).
    ``size`` is what a part weighs, ``whole`` what all of them weigh together.
    """

    parts: Callable[[bool], Iterator[Part]]
    compute: Callable[[Iterable[Part]], Result]
    size: Callable[[Part], int]
    whole: int


class Engine(Protocol):
    """Computes results that cover each part exactly once; in which groups and order is the engine's own affair."""

    def results(self, work: Work[Part, Result], tell: Callable[[str], None]) -> list[Result]: ...
