"""Traces for the terminal, indented, and as JSON for other programs."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prisma_batch.base.money import plain
from prisma_batch.views.amounts import Money
from prisma_batch.views.trace import Place, Quantity, Step, Trace, sum_of_quantities
from prisma_batch.writers.visible import visible

_INDENT = "    "
_COMMIT_DIGITS = 10
# More steps of one sum than this are told in a line: nobody reads ten thousand usage rows in a terminal.
_STEPS_SHOWN = 20


def traces_text(traces: Iterable[Trace]) -> str:
    """Return traces as a person reads them: a figure, what it is, and where that stands."""
    return "\n".join("".join(f"{visible(line)}\n" for line in _trace_lines(trace)) for trace in traces)


def traces_json(identifier: str, traces: Iterable[Trace]) -> str:
    """Return traces as one JSON document; every step has every key, and absent values are null."""
    content = {"id": identifier, "traces": [_trace(trace) for trace in traces]}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _trace_lines(trace: Trace) -> Iterator[str]:
    yield f"{trace.kind} {trace.id}: {trace.text}"
    yield f"in {trace.period} as of {trace.as_of}"
    yield ""
    yield from _lines(trace.steps, 0, summed=False)


def _lines(steps: Sequence[Step], depth: int, *, summed: bool) -> Iterator[str]:
    shown = _shortened(steps) if summed else steps
    figures = [_figure(step.figure, signed=summed) for step in shown]
    width = max(map(len, figures), default=0)
    for step, figure in zip(shown, figures, strict=True):
        column = f"{figure:>{width}}  " if width else ""
        place = f"  [{_place(step.place)}]" if step.place else ""
        colon = ":" if step.steps else ""
        yield f"{_INDENT * depth}{column}{step.text}{colon}{place}"
        yield from _lines(step.steps, depth + 1, summed=step.adds_up)


def _shortened(steps: Sequence[Step]) -> Sequence[Step]:
    rest = steps[_STEPS_SHOWN:]
    if len(rest) < 2:
        return steps
    more = Step(text=f"in {len(rest)} more, each shown with --format json", figure=_sum(rest))
    return (*steps[:_STEPS_SHOWN], more)


def _sum(steps: Sequence[Step]) -> Money | Quantity | None:
    first = steps[0].figure
    if isinstance(first, Money):
        return Money(sum(step.figure.minor for step in steps if isinstance(step.figure, Money)), first.currency)
    numbers = [step.figure.number for step in steps if isinstance(step.figure, Quantity)]
    return Quantity(sum_of_quantities(numbers), first.unit) if first else None


def _figure(figure: Money | Quantity | None, *, signed: bool) -> str:
    if figure is None:
        return ""
    text = f"{figure.text} {figure.currency}" if isinstance(figure, Money) else figure.text
    return f"+{text}" if signed and not text.startswith("-") else text


def _place(place: Place) -> str:
    line = f":{place.line}" if place.line else ""
    commit = f"@{place.commit[:_COMMIT_DIGITS]}" if place.commit else ""
    return f"{place.source}{line}{commit}{', changed since' if place.is_changed else ''}"


def _trace(trace: Trace) -> dict[str, Any]:
    return {
        "kind": trace.kind,
        "text": trace.text,
        "period": str(trace.period),
        "as_of": trace.as_of.isoformat(),
        "steps": [_step(step) for step in trace.steps],
    }


def _step(step: Step) -> dict[str, Any]:
    figure, place = step.figure, step.place or Place(source="")
    money = figure if isinstance(figure, Money) else None
    quantity = figure if isinstance(figure, Quantity) else None
    return {
        "text": step.text,
        "amount": money.text if money else None,
        "currency": money.currency if money else None,
        "quantity": plain(quantity.number) if quantity else None,
        "unit": (quantity.unit or None) if quantity else None,
        "file": place.source or None,
        "line": int(place.line) if place.line.isdecimal() else None,
        "commit": place.commit or None,
        "changed_since": place.is_changed,
        "adds_up": step.adds_up,
        "steps": [_step(inner) for inner in step.steps],
    }
