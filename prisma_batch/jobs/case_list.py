"""Find the cases of a workspace, with their clocks at a moment."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prisma_batch.base.errors import Refused
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.jobs.case_judge import case_files, settings_of
from prisma_batch.jobs.findings import placed
from prisma_batch.readers import workspace
from prisma_batch.readers.files import read_record
from prisma_batch.records.cases import Case
from prisma_batch.views.case_rows import CaseRow, case_row


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundCases:
    """Cases, the most urgent first, and what is wrong with files that cannot be read."""

    rows: tuple[CaseRow, ...]
    unreadable: tuple[Finding, ...]


def find_cases(root: Path, account: str | None, *, closed: bool, at: datetime) -> FoundCases:
    """Return the open cases of a workspace or an account; with ``closed`` all of them.

    Raises:
        Refused: the account has no cases folder, though one was named.
        UsageProblem: root is no workspace.
    """
    settings = settings_of(root)
    sources = [source for source in case_files(root) if account in {None, source.split("/")[1]}]
    if account and not sources and not (root / "contacts" / f"{account}.yaml").is_file():
        remedy = "see which there are: prisma-batch contacts list"
        finding = Finding(code="unknown-account", message="there is no such account", remedy=remedy, source="contacts")
        raise Refused([finding], "nothing was listed")
    read = [workspace.read_record(read_record(root, source), source, "cases") for source in sources]
    cases: list[Case] = [case for case, _ in read if case]
    rows = [case_row(case, settings.contact_point, at) for case in cases if case.is_open or closed]
    unreadable = placed(root, (finding for _, faults in read for finding in errors_in(faults)))
    return FoundCases(rows=tuple(sorted(rows, key=CaseRow.urgency)), unreadable=tuple(unreadable))
