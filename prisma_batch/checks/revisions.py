"""Revisions of usage reports: each replaces one that is there."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.facts import Context, Facts, FileFacts, ReportFacts


def check_revisions(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``revision-missing`` where a usage report revises one that is not there.

    FAIL: ``revises: 2`` with only the first report. PASS: ``revises: 1``.
    """
    present = {_key(file, file.report) for file in facts.files if file.report}
    unread = {file.source for file in facts.files if not file.readable}
    for file in facts.of_kind("usage"):
        report = file.report
        if not report or report.revision == 1:
            continue
        account, program, period, revision = _key(file, report)
        previous = revision - 1
        suffix = f".r{previous}" if previous > 1 else ""
        expected = f"usage/{period}/{account}.{program}{suffix}.yaml"
        if (account, program, period, previous) not in present and expected not in unread:
            yield Finding(
                code="revision-missing",
                message=f"there is no report {previous} that this one could revise",
                remedy=f"add {expected}, or correct revises (1 is the first report)",
                source=file.source,
                pointer=pointer("revises"),
            )


def _key(file: FileFacts, report: ReportFacts) -> tuple[str | None, str, str, int]:
    return file.account, report.program, report.period, report.revision
