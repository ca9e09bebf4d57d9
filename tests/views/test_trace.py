"""Steps that say they add up do."""

from decimal import Decimal

import pytest

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.views.amounts import Money
from prisma_batch.views.trace import Quantity, Step, sum_of_quantities, summed


def euro(minor: int) -> Step:
    return Step(text="part", figure=Money(minor, "EUR"))


def hours(number: str) -> Step:
    return Step(text="part", figure=Quantity(Decimal(number), "hour"))


def test_steps_add_up() -> None:
    step = summed("all", Money(3, "EUR"), [euro(5), euro(-2)])
    assert step.adds_up
    assert summed("all", Quantity(Decimal("1.75")), [hours("1.5"), hours("0.25")]).adds_up
    assert summed("none", Money(0, "EUR"), []).steps == ()


@pytest.mark.parametrize(
    ("figure", "steps"),
    [
        (Money(4, "EUR"), [euro(5), euro(-2)]),
        (Money(3, "USD"), [euro(3)]),
        (Money(3, "EUR"), [euro(3), Step(text="without a figure")]),
        (Money(3, "EUR"), [euro(3), hours("0")]),
        (Quantity(Decimal(2)), [hours("1.9999999999999999999999999999999")]),
    ],
)
def test_steps_that_do_not_add_up_are_refused(figure: Money | Quantity, steps: list[Step]) -> None:
    with pytest.raises(InvariantBroken, match="do not add up"):
        summed("all", figure, steps)


def test_quantities_are_added_exactly() -> None:
    numbers = [Decimal(9223372036854775807), Decimal("0.000000000001"), Decimal(-9223372036854775807)]
    assert sum_of_quantities(numbers) == Decimal("0.000000000001")
    assert sum_of_quantities([]) == 0
