"""Business hours as people read them: Monday to Friday on one line."""

from dataclasses import dataclass
from itertools import groupby

from prisma_batch.records.settings import WEEKDAYS, Hours


@dataclass(frozen=True, kw_only=True, slots=True)
class OpeningHours:
    """Consecutive weekdays (Monday = 0) with the same windows, such as ``09:00-12:00``."""

    first_weekday: int
    last_weekday: int
    windows: tuple[str, ...]


def opening_hours(hours: Hours) -> tuple[OpeningHours, ...]:
    """Return the days on which somebody is there, those with the same hours together."""
    windows = [tuple(hours.weekly.get(weekday, ())) for weekday in WEEKDAYS]
    runs = [(own, [index for index, _ in run]) for own, run in groupby(enumerate(windows), key=lambda pair: pair[1])]
    return tuple(OpeningHours(first_weekday=days[0], last_weekday=days[-1], windows=own) for own, days in runs if own)
