"""Where records lie: the folders of a workspace, the kinds of records in them, and names that no system confuses."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.identifiers import file_stem
from prisma_batch.readers import trees
from prisma_batch.readers.files import refusal
from prisma_batch.readers.trees import TreeFile
from prisma_batch.records.agreements import Agreement, PriceList
from prisma_batch.records.allocations import AllocationDecision
from prisma_batch.records.cases import Announcement, Case, Incident
from prisma_batch.records.contacts import Customer
from prisma_batch.records.documents import Document
from prisma_batch.records.settings import Settings
from prisma_batch.records.usage_reports import UsageReport

SETTINGS_FILE, RECORD_FOLDERS = trees.SETTINGS_FILE, trees.RECORD_FOLDERS


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordKind:
    """A kind of record: its path with the record's own fields in it, its schema and its dataclass.

    Exchange rates are tables: they have neither.
    """

    path: str
    schema: str | None
    record: type | None


# The first pattern that matches decides: incidents and announcements come before the cases of accounts.
RECORD_KINDS: Mapping[str, RecordKind] = {
    "settings": RecordKind(path=SETTINGS_FILE, schema="prisma", record=Settings),
    "contacts": RecordKind(path="contacts/{account}.yaml", schema="contacts", record=Customer),
    "invoices": RecordKind(path="invoices/{account}/{number}.yaml", schema="invoices", record=Document),
    "agreements": RecordKind(path="agreements/{account}.yaml", schema="agreements", record=Agreement),
    "price-lists": RecordKind(path="agreements/price-lists/{id}.yaml", schema="price-lists", record=PriceList),
    "fx": RecordKind(path="agreements/fx/{table}.csv", schema=None, record=None),
    "incidents": RecordKind(path="cases/incidents/{id}.yaml", schema="incidents", record=Incident),
    "announcements": RecordKind(path="cases/announcements/{id}.yaml", schema="announcements", record=Announcement),
    "cases": RecordKind(path="cases/{account}/{id}.yaml", schema="cases", record=Case),
    "allocations": RecordKind(path="payments/allocations/{id}.yaml", schema="allocations", record=AllocationDecision),
    "usage": RecordKind(path="usage/{period}/{account}.{program}.yaml", schema="usage", record=UsageReport),
}
PLACE_CODES = (
    "unexpected-file",
    "folder-unreadable",
    "unsafe-file-name",
    "path-collision",
    "file-name-mismatch",
)

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MISNAMED_SETTINGS = "prisma.yml"
_KINDS = tuple(RECORD_KINDS)
_RECORD_PATH = re.compile(
    "|".join(f"({re.sub(r'{[^/]*}', '[^/]*', kind.path).replace('.', '[.]')})" for kind in RECORD_KINDS.values())
)
_KEEPERS = ("README.md", ".gitkeep")
_METERED_USAGE = ("usage/*/*.csv", "usage/*/*.csv.gz", "usage/*/*.parquet")
_BANK_FILES = "payments/*/*"
_NEVER_BANK_FILES = ("payments/allocations/*", "*.yaml", "*.yml")
# Windows keeps these names for devices, with any suffix.
_DEVICE = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\..*)?", re.IGNORECASE)
_UNSAFE_CHARACTERS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff<>:\"\\|?*"
_PLAIN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/\0"
_UNSAFE_PLAIN = re.compile(rf"\.[/\0]|[/\0]{_DEVICE.pattern}[/\0]", re.IGNORECASE)
_UNSAFE = re.compile(rf"[{_UNSAFE_CHARACTERS}]|[. ]\Z|\A ")


def kind_of(source: str) -> str | None:
    """Return the kind of record that lies at this path, if records do."""
    found = _RECORD_PATH.fullmatch(source)
    return _KINDS[found.lastindex - 1] if found and found.lastindex else None


def record_places(files: Sequence[TreeFile]) -> tuple[list[tuple[TreeFile, str]], list[Finding]]:
    """Find the record files of a tree: each with its kind, sorted, and findings on what should not be there.

    Args:
        files: the entries of the root and the files below the record folders.
    """
    findings = list(_wrong_folders(files))
    placed = [(file, kind_of(file.path)) for file in files if _is_looked_at(file.path)]
    sources = [file.path for file, _ in placed]
    findings += _collisions(sources)
    findings += (_unsafe(source) for source in _unsafe_sources(sources))
    findings += (_unexpected(file.path) for file, kind in placed if kind is None and not _may_be_there(file.path))
    return [(file, kind) for file, kind in placed if kind], findings


def misplaced(source: str, kind: str, record: Any) -> Finding | None:
    """Return the finding for a record whose file is not named after what it says, if it is not."""
    pattern = RECORD_KINDS[kind].path
    expected = _PLACEHOLDER.sub(lambda found: file_stem(str(getattr(record, found[1]))), pattern)
    if isinstance(record, UsageReport) and record.revises:
        expected = f"{expected.removesuffix('.yaml')}.r{record.revision}.yaml"
    if expected == source:
        return None
    return Finding(
        code="file-name-mismatch",
        message="the file is not named after what it says inside",
        remedy=f"name it {expected}, or correct the {_differing_field(pattern, expected, source)} inside",
        source=source,
        pointer=pointer(_differing_field(pattern, expected, source)),
    )


def is_data_file(source: str) -> bool:
    """Say whether a path is that of metered usage or of a bank file, by its folder and suffix."""
    return kind_of(source) is None and source.rpartition("/")[2] not in _KEEPERS and _may_be_there(source)


def is_unsafe(source: str) -> bool:
    """Say whether a part of a path is a name that some systems cannot hold or show."""
    return any(_UNSAFE.search(part) or _DEVICE.fullmatch(part) for part in source.split("/"))


def _is_looked_at(path: str) -> bool:
    """Say whether records may lie there: of the root that is only prisma.yaml."""
    folder, slash, _ = path.partition("/")
    return folder in RECORD_FOLDERS if slash else path == SETTINGS_FILE


def _unsafe_sources(sources: Sequence[str]) -> Iterator[str]:
    """Yield the sources with unsafe names; nearly always there is none, and one look at all of them is enough."""
    text = "\0".join(("", *sources, ""))
    if text.encode("utf-8", "surrogatepass").translate(None, _PLAIN_BYTES) or _UNSAFE_PLAIN.search(text):
        yield from filter(is_unsafe, sources)


def _differing_field(pattern: str, expected: str, actual: str) -> str:
    for template, wanted, found in zip(pattern.split("/"), expected.split("/"), actual.split("/"), strict=False):
        if wanted != found:
            return _PLACEHOLDER.findall(template)[0]  # type: ignore[no-any-return]
    return ""


def is_record_place(name: str) -> bool:
    """Say whether an entry of the root is where records lie, or looks so."""
    return _folded(name) in {SETTINGS_FILE, _MISNAMED_SETTINGS, *RECORD_FOLDERS}


def _wrong_folders(files: Iterable[TreeFile]) -> Iterator[Finding]:
    """Yield entries of the root that are no record folder, though their names say so: nobody would read them."""
    for file in files:
        folded = "" if "/" in file.path else _folded(file.path)
        if folded == _MISNAMED_SETTINGS or (folded in RECORD_FOLDERS and file.path != folded):
            yield _unexpected(file.path)
        elif folded in RECORD_FOLDERS and file.mode != trees.FOLDER_MODE:
            yield refusal("symlink" if file.mode == trees.LINK_MODE else "folder-unreadable", file.path)


def _matches(source: str, pattern: str) -> bool:
    parts, wanted = source.split("/"), pattern.split("/")
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _may_be_there(source: str) -> bool:
    name = source.rpartition("/")[2]
    if name.startswith(".") or name in _KEEPERS:  # what systems and editors leave behind is no export
        return name in _KEEPERS
    if any(_matches(source, pattern) for pattern in _METERED_USAGE):
        return True
    return _matches(source, _BANK_FILES) and not any(fnmatchcase(source, pattern) for pattern in _NEVER_BANK_FILES)


def _folded(source: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", source).casefold())


def _collisions(sources: Sequence[str]) -> Iterator[Finding]:
    if len(set(_folded("\0".join(sources)).split("\0"))) == len(sources):
        return
    first_by_name: dict[str, str] = {}
    for source in sources:
        if first_by_name.setdefault(_folded(source), source) != source:
            yield _finding(
                "path-collision",
                source,
                "another path differs from this one only by case or by how its letters are composed",
                "rename one of the two: some systems cannot hold both",
            )


def _unexpected(source: str) -> Finding:
    return _finding(
        "unexpected-file",
        source,
        "no record, usage or bank file belongs here, so nobody would read it",
        "move it, rename it (records end in .yaml) or remove it",
    )


def _unsafe(source: str) -> Finding:
    return _finding(
        "unsafe-file-name",
        source,
        "this name cannot be held or shown by every system",
        "use letters, digits, dots, hyphens and underscores, and no device name such as CON",
    )


def _finding(code: str, source: str, message: str, remedy: str) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=source)
