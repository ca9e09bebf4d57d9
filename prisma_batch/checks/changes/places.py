"""Paths as a partner's request sees them: its own records, and everything else by what it is."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from prisma_batch.base.findings import Finding
from prisma_batch.base.identifiers import ACCOUNT_ID
from prisma_batch.records.changes import PLAIN_FILE, PROGRAM_FILE, Change, Request

FILES_MAX = 500

_CONTACTS = re.compile(rf"contacts/(?P<account>{ACCOUNT_ID.pattern})\.yaml")
_USAGE = re.compile(
    rf"usage/(?P<period>[0-9]{{4}}-(?:0[1-9]|1[0-2]))/(?P<account>{ACCOUNT_ID.pattern})"
    r"\.(?P<program>[^/.]+)(?:\.r[0-9]+)?\.yaml"
)
_RECORDS = re.compile(r"(?:agreements|cases|contacts|invoices|payments|usage)(?:/.*)?|prisma\.yaml", re.DOTALL)
_ASK = "take this file out of the request; finance or the maintainers change it"
# What belongs to nobody but staff, first match wins, whatever its case and above the workspace too.
_AREAS = (  # code, path, message
    (
        "git-settings-change",
        r"(?:.*/)?\.git(?!hub(?:/|\Z))[^/]*(?:/.*)?",
        "settings of git are not a partner's to change",
    ),
    ("workflow-change", r"\.github(?:/.*)?", "workflows and forge settings are not a partner's to change"),
    ("schema-change", r"schemas(?:/.*)?", "schemas are not a partner's to change"),
    ("template-change", r"templates(?:/.*)?", "templates are not a partner's to change"),
    ("settings-change", r"prisma\.ya?ml", "owners, policies and settings are not a partner's to change"),
    (
        "code-change",
        r"(?:prisma_batch|tests|benchmarks)(?:/.*)?|(?:.*/)?[^/]*\.(?:py[icd]?|so|pth|toml|cfg|ini|sh)|action\.ya?ml",
        "code and its configuration are not a partner's to change",
    ),
)
_ANY_CASE = re.IGNORECASE | re.DOTALL
_AREA_PATTERNS = tuple((code, re.compile(pattern, _ANY_CASE), message) for code, pattern, message in _AREAS)
_MODES = {
    "120000": ("symlink", "this path leads through a symbolic link", "put the file itself here"),
    "160000": ("submodule", "this is a submodule, another repository", "put the files themselves here"),
    PROGRAM_FILE: (
        "executable-file",
        "a record is not a program",
        "take the executable bit away: git update-index --chmod=-x",
    ),
}


class OwnPlace(NamedTuple):
    """A path that a partner may have rights to; ``period`` and ``program`` are empty for a contact file."""

    account: str
    period: str = ""
    program: str = ""


def own_place(path: str) -> OwnPlace | None:
    """Return what a contact file or usage report is about by its path; None for every other path."""
    found = _CONTACTS.fullmatch(path) or _USAGE.fullmatch(path)
    return OwnPlace(**found.groupdict()) if found else None


def partner_changes(request: Request) -> Iterator[tuple[Change, OwnPlace]]:
    """Yield the changes of contact files and usage reports that a partner asks for."""
    if request.actor.role == "partner" and len(request.changes) <= FILES_MAX:
        for change in request.changes:
            place = own_place(change.path)
            if place:
                yield change, place


def check_count(request: Request) -> Iterator[Finding]:
    """Yield ``too-many-files`` for a partner's request of more than 500 files; its paths are then not judged.

    FAIL: 501 new usage reports in one request. PASS: 500.
    """
    if request.actor.role == "partner" and len(request.changes) > FILES_MAX:
        yield Finding(
            code="too-many-files",
            message=f"the request changes {len(request.changes)} files; a partner's has at most {FILES_MAX}",
            remedy="split it into several requests",
            source=request.changes[0].path,
        )


def check_paths(request: Request) -> Iterator[Finding]:
    """Yield ``foreign-path``, or the code of its area, for what is neither a contact file nor a usage report.

    FAIL: a partner changes ``README.md``, ``.github/workflows/x.yml`` or ``contacts/yaml.py``.
    PASS: ``contacts/NORD-1.yaml``; staff change anything.
    """
    if request.actor.role != "partner" or len(request.changes) > FILES_MAX:
        return
    for change in request.changes:
        if not own_place(change.path):
            code, message = _area(change.path)
            yield Finding(code=code, message=message, remedy=_ASK, source=change.path)


def check_modes(request: Request) -> Iterator[Finding]:
    """Yield ``symlink``, ``submodule``, ``executable-file`` or ``file-mode`` for records that are no plain files.

    FAIL: ``contacts/NORD-1.yaml`` with mode 120000. PASS: mode 100644.
    """
    for change in request.changes:
        if not change.is_deleted and change.new_mode != PLAIN_FILE and _RECORDS.fullmatch(change.path):
            other = ("file-mode", f"a record has mode {PLAIN_FILE}, not {change.new_mode}", "add it as a plain file")
            code, message, remedy = _MODES.get(change.new_mode, other)
            yield Finding(code=code, message=message, remedy=remedy, source=change.path)


def _area(path: str) -> tuple[str, str]:
    inner = path
    while inner.startswith("../"):
        inner = inner.removeprefix("../")
    for code, pattern, message in _AREA_PATTERNS:
        if pattern.fullmatch(inner):
            return code, message
    return "foreign-path", "a partner changes its own contact files and usage reports, and nothing else"
