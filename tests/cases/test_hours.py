"""Working time, worked out by hand: weekends, holidays, changes of the clocks, other time zones and pauses."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prisma_batch.cases.hours import BusinessHours, moment_after, worked_seconds
from prisma_batch.records.settings import Hours

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


def office(*windows: str, **holidays: object) -> BusinessHours:
    weekly = dict.fromkeys(WEEKDAYS, windows)
    return BusinessHours.of(Hours(timezone="Europe/Amsterdam", weekly=weekly, holidays=holidays))


NINE_HOURS = office("08:00-17:00")
SPLIT = office("13:30-17:30", "09:00-12:30")
DUTCH = office("08:00-17:00", country="NL", extra_days=["2026-12-24"])
NIGHTS = BusinessHours.of(Hours(timezone="Europe/Amsterdam", weekly={"sunday": ("00:00-08:00",)}))
ROUND_THE_CLOCK = BusinessHours.of(
    Hours(timezone="Europe/Amsterdam", weekly=dict.fromkeys((*WEEKDAYS, "saturday", "sunday"), ("00:00-24:00",)))
)


@pytest.mark.parametrize(
    ("hours", "start", "count", "end"),
    [
        # 18 h from Monday to Friday, 8 to 17, are two business days
        (NINE_HOURS, "2026-11-02T08:00+01:00", 18, "2026-11-03T17:00+01:00"),
        (NINE_HOURS, "2026-11-02T12:00+01:00", 18, "2026-11-04T12:00+01:00"),
        (NINE_HOURS, "2026-11-02T03:00+01:00", 1, "2026-11-02T09:00+01:00"),
        (NINE_HOURS, "2026-11-02T17:00+01:00", 1, "2026-11-03T09:00+01:00"),
        # over a weekend: an hour on Friday, three on Monday
        (NINE_HOURS, "2026-11-06T16:00+01:00", 4, "2026-11-09T11:00+01:00"),
        (NINE_HOURS, "2026-11-07T10:00+01:00", 9, "2026-11-09T17:00+01:00"),
        # a lunch break
        (SPLIT, "2026-11-02T12:00+01:00", 1, "2026-11-02T14:00+01:00"),
        (SPLIT, "2026-11-02T09:00+01:00", 15, "2026-11-03T17:30+01:00"),
        # King's Day is Monday 27 April; 24 December is an extra day, then Christmas and a weekend
        (DUTCH, "2026-04-24T16:00+02:00", 4, "2026-04-28T11:00+02:00"),
        (DUTCH, "2026-12-23T16:00+01:00", 2, "2026-12-28T09:00+01:00"),
        # the clocks go back on Sunday 25 October, which no office hour notices
        (NINE_HOURS, "2026-10-23T16:00+02:00", 4, "2026-10-26T11:00+01:00"),
        # … and this night of 00:00 to 08:00 has nine hours, that of 29 March seven
        (NIGHTS, "2026-10-24T20:00+02:00", 9, "2026-10-25T08:00+01:00"),
        (NIGHTS, "2026-03-28T20:00+01:00", 7, "2026-03-29T08:00+02:00"),
        (ROUND_THE_CLOCK, "2026-10-24T12:00+02:00", 24, "2026-10-25T11:00+01:00"),
        # Monday evening in New York is Tuesday night here; Sunday night in Honolulu is Monday morning
        (NINE_HOURS, "2026-11-02T20:00-05:00", 1, "2026-11-03T09:00+01:00"),
        (NINE_HOURS, "2026-11-01T23:30-10:00", 1, "2026-11-02T11:30+01:00"),
    ],
)
def test_deadlines(hours: BusinessHours, start: str, count: int, end: str) -> None:
    due_at = moment_after(hours, datetime.fromisoformat(start), count * 3600)
    assert due_at is not None
    assert due_at.isoformat(timespec="minutes") == end
    assert worked_seconds(hours, (datetime.fromisoformat(start), due_at)) == count * 3600


@pytest.mark.parametrize(
    ("pause", "end"),
    [
        (("2026-11-02T18:00+01:00", "2026-11-03T07:00+01:00"), "2026-11-03T17:00+01:00"),  # at night: costs nothing
        (("2026-11-07T00:00+01:00", "2026-11-09T00:00+01:00"), "2026-11-03T17:00+01:00"),  # after the deadline
        (("2026-11-02T16:00+01:00", "2026-11-03T09:00+01:00"), "2026-11-04T10:00+01:00"),  # an hour each side
        (("2026-11-02T10:00+01:00", "2026-11-02T10:30+01:00"), "2026-11-04T08:30+01:00"),
        (("2026-11-02T07:00+01:00", "2026-11-03T17:00+01:00"), "2026-11-05T17:00+01:00"),  # all of both days
    ],
)
def test_a_pause_counts_where_it_overlaps_working_time(pause: tuple[str, str], end: str) -> None:
    start = datetime.fromisoformat("2026-11-02T08:00+01:00")
    paused = (datetime.fromisoformat(pause[0]), datetime.fromisoformat(pause[1]))
    due_at = moment_after(NINE_HOURS, start, 18 * 3600, [paused])
    assert due_at is not None
    assert due_at.isoformat(timespec="minutes") == end


@pytest.mark.parametrize(
    ("start", "pauses", "begins"),
    [
        ("2026-11-02T09:00+01:00", [], "2026-11-02T09:00+01:00"),
        ("2026-11-02T17:00+01:00", [], "2026-11-03T08:00+01:00"),
        ("2026-11-02T09:00+01:00", [("2026-11-02T09:00+01:00", "2026-11-02T10:00+01:00")], "2026-11-02T10:00+01:00"),
        ("2026-11-02T09:00+01:00", [("2026-11-02T08:00+01:00", "2026-11-02T09:00+01:00")], "2026-11-02T09:00+01:00"),
        ("2026-11-02T09:00+01:00", [("2026-11-02T09:00+01:00", "2026-11-02T17:00+01:00")], "2026-11-03T08:00+01:00"),
    ],
    ids=["within a window", "at its end", "at the start of a pause", "at the end of one", "a pause to the end"],
)
def test_no_time_at_all_ends_where_working_time_begins(start: str, pauses: list[tuple[str, str]], begins: str) -> None:
    paused = [(datetime.fromisoformat(first), datetime.fromisoformat(last)) for first, last in pauses]
    found = moment_after(NINE_HOURS, datetime.fromisoformat(start), 0, paused)
    assert found == datetime.fromisoformat(begins)


def test_where_nobody_is_ever_there_nothing_falls_due() -> None:
    closed = BusinessHours.of(Hours(timezone="UTC", weekly={"monday": ()}))
    assert moment_after(closed, datetime.fromisoformat("2026-11-02T08:00+01:00"), 3600) is None


@given(
    minutes=st.integers(0, 60 * 24 * 60),
    length=st.integers(0, 60 * 24 * 60),
    pause=st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)),
)
def test_working_time_of_parts_adds_up(minutes: int, length: int, pause: tuple[int, int]) -> None:
    start = datetime.fromisoformat("2026-10-01T00:00+02:00")
    middle, end = start + timedelta(minutes=minutes), start + timedelta(minutes=minutes + length)
    paused = [(start + timedelta(minutes=pause[0]), start + timedelta(minutes=sum(pause)))]
    parts = [worked_seconds(DUTCH, (start, middle), paused), worked_seconds(DUTCH, (middle, end), paused)]
    assert sum(parts) == worked_seconds(DUTCH, (start, end), paused)
    assert worked_seconds(DUTCH, (start, end)) == sum(parts) + worked_seconds(
        DUTCH, (paused[0][0], min(max(end, paused[0][0]), paused[0][1]))
    )
