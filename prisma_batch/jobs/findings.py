"""What is found in records that were loaded, and where in their files."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from prisma_batch.base.findings import Finding, sorted_findings
from prisma_batch.checks.facts import facts_of
from prisma_batch.checks.registry import check_facts, check_record
from prisma_batch.readers.strict_yaml import locate
from prisma_batch.readers.trees import Tree, WorkingTree
from prisma_batch.readers.workspace import Loaded
from prisma_batch.records.facts import Context, Facts


def findings_in(loaded: Loaded, as_of: date) -> list[Finding]:
    """Return everything found in a workspace, without places."""
    findings = list(loaded.findings)
    for file in loaded.files:
        findings += check_record(file.record)
    facts = Facts(files=tuple(facts_of(file.source, file.kind, file.stem, file.record) for file in loaded.files))
    findings += check_facts(facts, Context(as_of=as_of))
    return findings


def placed(tree_or_root: Tree | Path, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings sorted, each with line and column: only the files that have some are read again."""
    tree = WorkingTree(tree_or_root) if isinstance(tree_or_root, Path) else tree_or_root
    by_source: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_source[finding.source].append(finding)
    return sorted_findings(item for source, items in by_source.items() for item in _placed_of(tree, source, items))


def placed_in(content: bytes, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings about one file, each with line and column."""
    found = list(findings)
    pointers = {finding.pointer for finding in found if _lacks_place(finding)}
    places = locate(content, pointers) if pointers else {}
    return [finding if finding.line else finding.at(*places.get(finding.pointer, (1, 1))) for finding in found]


def _placed_of(tree: Tree, source: str, findings: list[Finding]) -> list[Finding]:
    is_read = source.endswith(".yaml") and any(map(_lacks_place, findings))
    content = tree.read(source) if is_read else b""
    return placed_in(b"" if isinstance(content, Finding) else content, findings)


def _lacks_place(finding: Finding) -> bool:
    return finding.line is None and bool(finding.pointer)
