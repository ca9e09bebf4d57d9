"""Read from git what the rules about changes are told: settings and owners of the base, both versions of records."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.periods import Period
from prisma_batch.checks.changes.actors import actor_of
from prisma_batch.checks.changes.documents import new_documents
from prisma_batch.checks.changes.ownership import named_partner
from prisma_batch.checks.changes.places import partner_changes
from prisma_batch.readers import places, strict_yaml
from prisma_batch.readers.files import RECORD_BYTES_MAX
from prisma_batch.readers.git import Repository
from prisma_batch.readers.workspace import read_record
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.changes import PLAIN_FILE, PROGRAM_FILE, Actor, Change, Request, Version
from prisma_batch.records.contacts import CONTACT_TYPES

MANIFEST_BYTES_MAX = 256 * 1024 * 1024

_MANIFEST = re.compile(r"reports/([0-9]{4}-(?:0[1-9]|1[0-2]))/manifest\.json")
# User names of code hosts, also those of programs: ``mira-finance``, ``updates[bot]``.
_ACTOR = re.compile(r"[0-9]{1,19}|[A-Za-z0-9][A-Za-z0-9_.-]{0,98}(?:\[bot\])?")


def read_request(
    repository: Repository,
    base: str,
    head: str,
    changes: tuple[Change, ...],
    asked_by: str | Actor | None,
    as_of: date,
) -> Request:
    """Return a request with everything that the rules about it need.

    Args:
        base: the commit whose settings and owners count.
        head: the commit that is asked for.
        changes: what leads to the head from where the history of the two meets.
        asked_by: a number or user name on the code host, or who is known to ask; None where nobody said who.
    Raises:
        UsageProblem: nobody can have that name, or a run's manifest on the base cannot be read.
    """
    if isinstance(asked_by, str) and not _ACTOR.fullmatch(asked_by):
        raise UsageProblem("--actor is the number, or else the user name, of a person on the code host")
    found = repository.read_paths(base, [places.SETTINGS_FILE])
    settings = version_of(places.SETTINGS_FILE, found[places.SETTINGS_FILE] or b"").record if found else None
    # Where the settings are there and cannot be read, nobody's rights are known.
    unjudgeable = asked_by is not None and bool(found) and settings is None
    actor = asked_by if isinstance(asked_by, Actor) else actor_of(asked_by, settings)
    request = Request(
        changes=changes,
        actor=Actor(role="unknown") if unjudgeable else actor,
        as_of=as_of,
        settings=settings,
        before=_versions(repository, ((change.path, change.old_mode, change.old_blob) for change in changes)),
        after=_versions(repository, ((change.path, change.new_mode, change.new_blob) for change in changes)),
    )
    touched = [place for _, place in partner_changes(request)]
    return replace(
        request,
        owners=_owners(repository, base, {place.account for place in touched}),
        closed_through=_closed_through(repository, base) if any(place.period for place in touched) else None,
        agreements=_agreements(repository, head, {document.account for document in new_documents(request)}),
    )


def version_of(path: str, content: bytes) -> Version:
    """Read one version of a record; what is wrong with it is found where the whole workspace is checked."""
    kind = places.kind_of(path) or ""
    record, _ = read_record(content, path, kind)
    # Owners and removed contacts are also told of a contact file with faults.
    parsed = strict_yaml.parse(content, path) if kind == "contacts" else None
    if parsed is None or isinstance(parsed, Finding):
        return Version(content=content, record=record)
    return Version(content=content, value=parsed.value, record=record, lines=_contact_lines(content, parsed.value))


def _contact_lines(content: bytes, value: Any) -> Mapping[str, int]:
    """Return the line of each contact in a contact file, by pointer."""
    contacts = value.get("contacts") if isinstance(value, dict) else None
    if not isinstance(contacts, dict):
        return {}
    entries = {name: contacts[name] for name in CONTACT_TYPES if isinstance(contacts.get(name), list)}
    pointers = [pointer("contacts", name, index) for name, listed in entries.items() for index in range(len(listed))]
    return {place: line for place, (line, _) in strict_yaml.locate(content, pointers).items()}


def _versions(repository: Repository, sides: Iterable[tuple[str, str, str]]) -> dict[str, Version]:
    """Read one side of the changes, as path, mode and blob: records that are plain files of at most 1 MiB."""
    blobs = {path: blob for path, mode, blob in sides if mode in {PLAIN_FILE, PROGRAM_FILE} and places.kind_of(path)}
    sizes = repository.blob_sizes(blobs.values())
    small = [path for path, size in zip(blobs, sizes, strict=True) if size <= RECORD_BYTES_MAX]
    contents = repository.read_blobs([blobs[path] for path in small])
    return {path: version_of(path, content) for path, content in zip(small, contents, strict=True)}


def _owners(repository: Repository, base: str, accounts: Iterable[str]) -> dict[str, str]:
    paths = {f"contacts/{account}.yaml": account for account in sorted(accounts)}
    found = repository.read_paths(base, list(paths))
    return {paths[path]: named_partner(version_of(path, content or b"")) for path, content in found.items()}


def _agreements(repository: Repository, head: str, accounts: Iterable[str]) -> dict[str, Agreement]:
    found = repository.read_paths(head, [f"agreements/{account}.yaml" for account in sorted(accounts)])
    records = (version_of(path, content or b"").record for path, content in found.items())
    return {record.account: record for record in records if isinstance(record, Agreement)}


def _closed_through(repository: Repository, base: str) -> Period | None:
    """Return the last period that a run on the base started from."""
    manifests = {}
    for file in repository.tree_files(base):
        if matched := _MANIFEST.fullmatch(file.path):
            manifests[matched[1]] = file.blob_id
    for period in sorted(manifests, reverse=True):
        (content,) = repository.read_blobs([manifests[period]], MANIFEST_BYTES_MAX)
        try:
            previous = json.loads(content)["previous"]
            if previous:
                return Period.parse(previous["period"])
        except (ValueError, KeyError, TypeError):
            raise UsageProblem(f"reports/{period}/manifest.json on the base cannot be read: restore it") from None
    return None
