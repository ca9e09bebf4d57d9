"""Validate a workspace: every record against its schema, by itself and with the others."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding, sorted_findings
from prisma_batch.checks.facts import facts_of
from prisma_batch.checks.registry import check_facts, check_record
from prisma_batch.readers.files import read_record
from prisma_batch.readers.strict_yaml import locate
from prisma_batch.readers.workspace import Loaded, load
from prisma_batch.records.facts import Context, Facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """What was found, sorted and with places, in how many files."""

    findings: tuple[Finding, ...]
    files_checked: int


def validate(root: Path, paths: Sequence[Path], as_of: date) -> Validation:
    """Validate a workspace; with paths only what is found in those files and folders is reported.

    Args:
        root: the folder that holds prisma.yaml.
        paths: relative to root, or absolute; the checks across files still see the whole workspace.
        as_of: the day from which on every contact type must be covered.
    Raises:
        UsageProblem: this is no workspace, or there is no record at a path.
    """
    loaded = load(root)
    findings = findings_in(loaded, as_of)
    sources = {file.source for file in loaded.files}
    if paths:
        wanted = _below(root, paths, sources | {finding.source for finding in findings})
        sources &= wanted
        findings = [finding for finding in findings if finding.source in wanted]
    return Validation(findings=tuple(placed(root, findings)), files_checked=len(sources))


def findings_in(loaded: Loaded, as_of: date) -> list[Finding]:
    """Return everything found in a workspace, without places."""
    findings = list(loaded.findings)
    for file in loaded.files:
        findings += check_record(file.record)
    facts = Facts(files=tuple(facts_of(file.source, file.kind, file.stem, file.record) for file in loaded.files))
    findings += check_facts(facts, Context(as_of=as_of))
    return findings


def placed(root: Path, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings sorted, each with line and column: only the files that have some are read again."""
    by_source: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_source[finding.source].append(finding)
    return sorted_findings(item for source, items in by_source.items() for item in _placed_in(root, source, items))


def _placed_in(root: Path, source: str, findings: list[Finding]) -> list[Finding]:
    unplaced = {finding.pointer for finding in findings if finding.line is None and finding.pointer}
    content = read_record(root, source) if unplaced and source.endswith(".yaml") else b""
    places = locate(content, unplaced) if content and not isinstance(content, Finding) else {}
    return [finding if finding.line else finding.at(*places.get(finding.pointer, (1, 1))) for finding in findings]


def _below(root: Path, paths: Sequence[Path], sources: set[str]) -> set[str]:
    """Return the sources that are a path or lie below it."""
    wanted = set()
    for path in paths:
        # Not resolved: a link inside the workspace has findings of its own.
        relative = Path(os.path.relpath(root / path, root)).as_posix()
        below = {source for source in sources if relative == "." or f"{source}/".startswith(f"{relative}/")}
        if not below:
            raise UsageProblem(f"there is no record at {path}")
        wanted |= below
    return wanted
