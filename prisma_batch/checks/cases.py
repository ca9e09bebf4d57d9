"""Cases and incidents: what must agree inside one record."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.cases import Case, Incident, Outcome


def check_case_status(case: Case) -> Iterator[Finding]:
    """Yield ``case-status`` where the status is not the last one in the log.

    FAIL: ``status: open`` after an interaction with ``status: resolved``. PASS: ``status: resolved``.
    """
    logged = [interaction.status for interaction in case.interactions if interaction.status]
    if logged and logged[-1] != case.status:
        yield Finding(
            code="case-status",
            message=f"the last status in the log is {logged[-1]}",
            remedy="add an interaction with the new status, or correct the status",
            source=case.source,
            pointer=pointer("status"),
        )


def check_interaction_order(case: Case) -> Iterator[Finding]:
    """Yield ``interaction-order`` where an interaction is earlier than what stands before it.

    FAIL: 10:00 after 11:00. PASS: two at the same time.
    """
    times = [case.opened_at, *(interaction.at for interaction in case.interactions)]
    for index, (before, after) in enumerate(pairwise(times)):
        if after < before:
            yield Finding(
                code="interaction-order",
                message="this interaction is earlier than what stands before it",
                remedy="the log only grows at its end: correct the time, or move the entry",
                source=case.source,
                pointer=pointer("interactions", index, "at"),
            )


def check_installments(case: Case) -> Iterator[Finding]:
    """Yield ``plan-installments`` for installments of nothing, or not in the order of their days.

    FAIL: ``due_on: 2026-12-15`` twice; ``amount: "0.00"``. PASS: 2026-12-15, then 2027-01-15.
    """
    for index, outcome in enumerate(case.outcome):
        for number, installment in enumerate(outcome.installments):
            if installment.amount <= 0:
                at = pointer("outcome", index, "installments", number, "amount")
                yield _plan_finding("an installment is an amount above zero", case, at)
        for number, (before, after) in enumerate(pairwise(outcome.installments), start=1):
            if after.due_on <= before.due_on:
                at = pointer("outcome", index, "installments", number, "due_on")
                yield _plan_finding("this installment is not due after the one before it", case, at)


def check_outcome_days(case: Case) -> Iterator[Finding]:
    """Yield ``outcome-dates`` where what was granted ends before it begins, and so would have no effect.

    FAIL: an extension to 2026-11-12 of 2026-11-14; a discount from 2026-10-31 to 2026-10-01. PASS: one day of it.
    """
    for index, outcome in enumerate(case.outcome):
        for field, first, last in _spans(outcome):
            if last is not None and last < first:
                yield Finding(
                    code="outcome-dates",
                    message=f"this day is before {first}, the first on which it could have an effect",
                    remedy="correct the days",
                    source=case.source,
                    pointer=pointer("outcome", index, field),
                )


def check_incident_times(incident: Incident) -> Iterator[Finding]:
    """Yield ``incident-times`` where an incident ends before it begins.

    FAIL: from 09:30 to 04:00 of one day. PASS: from 04:00 to 09:30.
    """
    if incident.ended_at and incident.ended_at < incident.started_at:
        yield Finding(
            code="incident-times",
            message="the incident ends before it begins",
            remedy="correct started_at or ended_at; mind their offsets",
            source=incident.source,
            pointer=pointer("ended_at"),
        )


def _spans(outcome: Outcome) -> Iterator[tuple[str, date, date | None]]:
    """Yield the field with the last day of what was granted, its first day and that day."""
    yield "due_on", outcome.on, outcome.due_on
    yield "until", outcome.on, outcome.until
    yield "by", outcome.on, outcome.by
    yield "expires_on", outcome.on, outcome.expires_on
    yield "to", outcome.from_ or outcome.on, outcome.to


def _plan_finding(message: str, case: Case, at: str) -> Finding:
    remedy = "list each installment once, in the order of the days, with what is due"
    return Finding(code="plan-installments", message=message, remedy=remedy, source=case.source, pointer=at)
