"""Business hours of the contact point: a time zone and holidays that exist, windows that make sense."""

from collections.abc import Iterator
from itertools import pairwise
from zoneinfo import ZoneInfo

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.settings import Settings

_AT = ("contact_point", "hours")


def check_hours(settings: Settings) -> Iterator[Finding]:
    """Yield ``business-hours`` for an unknown time zone or holidays, and for windows that end early or overlap.

    FAIL: ``monday: ["13:00-17:00", "09:00-14:00"]``. PASS: ``monday: ["09:00-12:30", "13:30-17:30"]``.
    """
    hours = settings.contact_point.hours
    if not _is_zone(hours.timezone):
        remedy = "use a name of the IANA database, such as Europe/Amsterdam"
        yield _finding(settings, "there is no such time zone", remedy, "timezone")
    country, subdivision = hours.holidays.get("country"), hours.holidays.get("subdivision")
    if country and not _has_holidays(country, subdivision):
        remedy = "correct the country or its subdivision, or list the days under extra_days"
        yield _finding(settings, "the holidays of this place are not known", remedy, "holidays")
    for weekday, windows in hours.weekly.items():
        if not _make_sense(windows):
            remedy = "let each window end after it begins, and before the next one begins"
            yield _finding(settings, "these windows end before they begin, or overlap", remedy, "weekly", weekday)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _has_holidays(country: str, subdivision: str | None) -> bool:
    from holidays import country_holidays  # noqa: PLC0415 - only where prisma.yaml itself is judged

    try:
        country_holidays(country, subdiv=subdivision)
    except NotImplementedError:
        return False
    return True


def _make_sense(windows: tuple[str, ...]) -> bool:
    pairs = [window.split("-") for window in sorted(windows)]
    in_order = all(start < end for start, end in pairs)
    return in_order and all(earlier[1] <= later[0] for earlier, later in pairwise(pairs))


def _finding(settings: Settings, message: str, remedy: str, *at: str) -> Finding:
    place = pointer(*_AT, *at)
    return Finding(code="business-hours", message=message, remedy=remedy, source=settings.source, pointer=place)
