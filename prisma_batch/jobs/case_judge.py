"""Judge a version of a case as ``validate`` would, before it is written: with what it names, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import NotAWorkspace, RecordsNotRight
from prisma_batch.base.findings import Finding
from prisma_batch.base.identifiers import file_stem
from prisma_batch.cases.intake import documents_of
from prisma_batch.jobs.contacts_judge import is_absent
from prisma_batch.jobs.findings import findings_in, placed
from prisma_batch.readers import workspace
from prisma_batch.readers.files import read_record
from prisma_batch.readers.given_tree import GivenTree
from prisma_batch.readers.places import SETTINGS_FILE
from prisma_batch.records.cases import Case
from prisma_batch.records.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class JudgedCase:
    """A version of a case: the record where it can be read, and everything found in it."""

    case: Case | None
    findings: tuple[Finding, ...]


def judge_case(root: Path, source: str, content: bytes, as_of: date) -> JudgedCase:
    """Judge a case by itself, and with its account and the documents that it names."""
    case, _ = workspace.read_record(content, source, "cases")
    beside = list(_beside(root, case)) if case else []
    contents = {path: read_record(root, path) for path in (SETTINGS_FILE, *beside)}
    present = {path: found for path, found in contents.items() if not is_absent(found)}
    loaded = workspace.load(GivenTree({**present, source: content}))
    findings = tuple(finding for finding in findings_in(loaded, as_of) if finding.source == source)
    return JudgedCase(case=case, findings=findings)


def settings_of(root: Path) -> Settings:
    """Return what ``prisma.yaml`` says.

    Raises:
        UsageProblem: root is no workspace.
        RecordsNotRight: it cannot be read.
    """
    content = read_record(root, SETTINGS_FILE)
    if is_absent(content):
        raise NotAWorkspace
    settings, faults = workspace.read_record(content, SETTINGS_FILE, "settings")
    if not isinstance(settings, Settings):
        raise RecordsNotRight(placed(root, faults))
    return settings


def case_files(root: Path) -> list[str]:
    """Return the cases of accounts, sorted; incidents and announcements lie beside them."""
    found = (path.relative_to(root).as_posix() for path in (root / "cases").glob("*/*.yaml"))
    return sorted(path for path in found if path.split("/")[1] not in {"incidents", "announcements"})


def _beside(root: Path, case: Case) -> Iterable[str]:
    yield from (f"contacts/{case.account}.yaml", f"agreements/{case.account}.yaml")
    corrected = (outcome.document for outcome in case.outcome if outcome.document)
    for number in dict.fromkeys((*documents_of(case), *corrected)):
        for path in sorted((root / "invoices").glob(f"*/{file_stem(number)}.yaml")):
            yield path.relative_to(root).as_posix()
