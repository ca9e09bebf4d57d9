"""Every rule about changes with its codes. Adding one: a generator, a line here, a pass and a fail example."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prisma_batch.base.findings import Finding
from prisma_batch.checks.changes import actors, contacts, documents, immutable, ownership, places, usage
from prisma_batch.records.changes import Request


@dataclass(frozen=True, slots=True)
class ChangeCheck:
    """A rule about what a request changes."""

    check: Callable[[Request], Iterator[Finding]]
    codes: tuple[str, ...]


CHANGES = (
    ChangeCheck(actors.check_actor, ("unknown-actor", "base-unreadable")),
    ChangeCheck(places.check_count, ("too-many-files",)),
    ChangeCheck(
        places.check_paths,
        (
            "foreign-path",
            "git-settings-change",
            "workflow-change",
            "schema-change",
            "template-change",
            "settings-change",
            "code-change",
        ),
    ),
    ChangeCheck(places.check_modes, ("symlink", "submodule", "executable-file", "file-mode")),
    ChangeCheck(
        ownership.check_ownership,
        (
            "foreign-account",
            "owner-unknown",
            "record-deleted",
            "owner-change",
            "foreign-partner",
            "account-prefix",
        ),
    ),
    ChangeCheck(ownership.check_usage_ownership, ("foreign-account",)),
    ChangeCheck(ownership.check_renames, ("rename-across-owners",)),
    ChangeCheck(usage.check_usage_edits, ("usage-report-changed",)),
    ChangeCheck(usage.check_open_periods, ("period-closed",)),
    ChangeCheck(contacts.check_last_contact, ("last-contact",)),
    ChangeCheck(contacts.check_removal_share, ("removal-share",)),
    ChangeCheck(immutable.check_issued_documents, ("issued-document-changed",)),
    ChangeCheck(immutable.check_allocations, ("allocation-changed",)),
    ChangeCheck(immutable.check_case_logs, ("case-log-rewritten",)),
    ChangeCheck(documents.check_line_amounts, ("line-amount",)),
)


def check_changes(request: Request) -> Iterator[Finding]:
    """Yield the findings of every rule about changes."""
    for entry in CHANGES:
        yield from entry.check(request)
