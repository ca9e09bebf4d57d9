"""Lists of cases: for people, and as JSON and CSV for other programs."""

import json
from collections.abc import Iterable
from datetime import date, datetime

from prisma_batch.cases.assistance import Assessment, RuleStep
from prisma_batch.records.cases import Case
from prisma_batch.records.settings import Escalation
from prisma_batch.views.case_rows import CaseRow
from prisma_batch.writers.csv_text import csv_bytes, guarded
from prisma_batch.writers.visible import visible

COLUMNS = (
    *("id", "account", "kind", "status", "subject", "opened_at", "first_reply_state", "first_reply_due_at"),
    *("resolution_state", "resolution_due_at", "escalated_to", "missing"),
)
_HOUR = 3600


def cases_text(rows: Iterable[CaseRow]) -> str:
    """Return cases for people: two lines each, what is due next and when."""
    return "".join(f"{visible(line)}\n" for row in rows for line in _lines(row))


def cases_csv(rows: Iterable[CaseRow]) -> str:
    """Return a row a case."""
    return csv_bytes(COLUMNS, ([guarded(value or "") for value in _fields(row).values()] for row in rows)).decode()


def cases_json(rows: Iterable[CaseRow]) -> str:
    """Return one JSON list, an object a case; what is not known is null."""
    return json.dumps([_fields(row) for row in rows], indent=2, ensure_ascii=True) + "\n"


def assessment_text(case: Case, as_of: date, assessment: Assessment) -> str:
    """Return every rule with what it was held against, the points, and what may be offered."""
    lines = [f"{case.id}  {case.account}  {case.subject}", f"as of {as_of}:"]
    lines += (
        f"  {'met' if own.is_met else 'not met':<8} {own.points:>3}  {_rule_words(own)}" for own in assessment.rules
    )
    lines += [f"  points   {assessment.points:>3}", "may be granted by a person:"]
    for step in assessment.offers:
        terms = f" ({step.offer.terms})" if step.offer.terms else ""
        why = f": {step.refused_because}" if step.refused_because else terms
        lines.append(f"  {'no ' if step.refused_because else 'yes'}  {step.offer.kind}{why}")
    return "".join(f"{visible(line)}\n" for line in lines)


def _rule_words(step: RuleStep) -> str:
    rule = step.rule
    limits = [f"at least {rule.at_least}"] * (rule.at_least is not None)
    limits += [f"at most {rule.at_most}"] * (rule.at_most is not None)
    value = "not known" if step.value is None else step.value
    asked = f", {' and '.join(limits)} is asked for" if limits else ""
    return f"{rule.name}: {rule.fact} is {value}{asked}"


def _lines(row: CaseRow) -> Iterable[str]:
    case = row.case
    yield f"{case.id}  {case.account}  {case.kind}, {case.status}: {case.subject}"
    parts = [*_clock_words(row), *_rung_words(row.clocks.rung if row.clocks else None)]
    if row.missing:
        parts.append(f"ask for: {', '.join(row.missing)}")
    if case.is_open and parts:
        yield f"    {'; '.join(parts)}"


def _clock_words(row: CaseRow) -> Iterable[str]:
    if row.next_clock is None:
        return
    name, clock = row.next_clock
    used = f"{clock.used_seconds / _HOUR:.1f} of {clock.target_seconds // _HOUR} business hours used"
    due = f" {_moment(clock.due_at)}" if clock.due_at else ""
    words = {
        "breached": f"{name} was due{due}",
        "paused": f"{name} waits for the customer",
        "due_soon": f"{name} due soon:{due}",
    }
    yield f"{words.get(clock.state, f'{name} due{due}')} ({used})"


def _rung_words(rung: Escalation | None) -> Iterable[str]:
    if rung:
        yield f"after {rung.after_hours} hours: {rung.name}, {rung.email}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _fields(row: CaseRow) -> dict[str, str | None]:
    case, clocks = row.case, row.clocks
    first_reply, resolution = (clocks.first_reply, clocks.resolution) if clocks else (None, None)
    rung = clocks.rung if clocks else None
    return {
        "id": case.id,
        "account": case.account,
        "kind": case.kind,
        "status": case.status,
        "subject": case.subject,
        "opened_at": case.opened_at.isoformat(),
        "first_reply_state": first_reply.state if first_reply else None,
        "first_reply_due_at": first_reply.due_at.isoformat() if first_reply and first_reply.due_at else None,
        "resolution_state": resolution.state if resolution else None,
        "resolution_due_at": resolution.due_at.isoformat() if resolution and resolution.due_at else None,
        "escalated_to": rung.email if rung else None,
        "missing": " ".join(row.missing) or None,
    }
