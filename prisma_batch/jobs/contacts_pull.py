"""Take a partner's contacts and usage reports from a repository of its own, judged as a request by that partner."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.counts import counted
from prisma_batch.base.errors import RecordsNotRight, Refused, UsageProblem
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.checks.changes.places import own_place
from prisma_batch.jobs.contacts_list import find_customers
from prisma_batch.jobs.validate_change import ChangeValidation, validate_change
from prisma_batch.readers.files import read_record
from prisma_batch.readers.git import Repository
from prisma_batch.readers.git_scratch import Scratch, scratch_repository
from prisma_batch.readers.trees import TreeFile
from prisma_batch.records.changes import Actor
from prisma_batch.records.settings import PartnerRepository
from prisma_batch.writers.one_file import create_file, locked_workspace, replace_file

_SECRET = re.compile(r"(?<=:)//[^/@]*:[^/@]*@")


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulled:
    """What was taken, in words; what to know about it; and the message of the commit that records where it is from."""

    words: tuple[str, ...]
    notes: tuple[str, ...]
    warnings: tuple[Finding, ...]
    message: str


def pull(root: Path, partner: str, at_commit: str | None, as_of: date) -> Pulled:
    """Take a partner's own contact files and usage reports; the commit they are from is kept in ``.prisma/pulls/``.

    What lies elsewhere in the partner's repository is not looked at, and what it lacks stays as it is here.

    Args:
        root: the workspace, in a git repository: its last commit says what the partner may change.
        at_commit: a commit in the history of the partner's ref; its newest where None.
        as_of: the day from which every contact type must be covered.
    Raises:
        UsageProblem: prisma.yaml names no repository for the partner, or it cannot be fetched.
        RecordsNotRight: the partner may not change this, or the records would have errors; nothing is written.
        Refused: files here have changes that are not committed.
    """
    found = find_customers(root, partner=partner)
    source = found.settings.partners[partner].repository if found.settings else None
    if source is None:
        raise UsageProblem(f"prisma.yaml names no repository for {partner}")
    with scratch_repository(root) as scratch:
        tip = scratch.fetch(source.url, source.ref)
        commit = scratch.commit_of(at_commit, tip) if at_commit else tip
        last = _last_pulled(root, partner)
        continues = not last or scratch.leads_to(last, commit)
        files = [file for file in Repository(scratch.folder).tree_files(commit) if own_place(file.path)]
        validation = _judged(root, scratch, files, partner, as_of)
    errors = errors_in(validation.findings)
    if errors:
        raise RecordsNotRight(errors)
    _write(root, validation, partner, _state(source, commit))
    absent = {customer.source for customer in found.customers} - {file.path for file in files}
    words = validation.words(initials=True)
    return Pulled(
        words=words,
        notes=tuple(_notes(absent, continues=continues)),
        warnings=tuple(finding for finding in validation.findings if own_place(finding.source)),
        message="\n".join(_message(partner, source, commit, words)) + "\n",
    )


def _judged(root: Path, scratch: Scratch, files: list[TreeFile], partner: str, as_of: date) -> ChangeValidation:
    records = Repository(root)
    tree = f"{records.resolve('HEAD')}:{records.prefix}"
    scratch.see_records()
    base = scratch.propose(tree, files)
    actor = Actor(role="partner", partners=frozenset({partner}))
    return validate_change(scratch.folder, base, actor, as_of)


def _write(root: Path, validation: ChangeValidation, partner: str, state: bytes) -> None:
    request = validation.request
    with locked_workspace(root):
        here = {path: read_record(root, path) for path in request.after}
        changed = [path for path in here if not _is_as_committed(validation, path, here[path])]
        if changed:
            raise Refused([_uncommitted(path) for path in changed])
        for path, version in request.after.items():
            _put(root, path, here[path], version.content)
        path = _state_path(partner)
        _put(root, path, read_record(root, path), state)


def _is_as_committed(validation: ChangeValidation, path: str, here: bytes | Finding) -> bool:
    before = validation.request.before.get(path)
    return here == before.content if before else isinstance(here, Finding) and here.code == "file-not-found"


def _put(root: Path, path: str, old: bytes | Finding, new: bytes) -> None:
    if isinstance(old, bytes):
        replace_file(root, path, old, new)
    elif not create_file(root, path, new):
        raise UsageProblem(f"{path} was made by somebody else meanwhile: try again")


def _state_path(partner: str) -> str:
    return f".prisma/pulls/{partner}.json"


def _state(source: PartnerRepository, commit: str) -> bytes:
    state = {"commit": commit, "ref": source.ref, "repository": _without_secret(source.url)}
    return (json.dumps(state, indent=2) + "\n").encode()


def _without_secret(url: str) -> str:
    return _SECRET.sub("//", url)


def _last_pulled(root: Path, partner: str) -> str:
    content = read_record(root, _state_path(partner))
    try:
        return "" if isinstance(content, Finding) else str(json.loads(content)["commit"])
    except (ValueError, KeyError, TypeError):
        raise UsageProblem(f"{_state_path(partner)} is not what pull wrote: restore or remove it") from None


def _uncommitted(path: str) -> Finding:
    return Finding(
        code="uncommitted-change",
        message=f"{path} differs here from the last commit",
        remedy="commit or restore it first, so that nothing is overwritten",
        source=path,
    )


def _notes(absent: set[str], *, continues: bool) -> Iterator[str]:
    if not continues:
        yield "this commit does not continue the one pulled last: the partner's history was rewritten, or goes back"
    yield from (f"{path} is not in the partner's repository and stays as it is" for path in sorted(absent))


def _message(partner: str, source: PartnerRepository, commit: str, words: tuple[str, ...]) -> Iterator[str]:
    yield f"{partner}: {counted(len(words), 'change')} pulled"
    yield ""
    if words:
        yield from words
        yield ""
    yield f"Pulled-From: {_without_secret(source.url)}"
    yield f"Pulled-Ref: {source.ref}"
    yield f"Pulled-Commit: {commit}"
