"""Business hours: how much working time lies between two moments, and when so much of it will have passed.

Windows are local times of a time zone; what is counted are the seconds that really pass in them, so a window over a
change of the clocks is an hour shorter or longer. Moments are aware; results are in the contact point's zone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import takewhile
from typing import TypeAlias
from zoneinfo import ZoneInfo

from holidays import country_holidays

from prisma_batch.records.settings import WEEKDAYS, Hours

Interval: TypeAlias = tuple[datetime, datetime]  # from, inclusive, to exclusive, in UTC

_DAYS_LOOKED_AHEAD = 3660  # where nobody is there for ten years, nobody ever is


@dataclass(frozen=True, kw_only=True, slots=True)
class BusinessHours:
    """Windows by weekday (Monday first) as minutes of the local day, the zone, and the days on which nobody is there.

    ``country`` and ``subdivision`` name public holidays; empty where none count.
    """

    timezone: str
    weekly: tuple[tuple[tuple[int, int], ...], ...]
    country: str = ""
    subdivision: str = ""
    extra_days: frozenset[date] = frozenset()

    @classmethod
    def of(cls, hours: Hours) -> "BusinessHours":
        """Read what ``prisma.yaml`` says."""
        return cls(
            timezone=hours.timezone,
            weekly=tuple(tuple(sorted(map(_minutes, hours.weekly.get(weekday, ())))) for weekday in WEEKDAYS),
            country=hours.holidays.get("country", ""),
            subdivision=hours.holidays.get("subdivision", ""),
            extra_days=frozenset(map(date.fromisoformat, hours.holidays.get("extra_days", ()))),
        )

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def is_closed_on(self, day: date) -> bool:
        """Say whether a day is a holiday."""
        return day in self.extra_days or (
            bool(self.country) and day in _holidays(self.country, self.subdivision, day.year)
        )


def worked_seconds(hours: BusinessHours, interval: Interval, pauses: Sequence[Interval] = ()) -> int:
    """Return the working time between two moments, pauses left out as far as they lie in working time.

    Args:
        pauses: sorted and apart from each other.
    """
    start, end = interval
    windows = takewhile(lambda window: window[0] < end, _windows(hours, start))
    return sum(_seconds(part) for window in windows for part in _without(_cut(window, start, end), pauses))


def moment_after(
    hours: BusinessHours, start: datetime, seconds: int, pauses: Sequence[Interval] = ()
) -> datetime | None:
    """Return the moment at which so much working time will have passed since another; None where it never will.

    The end of a window counts as reached before the next one begins: 8 hours from 09:00 end at 17:00 of the day.
    """
    left = seconds
    for window in _windows(hours, start):
        for part in _without(_cut(window, start, window[1]), pauses):
            if left <= _seconds(part):
                return (part[0] + timedelta(seconds=left)).astimezone(hours.zone)
            left -= _seconds(part)
    return None


def _windows(hours: BusinessHours, start: datetime) -> Iterator[Interval]:
    """Yield the windows from the local day of a moment on, in order."""
    first = start.astimezone(hours.zone).date()
    for number in range(_DAYS_LOOKED_AHEAD):
        day = first + timedelta(days=number)
        if not hours.is_closed_on(day):
            for opens, closes in hours.weekly[day.weekday()]:
                yield _moment(hours.zone, day, opens, fold=0), _moment(hours.zone, day, closes, fold=1)


def _moment(zone: ZoneInfo, day: date, minutes: int, *, fold: int) -> datetime:
    # Of a local time that comes twice, a window opens at the first and closes at the second.
    days, minutes = divmod(minutes, 24 * 60)
    local = datetime.combine(day + timedelta(days=days), time(*divmod(minutes, 60)), tzinfo=zone)
    return local.replace(fold=fold).astimezone(UTC)


def _cut(window: Interval, start: datetime, end: datetime) -> Interval:
    return max(window[0], start.astimezone(UTC)), min(window[1], end.astimezone(UTC))


def _without(interval: Interval, pauses: Sequence[Interval]) -> Iterator[Interval]:
    start, end = interval
    for pause_start, pause_end in pauses:
        if start < min(pause_start, end):
            yield start, min(pause_start, end)
        start = max(start, pause_end)
    if start < end:
        yield start, end


def _seconds(interval: Interval) -> int:
    return int((interval[1] - interval[0]).total_seconds())


def _minutes(window: str) -> tuple[int, int]:
    opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in window.split("-"))
    return opens, closes


@cache
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    return frozenset(country_holidays(country, subdiv=subdivision or None, years=year))
