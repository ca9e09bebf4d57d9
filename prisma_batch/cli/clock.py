"""The only place that reads the clock; never for a run."""

from datetime import UTC, date, datetime


def today() -> date:
    """Return today's date in UTC, whatever the time zone of the machine."""
    return datetime.now(UTC).date()


def now() -> datetime:
    """Return the present moment in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)
