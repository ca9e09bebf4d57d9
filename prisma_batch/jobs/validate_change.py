"""Validate a request: the workspace as HEAD has it, and whether who asks may change what it changes.

Everything is read from git's objects. Owners, policies and members are those of the base; the packaged schemas judge.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.checks.changes.registry import check_changes
from prisma_batch.jobs.change_inputs import read_request
from prisma_batch.jobs.checked import Checked, TellCount, checked_tree, tell_nobody
from prisma_batch.jobs.findings import placed
from prisma_batch.jobs.new_documents import new_document_findings
from prisma_batch.readers.cache import Cache, open_cache
from prisma_batch.readers.git import Repository
from prisma_batch.readers.trees import CommitTree
from prisma_batch.records.changes import Actor, Request
from prisma_batch.views.change_words import changes_in_words

# What a rule about changes says better than the check of the whole workspace does: its code, and theirs.
_SAID_BETTER = {
    "last-contact": ("last-contact",),
    "symlink": ("symlink",),
    "submodule": ("not-a-regular-file",),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeValidation:
    """What was found in how many files, sorted and with places; what else to say; and the request, for its words."""

    findings: tuple[Finding, ...]
    files_checked: int
    notes: tuple[str, ...]
    request: Request

    def words(self, *, initials: bool) -> tuple[str, ...]:
        """Say what the request changes, a line each; people by name, or by their initials."""
        before = {change.path: None for change in self.request.changes if not change.is_new}
        after = {change.path: None for change in self.request.changes if not change.is_deleted}
        before |= {path: version.record for path, version in self.request.before.items()}
        after |= {path: version.record for path, version in self.request.after.items()}
        return changes_in_words(before, after, initials=initials)


def validate_change(
    root: Path,
    base_ref: str,
    asked_by: str | Actor | None,
    as_of: date,
    *,
    use_cache: bool = False,
    tell: TellCount = tell_nobody,
) -> ChangeValidation:
    """Validate what HEAD changes against a base.

    Args:
        root: the workspace: a git repository or a folder in one; its files are not looked at, only its commits.
        base_ref: what the request is to be merged into, such as ``origin/main``.
        asked_by: who asks, by number or user name, or as known; None leaves ownership unjudged.
        as_of: the day from which on every contact type must be covered.
        use_cache: use and keep what is found under ``.prisma-cache/``, which changes nothing but the time it takes.
        tell: is told how far the check is, for a progress bar.
    Raises:
        UsageProblem: there is no such commit or actor, or HEAD is no workspace.
    """
    repository = Repository(root)
    base, head = repository.resolve(base_ref), repository.resolve("HEAD")
    fork = repository.merge_base(base, head)
    request = read_request(repository, base, head, repository.changes(fork, head), asked_by, as_of)
    tree = CommitTree(repository, head)
    found = [*check_changes(request), *new_document_findings(request, tree)]
    better = {(finding.source, code) for finding in found for code in _SAID_BETTER.get(finding.code, ())}
    with open_cache(root) if use_cache else nullcontext(Cache()) as cache:
        whole = _checked(tree, as_of, cache, tell, required=not errors_in(found))
        found += (finding for finding in whole.findings() if (finding.source, finding.code) not in better)
        findings = _old_ones_as_warnings(
            found, request, lambda: _checked(CommitTree(repository, fork), as_of, cache, tell)
        )
    return ChangeValidation(
        findings=tuple(placed(tree, findings)),
        files_checked=whole.files_count,
        notes=tuple(_notes(request, behind=fork != base)),
        request=request,
    )


def _checked(tree: CommitTree, as_of: date, cache: Cache, tell: TellCount, *, required: bool = False) -> Checked:
    """Return what is found in a commit; where not required, nothing for what is no workspace."""
    try:
        return checked_tree(tree, as_of, cache, tell)
    except UsageProblem:
        if required:
            raise
        return Checked(0, (), (), ())


def _old_ones_as_warnings(
    findings: Iterable[Finding], request: Request, check_base: Callable[[], Checked]
) -> list[Finding]:
    """Turn errors in files that the request leaves alone into warnings where they are already on the base."""
    findings = list(findings)
    touched = {change.path for change in request.changes}
    suspects = {_identity(finding) for finding in errors_in(findings) if finding.source not in touched}
    old = suspects & set(map(_identity, check_base().findings())) if suspects else set()
    return [
        replace(finding, severity="warning", message=f"{finding.message} (already on the base)")
        if _identity(finding) in old
        else finding
        for finding in findings
    ]


def _identity(finding: Finding) -> tuple[str, str, str, str]:
    return finding.source, finding.code, finding.pointer, finding.message


def _notes(request: Request, *, behind: bool) -> Iterator[str]:
    actor = request.actor
    if actor.role == "unjudged":
        yield "ownership was not judged: name who asks by --actor"
    if actor.by_login:
        yield "who asks was given by user name, which can pass to somebody else: prefer the number"
    if actor.role == "partner":
        yield f"judged as a member of {', '.join(sorted(actor.partners))}"
    if actor.role == "staff":
        yield "judged as staff: paths and accounts are not restricted"
        if not (request.settings and request.settings.staff):
            yield "prisma.yaml on the base lists no staff, so whoever is no member of a partner counts as staff"
    if behind:
        yield "the base has changes that HEAD lacks: check the merge of both as well"
