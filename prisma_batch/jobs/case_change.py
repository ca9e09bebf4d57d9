"""Open a case, add to its log, resolve it: judged in memory, then written whole, or refused with every reason."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from prisma_batch.base.errors import RecordsNotRight, Refused
from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.identifiers import ACCOUNT_ID
from prisma_batch.cases.intake import missing_information
from prisma_batch.jobs.case_judge import case_files, judge_case, settings_of
from prisma_batch.jobs.contacts_judge import is_absent, new_errors, refuse
from prisma_batch.jobs.findings import placed
from prisma_batch.readers.files import read_record
from prisma_batch.readers.record_layout import read_layout
from prisma_batch.records.cases import CLOSED_STATES, Case, Evidence, Outcome
from prisma_batch.records.layout import Block, Entry, Layout, Scalar, rank
from prisma_batch.writers.one_file import create_file, locked_workspace, replace_file
from prisma_batch.writers.record_text import record_text
from prisma_batch.writers.yaml_text import Flow, entry_of, scalar_of, yaml_text

_RECORDS: Mapping[str, type[Any]] = {"outcome": Outcome, "evidence": Evidence}
_SCHEMA = "../../schemas/cases.schema.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCase:
    """What ``case open`` is told; ``disputes`` are pairs of invoice (``INV-1`` or ``INV-1#2``) and amount."""

    account: str
    kind: str
    subject: str
    summary: str | None
    channel: str
    requested_by: str | None
    documents: tuple[str, ...]
    disputes: tuple[Mapping[str, Any], ...]
    id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """An entry for the log of a case; a status of None leaves the case as it stands."""

    channel: str
    direction: str
    by: str
    summary: str
    status: str | None
    automatic: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseChanged:
    """A case as it was written, and what to ask the customer for."""

    case: Case
    missing: tuple[str, ...]


def open_case(root: Path, new: NewCase, at: datetime) -> CaseChanged:
    """Write a new case; without an id it gets the next free one of its year.

    Raises:
        Refused: there is no such account, the id is taken, or the record would have errors.
    """
    moment = at.astimezone(ZoneInfo(settings_of(root).contact_point.hours.timezone))
    with locked_workspace(root):
        _known_account(root, new.account)
        taken = [path.rpartition("/")[2].removesuffix(".yaml") for path in case_files(root)]
        identifier = new.id or _next_id(taken, moment.year)
        source = f"cases/{new.account}/{identifier}.yaml"
        if identifier in taken:
            raise _refused("case-exists", "there is a case of this id", "leave --id out to get the next free one")
        content = yaml_text(_mapping(new, identifier, moment), _SCHEMA).encode()
        after = judge_case(root, source, content, moment.date())
        refuse(new_errors((), after.findings))
        if after.case is None or not create_file(root, source, content):
            raise _refused("case-exists", "there is a file of this name", "name another id")
    return CaseChanged(case=after.case, missing=missing_information(after.case))


def log_case(
    root: Path, identifier: str, entry: LogEntry, at: datetime, added: Mapping[str, Mapping[str, Any]]
) -> CaseChanged:
    """Add an entry to the log of a case, with its new status.

    Args:
        added: what came with it, under ``outcome`` and ``evidence``; ``on`` is None for the day of the entry.
    Raises:
        Refused: there is no such case, the entry is older than the last one, or the record would have new errors.
    """
    moment = at.astimezone(ZoneInfo(settings_of(root).contact_point.hours.timezone))
    with locked_workspace(root):
        source, old = _case_file(root, identifier)
        before = judge_case(root, source, old, moment.date())
        if before.case is None:
            raise RecordsNotRight(placed(root, before.findings))
        entry = _with_status(before.case, entry)
        layout = _logged(read_layout(old), before.case, entry, moment)
        for key, item in added.items():
            layout = _appended(layout, key, entry_of(Flow(_item(key, item, moment))))
        new = record_text(layout).encode()
        after = judge_case(root, source, new, moment.date())
        refuse(new_errors(before.findings, after.findings))
        replace_file(root, source, old, new)
    case = after.case or before.case
    return CaseChanged(case=case, missing=missing_information(case))


def _mapping(new: NewCase, identifier: str, at: datetime) -> dict[str, Any]:
    entry = LogEntry(
        channel=new.channel, direction="in", by="customer", summary=new.summary or new.subject, status="open"
    )
    return {
        "id": identifier,
        "account": new.account,
        "kind": new.kind,
        "opened_at": at,
        "channel": new.channel,
        "requested_by": new.requested_by,
        "subject": new.subject,
        "documents": Flow(list(new.documents)) if new.documents else None,
        "disputes": [Flow(dispute) for dispute in new.disputes] or None,
        "status": "open",
        "interactions": [_entry(entry, at)],
    }


def _entry(entry: LogEntry, at: datetime) -> dict[str, Any]:
    return {
        "at": at,
        "channel": entry.channel,
        "direction": entry.direction,
        "by": entry.by,
        "summary": entry.summary,
        "status": entry.status,
        "automatic": True if entry.automatic else None,
    }


def _item(key: str, given: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Return an outcome or what was seen, its fields in the order of the record."""
    order = [field.name.rstrip("_") for field in fields(_RECORDS[key])]
    named = {**given, "on": given["on"] or at.date()}
    return dict(sorted(named.items(), key=lambda field: rank(field[0], order)))


def _logged(layout: Layout, case: Case, entry: LogEntry, at: datetime) -> Layout:
    if entry.status and entry.status != case.status:
        entries = (
            replace(own, value=scalar_of(entry.status))
            if own.name == "status" and isinstance(own.value, Scalar)
            else own
            for own in layout.root.entries
        )
        layout = replace(layout, root=replace(layout.root, entries=tuple(entries)))
    return _appended(layout, "interactions", entry_of(_entry(entry, at)))


def _appended(layout: Layout, key: str, item: Entry) -> Layout:
    """Add an item to a list of the record, which is begun where there is none: at its end, evidence last."""
    entries = list(layout.root.entries)
    place = next((index for index, entry in enumerate(entries) if entry.name == key), None)
    if place is None:
        block = Block(is_list=True, entries=(item,))
        place = next((index for index, entry in enumerate(entries) if entry.name == "evidence"), len(entries))
        entries.insert(place, Entry(key=scalar_of(key), value=block))
    else:
        items = entries[place].value
        assert isinstance(items, Block)  # noqa: S101 - the schema says so
        entries[place] = replace(entries[place], value=replace(items, entries=(*items.entries, item), flow=False))
    return replace(layout, root=replace(layout.root, entries=tuple(entries)))


def _known_account(root: Path, account: str) -> None:
    source = f"contacts/{account}.yaml"
    if not ACCOUNT_ID.fullmatch(account) or is_absent(read_record(root, source)):
        remedy = "see which there are: prisma-batch contacts list"
        raise _refused("unknown-account", "there is no such account", remedy, "contacts")


def _case_file(root: Path, identifier: str) -> tuple[str, bytes]:
    source = next((path for path in case_files(root) if path.rpartition("/")[2] == f"{identifier}.yaml"), None)
    if source is None:
        raise _refused("unknown-case", "there is no such case", "see which there are: prisma-batch case list")
    content = read_record(root, source)
    if isinstance(content, Finding):
        raise Refused([content])
    return source, content


def _with_status(case: Case, entry: LogEntry) -> LogEntry:
    """Open a case again that waited for the customer who now answers; what becomes of a closed one must be said."""
    answers = entry.direction == "in" and not entry.automatic and entry.status is None
    if answers and case.status in CLOSED_STATES:
        remedy = "say what becomes of it: --status open opens it again, --status closed leaves it closed"
        raise _refused("case-is-closed", f"this case is {case.status}", remedy, case.source)
    return replace(entry, status="open") if answers and case.status == "waiting_customer" else entry


def _next_id(taken: list[str], year: int) -> str:
    """Return the number after the highest of the year: ``CASE-2026-0043``."""
    start = f"CASE-{year}-"
    numbers = [
        int(name.removeprefix(start)) for name in taken if name.startswith(start) and name[len(start) :].isdecimal()
    ]
    return f"{start}{max(numbers, default=0) + 1:04d}"


def _refused(code: str, message: str, remedy: str, source: str = "cases") -> Refused:
    return Refused([Finding(code=code, message=message, remedy=remedy, source=source, pointer=pointer())])
