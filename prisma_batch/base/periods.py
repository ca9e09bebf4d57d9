"""Months as periods, and days."""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_PERIOD = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True, slots=True)
class Period:
    """A calendar month, written ``YYYY-MM``."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read ``YYYY-MM``; raises ValueError for anything else."""
        if not is_period(text):
            raise ValueError("a period is written YYYY-MM")
        year, month = text.split("-")
        return cls(int(year), int(month))

    @classmethod
    def of(cls, day: date) -> "Period":
        """Return the month that a day lies in."""
        return cls(day.year, day.month)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def plus(self, months: int) -> "Period":
        """Return the period so many months later (earlier when negative)."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Period(year, month + 1)

    def day(self, number: int) -> date:
        """Return that day of the month, or its last day where the month is shorter."""
        return date(self.year, self.month, min(number, self.last_day.day))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def is_period(text: str) -> bool:
    """Say whether a text is a period, written ``YYYY-MM``."""
    return _PERIOD.fullmatch(text) is not None and not text.startswith("0000")


def periods_between(first: Period, last: Period) -> Iterator[Period]:
    """Yield every period from first to last, both included."""
    while first <= last:
        yield first
        first = first.plus(1)


def days_after(day: date, count: int) -> date:
    """Return the day so many days later; the last day that there is where it would lie beyond.

    Records say ``9999-12-31`` for a day that never comes.
    """
    return day + timedelta(days=min(count, (date.max - day).days))
