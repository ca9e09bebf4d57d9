"""Charts: whole numbers that follow from the figures, on one scale."""

from datetime import date

import pytest

from prisma_batch.views.amounts import Money
from prisma_batch.views.charts import HEIGHT, WIDTH, balance_line, bars
from prisma_batch.views.statement_parts import Movement

FIRST, LAST = date(2026, 10, 16), date(2026, 11, 15)


def euros(*minors: int) -> list[tuple[str, Money]]:
    return [(f"bar {place}", Money(minor, "EUR")) for place, minor in enumerate(minors)]


def movement(day: date, minor: int, balance: int) -> Movement:
    return Movement(
        on=day,
        kind="payment",
        reference="",
        description="",
        amount=Money(minor, "EUR"),
        balance=Money(balance, "EUR"),
        prior_period=False,
    )


@pytest.mark.parametrize(
    ("minors", "places"),
    [
        ((100, 50, 0), [(0, 1000), (0, 500), (0, 0)]),
        ((100, -100), [(500, 500), (0, 500)]),
        ((-300, 100), [(0, 750), (750, 250)]),
        ((0, 0), [(0, 0), (0, 0)]),
        ((1_000_000, 1), [(0, 1000), (0, 3)]),
        ((), []),
    ],
)
def test_bars_share_one_scale_and_start_at_zero(minors: tuple[int, ...], places: list[tuple[int, int]]) -> None:
    assert [(bar.start, bar.length) for bar in bars(euros(*minors))] == places


def test_every_bar_stays_within_the_width() -> None:
    for minors in ((7, -3, 11, 2), (-5, -9), (2**62, -(2**62), 3)):
        for bar in bars(euros(*minors)):
            assert -3 <= bar.start <= bar.start + bar.length <= WIDTH + 3


def test_a_balance_steps_on_the_days_on_which_it_moves() -> None:
    moved = [movement(date(2026, 10, 31), -1000, 0), movement(LAST, 500, 500)]
    line = balance_line(Money(1000, "EUR"), moved, FIRST, LAST)
    assert line is not None
    assert line.path == f"M0 0H500V{HEIGHT}H1000V{HEIGHT // 2}H1000"
    assert (line.closing.minor, line.highest.minor, line.zero) == (500, 1000, HEIGHT)


def test_a_balance_below_zero_has_its_line_of_zero_above_it() -> None:
    line = balance_line(Money(0, "EUR"), [movement(LAST, -400, -400)], FIRST, LAST)
    assert line is not None
    assert line.zero == 0
    assert line.path.endswith(f"V{HEIGHT}H1000")


def test_what_became_known_late_counts_on_the_first_day() -> None:
    line = balance_line(Money(100, "EUR"), [movement(date(2026, 9, 1), 100, 200)], FIRST, LAST)
    assert line is not None
    assert "H0V0" in line.path


def test_a_balance_that_never_moved_has_no_line() -> None:
    assert balance_line(Money(100, "EUR"), [], FIRST, LAST) is None
