"""The clocks of a case: what starts, pauses and stops them, when they warn, and who is turned to next."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from prisma_batch.cases.clocks import CaseClocks, case_clocks, targets_of
from prisma_batch.records.cases import Case, Interaction
from prisma_batch.records.settings import ContactPoint, Escalation, Hours, Targets

WEEKLY = dict.fromkeys(("monday", "tuesday", "wednesday", "thursday", "friday"), ("08:00-17:00",))
LADDER = tuple(
    Escalation(after_hours=hours, name=name, email=f"{name}@issuer.example")
    for hours, name in ((9, "lead"), (18, "head"))
)
POINT = ContactPoint(
    email="billing@issuer.example",
    phone="+31205550110",
    hours=Hours(timezone="Europe/Amsterdam", weekly=WEEKLY),
    targets=Targets(first_reply_hours=4, resolution_hours=18, warn_before_hours=2),
    escalation=LADDER,
)
OPENED = ("02T08:00", "in", "open")


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{moment}+01:00")


def case(*log: tuple[str, str, str | None]) -> Case:
    """A case of 2 November, 08:00, with entries of time, direction (``auto`` for an automatic reply) and status."""
    entries = tuple(
        Interaction(
            at=at(moment),
            channel="email",
            direction="out" if direction == "auto" else direction,
            by="somebody",
            summary="…",
            status=status,
            automatic=direction == "auto",
        )
        for moment, direction, status in (OPENED, *log)
    )
    fields: dict[str, Any] = {"source": "", "id": "CASE-1", "account": "ACME-001", "kind": "other"}
    status = [entry.status for entry in entries if entry.status][-1]
    return Case(**fields, opened_at=entries[0].at, channel="email", subject="", status=status, interactions=entries)


def clocks(moment: str, *log: tuple[str, str, str | None]) -> CaseClocks:
    found = case_clocks(case(*log), POINT, at(moment))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("moment", "state"),
    [("02T09:59", "running"), ("02T10:00", "due_soon"), ("02T12:00", "due_soon"), ("02T12:01", "breached")],
)
def test_first_reply_warns_and_is_breached(moment: str, state: str) -> None:
    clock = clocks(moment).first_reply
    assert (clock.state, clock.due_at) == (state, at("02T12:00"))


@pytest.mark.parametrize(
    ("moment", "state"), [("02T11:59", "running"), ("02T12:00", "running"), ("02T12:01", "breached")]
)
def test_without_a_warning_a_clock_runs_to_its_last_second(moment: str, state: str) -> None:
    unwarned = replace(POINT, targets=Targets(first_reply_hours=4, resolution_hours=18))
    found = case_clocks(case(), unwarned, at(moment))
    assert found is not None
    assert found.first_reply.state == state


@pytest.mark.parametrize(
    ("replied", "direction", "state"),
    [("02T12:00", "out", "met"), ("02T12:01", "out", "met_late"), ("02T08:00", "auto", "breached")],
)
def test_a_reply_of_a_person_stops_the_first_clock(replied: str, direction: str, state: str) -> None:
    assert clocks("03T08:00", (replied, direction, None)).first_reply.state == state


def test_what_comes_later_is_not_known_yet() -> None:
    assert clocks("02T09:00", ("02T11:00", "out", "resolved")) == clocks("02T09:00")


def test_waiting_for_the_customer_pauses_until_somebody_answers() -> None:
    waiting = ("02T16:00", "out", "waiting_customer")
    paused = clocks("03T12:00", waiting)
    assert (paused.resolution.state, paused.resolution.due_at, paused.resolution.used_seconds) == (
        "paused",
        None,
        8 * 3600,
    )
    resumed = clocks("03T12:00", waiting, ("03T09:00", "in", "open"))
    assert (resumed.resolution.state, resumed.resolution.due_at) == ("running", at("04T10:00"))


def test_a_pause_at_night_costs_nothing() -> None:
    night = clocks("03T12:00", ("02T17:00", "out", "waiting_customer"), ("03T07:30", "in", "open"))
    assert night.resolution.due_at == at("03T17:00")


@pytest.mark.parametrize(
    ("log", "state", "used_hours"),
    [
        ([("03T17:00", "out", "resolved")], "met", 18),
        ([("03T17:00", "out", "resolved"), ("05T09:00", "out", "closed")], "met", 18),
        ([("04T09:00", "out", "resolved")], "met_late", 19),
        ([("02T17:00", "out", "resolved"), ("05T17:00", "in", "open")], "running", 9),
    ],
)
def test_resolution(log: list[tuple[str, str, str | None]], state: str, used_hours: int) -> None:
    clock = clocks("05T18:00", *log).resolution
    assert (clock.state, clock.used_seconds) == (state, used_hours * 3600)


@pytest.mark.parametrize(("moment", "rung"), [("02T16:59", None), ("02T17:00", "lead"), ("03T17:00", "head")])
def test_the_ladder(moment: str, rung: str | None) -> None:
    found = clocks(moment).rung
    assert (found and found.name) == rung


def test_nobody_is_turned_to_when_it_is_resolved() -> None:
    assert clocks("05T08:00", ("03T18:00", "out", "resolved")).rung is None


def test_targets_are_those_of_the_opening() -> None:
    inquiry = case(("02T16:00", "out", "waiting_customer"))
    assert targets_of(inquiry, POINT) == (at("02T12:00"), at("03T17:00"))
