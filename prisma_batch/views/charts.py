"""Charts as shares of their width: whole numbers that a template draws, beside the table of the same figures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from prisma_batch.base.money import divide
from prisma_batch.views.amounts import Money
from prisma_batch.views.statement_parts import Movement

WIDTH = 1000
HEIGHT = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A bar from ``start`` over ``length`` of ``WIDTH``; ``zero`` is where an amount of nothing stands."""

    label: str
    amount: Money
    start: int
    length: int
    zero: int


@dataclass(frozen=True, kw_only=True, slots=True)
class BalanceLine:
    """A balance over days as the ``path`` of a stepped line; ``zero`` is the height of a balance of nothing.

    ``days``: the first day with what it opened with, and each day on which the balance moved with what it came to.
    """

    path: str
    days: tuple[tuple[date, Money], ...]
    zero: int
    first: date
    last: date
    opening: Money
    closing: Money
    highest: Money


def bars(amounts: Iterable[tuple[str, Money]]) -> tuple[Bar, ...]:
    """Place amounts of one currency beside each other on one scale, negative ones to the left of zero."""
    amounts = tuple(amounts)
    low = min((money.minor for _, money in amounts), default=0)
    low, high = min(0, low), max(0, max((money.minor for _, money in amounts), default=0))
    scale = (high - low) or 1
    zero = divide(-low * WIDTH, scale)
    return tuple(_bar(label, money, zero, scale) for label, money in amounts)


def _bar(label: str, money: Money, zero: int, scale: int) -> Bar:
    length = divide(abs(money.minor) * WIDTH, scale)
    visible = max(length, 3) if money.minor else 0
    return Bar(label=label, amount=money, start=zero if money.minor >= 0 else zero - visible, length=visible, zero=zero)


def balance_line(opening: Money, movements: Sequence[Movement], first: date, last: date) -> BalanceLine | None:
    """Draw a balance from day to day; None where it never moved. What is dated before the first day counts on it."""
    if not movements:
        return None
    after = {max(movement.on, first): movement.balance for movement in movements}
    minors = [opening.minor, *(balance.minor for balance in after.values())]
    low, high = min(0, *minors), max(0, *minors)
    days, scale = max((last - first).days, 1), (high - low) or 1

    def height(minor: int) -> int:
        return HEIGHT - divide((minor - low) * HEIGHT, scale)

    moved = sorted(after.items(), key=lambda step: step[0])
    steps = [f"H{divide((day - first).days * WIDTH, days)}V{height(balance.minor)}" for day, balance in moved]
    return BalanceLine(
        path=f"M0 {height(opening.minor)}{''.join(steps)}H{WIDTH}",
        days=((first, opening), *moved),
        zero=height(0),
        first=first,
        last=last,
        opening=opening,
        closing=movements[-1].balance,
        highest=Money(high, opening.currency),
    )
