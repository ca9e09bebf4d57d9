"""What an engine is asked to do."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Generic, Protocol, TypeVar

Part = TypeVar("Part")
Piece = TypeVar("Piece")
Result = TypeVar("Result")


@dataclass(frozen=True, kw_only=True, slots=True)
class Work(Generic[Part, Piece, Result]):
    """Parts of an input, what reads them piece by piece, makes one result of pieces, and joins results.

    ``parts`` yields the parts in order, with what they hold or, where they are sent elsewhere, without (``hold``).
    ``size`` is what a part weighs, ``whole`` what all of them weigh together. Any grouping gives the same result.
    ``reads_slowly`` says that reading takes much longer than adding.
    """

    parts: Callable[[bool], Iterator[Part]]
    read: Callable[[Part], Iterator[Piece]]
    add: Callable[[Iterable[Piece]], Result]
    combine: Callable[[Sequence[Result]], Result]
    size: Callable[[Part], int]
    whole: int
    reads_slowly: bool = True


class Engine(Protocol):
    """Computes the result of all parts, each covered once; in which groups and order is the engine's own affair."""

    def result(self, work: Work[Part, Piece, Result], tell: Callable[[str], None]) -> Result: ...


def computed(
    read: Callable[[Part], Iterator[Piece]], add: Callable[[Iterable[Piece]], Result], parts: Iterable[Part]
) -> Result:
    """Return the result of some parts, read one after another."""
    return add(chain.from_iterable(map(read, parts)))
