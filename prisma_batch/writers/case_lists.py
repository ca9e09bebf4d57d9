"""Lists of cases: for people, and as JSON and CSV for other programs."""

import json
from collections.abc import Iterable
from datetime import datetime

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
