"""Judge a version of a customer record as ``validate`` would, before it is written."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import NotAWorkspace, Refused
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.jobs.findings import findings_in
from prisma_batch.readers.files import read_record
from prisma_batch.readers.given_tree import GivenTree
from prisma_batch.readers.places import SETTINGS_FILE
from prisma_batch.readers.workspace import load
from prisma_batch.records.contacts import Customer


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A version of a record: the customer where it can be read, and everything found in it."""

    customer: Customer | None
    findings: tuple[Finding, ...]


def judge(root: Path, source: str, content: bytes, as_of: date) -> Judged:
    """Judge a contact file by itself, and with what it is held against: prisma.yaml and the account's agreement.

    Raises:
        UsageProblem: root is no workspace.
    """
    agreement = source.replace("contacts/", "agreements/", 1)
    beside = {path: read_record(root, path) for path in (SETTINGS_FILE, agreement)}
    present = {path: found for path, found in beside.items() if not is_absent(found)}
    if SETTINGS_FILE not in present:
        raise NotAWorkspace
    loaded = load(GivenTree({**present, source: content}))
    findings = tuple(finding for finding in findings_in(loaded, as_of) if finding.source == source)
    record = next((file.record for file in loaded.files if file.source == source), None)
    return Judged(customer=record if isinstance(record, Customer) else None, findings=findings)


def is_absent(read: bytes | Finding) -> bool:
    """Say whether a file was not read because there is none."""
    return isinstance(read, Finding) and read.code == "file-not-found"


def refuse(findings: Iterable[Finding]) -> None:
    """Raise Refused where there is anything to refuse."""
    found = tuple(findings)
    if found:
        raise Refused(found)


def new_errors(before: Iterable[Finding], after: Iterable[Finding]) -> list[Finding]:
    """Return the errors that a change brings: more of a code in a place, or an uncovered day that is earlier.

    What was wrong before does not stand in the way of a change that leaves it as it is, or mends a part of it.
    """
    before = errors_in(before)
    known = Counter(map(_kind, before))
    gaps = {_kind(finding): finding.message for finding in before if finding.code == "contact-gap"}
    found = []
    for finding in errors_in(after):
        kind = _kind(finding)
        known[kind] -= 1
        # The messages of a type differ in nothing but the day.
        if known[kind] < 0 or finding.message < gaps.get(kind, ""):
            found.append(finding)
    return found


def new_warnings(before: Iterable[Finding], after: Iterable[Finding]) -> Iterator[Finding]:
    """Yield the warnings that a change brings."""
    known = Counter(map(_kind, before))
    for finding in after:
        known[_kind(finding)] -= 1
        if finding.severity == "warning" and known[_kind(finding)] < 0:
            yield finding


def _kind(finding: Finding) -> tuple[str, ...]:
    # Places in a list move when others come or go: what counts is the contact type.
    return (finding.code, *finding.pointer.split("/")[:3])
