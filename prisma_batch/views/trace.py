"""The trace of a number: how it came about, step by step, each with the place in the records that says so."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.money import from_scaled, plain, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.views.amounts import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a step stands: a file and a pointer into it, as tables carry them.

    ``line`` is filled in when the trace is written, and ``commit``, which last wrote the file, where git tracks it;
    ``is_changed`` says that the file has been written since.
    """

    source: str
    pointer: str = ""
    line: str = ""
    commit: str = ""
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact quantity and its unit, which may be unknown."""

    number: Decimal
    unit: str = ""

    @property
    def text(self) -> str:
        return f"{plain(self.number)} {self.unit}".rstrip()


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a number; ``adds_up`` says that its figure is the sum of the figures of its own steps."""

    text: str
    figure: Money | Quantity | None = None
    place: Place | None = None
    steps: tuple["Step", ...] = ()
    adds_up: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """What an id stands for, and the steps of its numbers as of a day.

    ``kind`` is what explains it: account, document, line, payment, discrepancy, statement, notice or plan.
    """

    id: str
    kind: str
    text: str
    period: Period
    as_of: date
    steps: tuple[Step, ...]

    def places(self) -> Iterator[Place]:
        """Yield the place of every step."""
        yield from (step.place for step in _every(self.steps) if step.place)

    def placed(self, places: Mapping[Place, Place]) -> "Trace":
        """Return the trace with other places for its own."""
        return replace(self, steps=tuple(_placed(step, places) for step in self.steps))


def summed(text: str, figure: Money | Quantity, steps: Iterable[Step], place: Place | None = None) -> Step:
    """Return a step whose figure is the sum of its steps.

    Raises:
        InvariantBroken: it is not, or a step is in another currency or has no figure.
    """
    parts = tuple(steps)
    if not _add_up(figure, [step.figure for step in parts]):
        raise InvariantBroken(f"the steps of {figure.text} do not add up to it: {text}")
    return Step(text=text, figure=figure, place=place, steps=parts, adds_up=True)


def sum_of_quantities(numbers: Iterable[Decimal]) -> Decimal:
    """Add up exactly: arithmetic on a Decimal would round to the context's 28 digits."""
    scaled = [to_scaled(number) for number in numbers]
    finest = max((scale for _, scale in scaled), default=0)
    return from_scaled(sum(number * 10 ** (finest - scale) for number, scale in scaled), finest)


def _add_up(figure: Money | Quantity, parts: list[Money | Quantity | None]) -> bool:
    if isinstance(figure, Money):
        amounts = [part.minor for part in parts if isinstance(part, Money) and part.currency == figure.currency]
        return len(amounts) == len(parts) and sum(amounts) == figure.minor
    numbers = [part.number for part in parts if isinstance(part, Quantity)]
    return len(numbers) == len(parts) and sum_of_quantities(numbers) == figure.number


def _every(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        yield step
        yield from _every(step.steps)


def _placed(step: Step, places: Mapping[Place, Place]) -> Step:
    place = places.get(step.place, step.place) if step.place else None
    return replace(step, place=place, steps=tuple(_placed(inner, places) for inner in step.steps))
