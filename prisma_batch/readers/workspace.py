"""Load a workspace: every record file read once, judged by its schema and built, or a finding that says why not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from prisma_batch.base.errors import NotAWorkspace, UsageProblem
from prisma_batch.base.findings import Finding, pointer
from prisma_batch.readers import files, places, schemas, strict_yaml
from prisma_batch.readers.exchange_rates import read_exchange_rates
from prisma_batch.readers.trees import Tree, TreeFile, WorkingTree
from prisma_batch.records.build import build
from prisma_batch.records.snapshot import Snapshot

_DATE_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T\S+")
_PERHAPS_DATE_TIME = re.compile(r"-[0-9]{2}T")


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadedFile:
    """One record file: the hashes of the bytes that were read, and its record where there is nothing wrong with it.

    The record of an exchange-rate table is a tuple of ``ExchangeRate``. The hashes of a file that could not be read are
    empty.
    """

    source: str
    kind: str
    sha256: str
    blob_id: str
    record: Any = None

    @property
    def stem(self) -> str:
        """Return the file's name without its suffix."""
        return PurePosixPath(self.source).stem


@dataclass(frozen=True, kw_only=True, slots=True)
class Loaded:
    """A workspace as it was read: its files sorted by source, and what is wrong with their places and shapes."""

    files: tuple[LoadedFile, ...]
    findings: tuple[Finding, ...]

    def snapshot(self) -> Snapshot:
        """Return the records; only for a workspace without errors."""
        return Snapshot(
            settings=self._records("settings")[0],
            customers={customer.account: customer for customer in self._records("contacts")},
            agreements={agreement.account: agreement for agreement in self._records("agreements")},
            price_lists={price_list.id: price_list for price_list in self._records("price-lists")},
            documents=self._records("invoices"),
            usage_reports=self._records("usage"),
            allocations=self._records("allocations"),
            cases=self._records("cases"),
            incidents=self._records("incidents"),
            announcements=self._records("announcements"),
            exchange_rates={file.stem: file.record for file in self.files if file.kind == "fx"},
        )

    def _records(self, kind: str) -> tuple[Any, ...]:
        return tuple(file.record for file in self.files if file.kind == kind)


def require_workspace(root: Path) -> None:
    """Raise NotAWorkspace where a folder holds no prisma.yaml: before anything is written or looked up there."""
    if not (root / places.SETTINGS_FILE).is_file():
        raise NotAWorkspace


def load(tree_or_root: Tree | Path) -> Loaded:
    """Read every record of a workspace once.

    Args:
        tree_or_root: the folder that holds prisma.yaml, or a tree.
    Raises:
        NotAWorkspace: it holds none.
        UsageProblem: it holds nothing but that.
    """
    tree = WorkingTree(tree_or_root) if isinstance(tree_or_root, Path) else tree_or_root
    found, findings = find_records(tree)
    contents = tree.read_each([file for file, _ in found])
    loaded = []
    for (file, kind), content in zip(found, contents, strict=True):
        record, faults = read_record(content, file.path, kind)
        findings += faults
        loaded.append(_loaded_file(file.path, kind, content, record))
    return Loaded(files=tuple(loaded), findings=tuple(findings))


def find_records(tree: Tree) -> tuple[list[tuple[TreeFile, str]], list[Finding]]:
    """Return the record files with their kinds, sorted, and what is wrong with places and copies of schemas.

    Raises:
        NotAWorkspace: there is no prisma.yaml.
        UsageProblem: there is nothing but that.
    """
    files = tree.files()
    found, findings = places.record_places(files)
    findings += tree.findings()
    if all(kind != "settings" for _, kind in found):
        raise NotAWorkspace
    if len(found) == 1 and not findings:
        raise UsageProblem("no records to check: the workspace holds prisma.yaml and nothing else")
    return found, [*findings, *schemas.drift(tree, files)]


def read_record(content: bytes | Finding, source: str, kind: str) -> tuple[Any, list[Finding]]:
    """Return the record and what is wrong with its place, or None and what is wrong with its shape.

    The record of an exchange-rate table is a tuple of ``ExchangeRate``.

    Args:
        content: what a tree read, or why it did not.
    """
    if isinstance(content, Finding):
        return None, [content]
    record_kind = places.RECORD_KINDS[kind]
    if record_kind.record is None or record_kind.schema is None:
        rates = read_exchange_rates(content, source)
        return (None, rates) if isinstance(rates, list) else (rates, [])
    parsed = strict_yaml.parse(content, source)
    if isinstance(parsed, Finding):
        return None, [parsed]
    findings = schemas.schema_findings(record_kind.schema, parsed.value, source)
    # Few records hold times, and looking at all of a record at once is ten times as fast.
    if not findings and _PERHAPS_DATE_TIME.search(repr(parsed.value)):
        findings = list(_impossible_times(parsed.value, source))
    if findings:
        return None, findings
    record: Any = build(record_kind.record, parsed.value, source=source)
    misplaced = places.misplaced(source, kind, record)
    return record, [misplaced] if misplaced else []


def _loaded_file(source: str, kind: str, content: bytes | Finding, record: Any) -> LoadedFile:
    if isinstance(content, Finding):
        return LoadedFile(source=source, kind=kind, sha256="", blob_id="")
    hashes = {"sha256": files.sha256(content), "blob_id": files.blob_id(content)}
    return LoadedFile(source=source, kind=kind, record=record, **hashes)


def _impossible_times(value: Any, source: str, path: tuple[str | int, ...] = ()) -> Iterator[Finding]:
    """Yield date-times that a pattern cannot refuse: 30 February."""
    if isinstance(value, str):
        if _DATE_TIME.fullmatch(value) and not _is_time(value):
            yield Finding(
                code="impossible-time",
                message="there is no such day or time",
                remedy="correct the date-time",
                source=source,
                pointer=pointer(*path),
            )
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _impossible_times(inner, source, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _impossible_times(inner, source, (*path, index))


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
