"""Traces as text and as JSON."""

import json
from datetime import date
from decimal import Decimal

from prisma_batch.base.periods import Period
from prisma_batch.views.amounts import Money
from prisma_batch.views.trace import Place, Quantity, Step, Trace, summed
from prisma_batch.writers.traces import traces_json, traces_text


def trace(*steps: Step) -> Trace:
    return Trace(id="X", kind="line", text="a line", period=Period(2026, 10), as_of=date(2026, 11, 15), steps=steps)


def rows(count: int) -> Step:
    parts = [Step(text=f"row {row}", figure=Quantity(Decimal("0.5"), "hour")) for row in range(count)]
    return summed("used", Quantity(Decimal(count) / 2, "hour"), parts)


def test_text() -> None:
    place = Place(source="a.yaml", line="7", commit="0123456789abcdef", is_changed=True)
    steps = (Step(text="one", figure=Money(500, "EUR"), place=place), Step(text="two", figure=Money(-250, "EUR")))
    assert traces_text([trace(summed("both", Money(250, "EUR"), steps), Step(text="a\nword"))]) == (
        "line X: a line\n"
        "in 2026-10 as of 2026-11-15\n"
        "\n"
        "2.50 EUR  both:\n"
        "    +5.00 EUR  one  [a.yaml:7@0123456789, changed since]\n"
        "    -2.50 EUR  two\n"
        "          a\\x0aword\n"
    )


def test_many_rows_are_told_in_one_line_with_their_sum() -> None:
    lines = traces_text([trace(rows(5000))]).splitlines()
    assert len(lines) == 3 + 1 + 20 + 1
    assert lines[-1].split() == "+2490 hour in 4980 more, each shown with --format json".split()
    assert len(traces_text([trace(rows(21))]).splitlines()) == 3 + 1 + 21


def test_json_has_every_row_and_every_key() -> None:
    content = json.loads(traces_json("X", [trace(rows(5000))]))
    (found,) = content["traces"]
    assert (content["id"], found["kind"], found["period"], found["as_of"]) == ("X", "line", "2026-10", "2026-11-15")
    (used,) = found["steps"]
    assert (used["quantity"], used["unit"], used["adds_up"], used["amount"]) == ("2500", "hour", True, None)
    assert len(used["steps"]) == 5000
    assert {frozenset(step) for step in used["steps"]} == {frozenset(used)}
