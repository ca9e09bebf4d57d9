"""What stays as it is once it is on the base, whoever asks."""

import re
from collections.abc import Iterator
from itertools import zip_longest

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.cases import Case
from prisma_batch.records.changes import Change, Request

_DOCUMENT = re.compile(r"invoices/.*\.yaml", re.DOTALL)
_ALLOCATION = re.compile(r"payments/allocations/.*\.yaml", re.DOTALL)


def check_issued_documents(request: Request) -> Iterator[Finding]:
    """Yield ``issued-document-changed`` where an issued document is edited, removed or renamed.

    FAIL: the total of INV-1 differs. PASS: INV-2 is new; a file that no document could be read from is repaired.
    """
    for change in _changed_records(request, _DOCUMENT):
        yield Finding(
            code="issued-document-changed",
            message="an issued document stays as it was issued",
            remedy="restore the file; correct the document by a credit note or another invoice",
            source=change.path,
        )


def check_allocations(request: Request) -> Iterator[Finding]:
    """Yield ``allocation-changed`` where an allocation decided by a person is edited or removed.

    FAIL: the amount of an item differs. PASS: a new file takes it back with a negative amount.
    """
    for change in _changed_records(request, _ALLOCATION):
        yield Finding(
            code="allocation-changed",
            message="an allocation that was decided stays as it is",
            remedy="restore the file; take it back by a new file with negative amounts",
            source=change.path,
        )


def check_case_logs(request: Request) -> Iterator[Finding]:
    """Yield ``case-log-rewritten`` where an interaction of a case is edited or removed, or comes before older ones.

    FAIL: the summary of the first interaction differs. PASS: another is added at the end.
    """
    for change in request.changes:
        before, after = request.before.get(change.path), request.after.get(change.path)
        case = before.record if before else None
        if not isinstance(case, Case) or not (change.is_deleted or (after and isinstance(after.record, Case))):
            continue
        now = after.record.interactions if after else ()
        pairs = zip_longest(case.interactions, now[: len(case.interactions)])
        changed = next((index for index, (old, new) in enumerate(pairs) if old != new), None)
        if change.is_deleted or changed is not None:
            yield Finding(
                code="case-log-rewritten",
                message="the log of a case is only added to",
                remedy="restore it as it is on the base, and add a new interaction at its end",
                source=change.path,
                pointer=pointer("interactions", changed or 0),
            )


def _changed_records(request: Request, path: re.Pattern[str]) -> Iterator[Change]:
    """Yield the changes of records that could be read on the base: an old mistake may be repaired."""
    for change in request.changes:
        before = request.before.get(change.path)
        if path.fullmatch(change.path) and before and before.record:
            yield change
