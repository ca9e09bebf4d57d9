"""Write records in their canonical form: see ``writers.record_text`` for what that is."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from prisma_batch.base.findings import Finding
from prisma_batch.jobs.findings import placed
from prisma_batch.jobs.validate import sources_below
from prisma_batch.readers import strict_yaml
from prisma_batch.readers.places import RECORD_KINDS
from prisma_batch.readers.record_layout import read_layout
from prisma_batch.readers.resources import schema_text
from prisma_batch.readers.trees import WorkingTree
from prisma_batch.readers.workspace import find_records
from prisma_batch.records.layout import in_blocks, in_schema_order
from prisma_batch.writers.one_file import locked_workspace, replace_file
from prisma_batch.writers.record_text import record_text

# Records that several people change, by request: what they change are lines, not parts of lines.
IN_BLOCKS = ("contacts",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Formatted:
    """The records that were not canonical, those that do not parse and were left alone, and how many were looked at."""

    changed: tuple[str, ...]
    findings: tuple[Finding, ...]
    files_checked: int


def format_records(root: Path, paths: Sequence[Path], *, write: bool) -> Formatted:
    """Make records canonical, or say which are not.

    Args:
        root: the folder that holds prisma.yaml.
        paths: files and folders, relative to root or absolute; none stands for all records.
        write: False only looks.
    Raises:
        UsageProblem: this is no workspace, or there is no record at a path.
    """
    tree = WorkingTree(root)
    schemas = {file.path: RECORD_KINDS[kind].schema for file, kind in find_records(tree)[0]}
    sources = {source for source, schema in schemas.items() if schema}
    if paths:
        sources = sources_below(root, paths, sources)
    changed, findings = [], []
    with locked_workspace(root):
        for source in sorted(sources):
            content = tree.read(source)
            canonical = _canonical(content, source, schemas[source] or "")
            if isinstance(canonical, Finding):
                findings.append(canonical)
            elif canonical != content and isinstance(content, bytes):
                changed.append(source)
                if write:
                    replace_file(root, source, content, canonical)
    return Formatted(changed=tuple(changed), findings=tuple(placed(root, findings)), files_checked=len(sources))


def canonical_content(content: bytes, schema: str) -> bytes:
    """Return a record that parses in its canonical form; one that would not mean the same stays as it is."""
    layout = in_schema_order(read_layout(content), _schema(schema))
    canonical = record_text(in_blocks(layout) if schema in IN_BLOCKS else layout).encode()
    return canonical if canonical == content or _value(canonical) == _value(content) else content


def _canonical(content: bytes | Finding, source: str, schema: str) -> bytes | Finding:
    if isinstance(content, Finding):
        return content
    parsed = strict_yaml.parse(content, source)
    if isinstance(parsed, Finding):
        return parsed
    return canonical_content(content, schema) if isinstance(parsed.value, dict) else content


def _value(content: bytes) -> Any:
    parsed = strict_yaml.parse(content, "")
    return None if isinstance(parsed, Finding) else parsed.value


@cache
def _schema(name: str) -> Any:
    return json.loads(schema_text(name))
