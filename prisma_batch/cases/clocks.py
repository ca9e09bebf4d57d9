"""The clocks of a case: when a first reply and a resolution are due, in business hours, and how far each has run."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise, takewhile
from typing import Literal, TypeAlias

from prisma_batch.cases.hours import BusinessHours, Interval, moment_after, worked_seconds
from prisma_batch.records.cases import CLOSED_STATES, Case, Interaction
from prisma_batch.records.settings import ContactPoint, Escalation, Targets

ClockState: TypeAlias = Literal["running", "paused", "due_soon", "breached", "met", "met_late"]

_PAUSING = ("waiting_customer", *CLOSED_STATES)
_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
_HOUR = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Clock:
    """One target of a case.

    ``due_at`` is in the contact point's zone; None while the customer is waited for, since nobody knows for how long.
    Working time is in seconds.
    """

    state: ClockState
    due_at: datetime | None
    target_seconds: int
    used_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseClocks:
    """Where a case stands at a moment; ``rung`` is the highest step of the ladder that it has reached."""

    first_reply: Clock
    resolution: Clock
    rung: Escalation | None


def case_clocks(case: Case, contact_point: ContactPoint, at: datetime) -> CaseClocks | None:
    """Return the clocks of a case as its log has them up to a moment; None where the contact point has no targets.

    Both count from ``opened_at``. A reply that is not automatic stops the first, ``resolved`` or ``closed`` the second
    until the case is opened again. Waiting for the customer pauses both, which costs nothing outside business hours.
    """
    targets = contact_point.targets
    if targets is None:
        return None
    hours = BusinessHours.of(contact_point.hours)
    log = [entry for entry in case.interactions if entry.at <= at]
    pauses = tuple(_pauses(log))
    replied_at = next((entry.at for entry in log if _is_reply(entry)), None)
    resolved_at = _resolved_at(log)
    clocks = [
        _clock(hours, (case.opened_at, stopped_at, at), pauses, seconds, _warned_from(targets, seconds))
        for stopped_at, seconds in (
            (replied_at, targets.first_reply_hours * _HOUR),
            (resolved_at, targets.resolution_hours * _HOUR),
        )
    ]
    rung = None if resolved_at else _rung(contact_point.escalation, clocks[1].used_seconds)
    return CaseClocks(first_reply=clocks[0], resolution=clocks[1], rung=rung)


def targets_of(case: Case, contact_point: ContactPoint) -> tuple[datetime | None, datetime | None]:
    """Return when a first reply and a resolution were due when the case was opened, whatever came after."""
    targets = contact_point.targets
    if targets is None:
        return None, None
    hours = BusinessHours.of(contact_point.hours)
    first_reply = moment_after(hours, case.opened_at, targets.first_reply_hours * _HOUR)
    return first_reply, moment_after(hours, case.opened_at, targets.resolution_hours * _HOUR)


def _clock(
    hours: BusinessHours,
    moments: tuple[datetime, datetime | None, datetime],
    pauses: tuple[Interval, ...],
    target_seconds: int,
    warned_from: int,
) -> Clock:
    start, stopped_at, at = moments
    used = worked_seconds(hours, (start, stopped_at or at), pauses)
    due_at = moment_after(hours, start, target_seconds, pauses)
    state: ClockState
    if stopped_at:
        state = "met" if used <= target_seconds else "met_late"
    elif used > target_seconds:
        state = "breached"
    elif pauses and pauses[-1][1] == _END_OF_TIME:
        state = "paused"
    else:
        state = "due_soon" if used >= warned_from else "running"
    return Clock(state=state, due_at=due_at, target_seconds=target_seconds, used_seconds=used)


def _warned_from(targets: Targets, target_seconds: int) -> int:
    return target_seconds - targets.warn_before_hours * _HOUR if targets.warn_before_hours else target_seconds + 1


def _rung(ladder: tuple[Escalation, ...], used_seconds: int) -> Escalation | None:
    reached = [rung for rung in ladder if rung.after_hours * _HOUR <= used_seconds]
    return max(reached, key=lambda rung: rung.after_hours, default=None)


def _is_reply(entry: Interaction) -> bool:
    return entry.direction == "out" and not entry.automatic


def _resolved_at(log: list[Interaction]) -> datetime | None:
    """Return since when a case has been resolved or closed; None while it is open."""
    changes = [entry for entry in log if entry.status]
    closing = takewhile(lambda entry: entry.status in CLOSED_STATES, reversed(changes))
    return min((entry.at for entry in closing), default=None)


def _pauses(log: list[Interaction]) -> Iterator[Interval]:
    """Yield when nobody but the customer could go on, or nobody had to; the last may have no end."""
    changes = [(entry.at.astimezone(UTC), entry.status) for entry in log if entry.status]
    for (start, status), (end, _) in pairwise([*changes, (_END_OF_TIME, None)]):
        if status in _PAUSING:
            yield start, end
