"""What is found in records that were loaded, and where in their files."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from prisma_batch.base.findings import Finding, sorted_findings
from prisma_batch.checks.facts import facts_of
from prisma_batch.checks.registry import check_facts, check_record
from prisma_batch.readers.strict_yaml import locate
from prisma_batch.readers.trees import FILE_MODE, Tree, TreeFile, WorkingTree
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
    by_source: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_source[finding.source].append(finding)
    contents = _contents(tree_or_root, {source for source, items in by_source.items() if _are_read_for(source, items)})
    return sorted_findings(
        finding for source, items in by_source.items() for finding in placed_in(contents.get(source, b""), items)
    )


def placed_in(content: bytes, findings: Iterable[Finding]) -> list[Finding]:
    """Return findings about one file, each with line and column."""
    found = list(findings)
    pointers = {finding.pointer for finding in found if _lacks_place(finding)}
    places = locate(content, pointers) if content and pointers else {}
    return [finding if finding.line else finding.at(*places.get(finding.pointer, (1, 1))) for finding in found]


def _contents(tree_or_root: Tree | Path, sources: set[str]) -> dict[str, bytes]:
    """Return the contents of files, as far as they can be read."""
    if not sources:
        return {}
    if isinstance(tree_or_root, Path):
        tree: Tree = WorkingTree(tree_or_root)
        files = [TreeFile(source, FILE_MODE) for source in sorted(sources)]
    else:
        tree, files = tree_or_root, [file for file in tree_or_root.files() if file.path in sources]
    read = zip(files, tree.read_each(files), strict=True)
    return {file.path: content for file, content in read if isinstance(content, bytes)}


def _are_read_for(source: str, findings: Iterable[Finding]) -> bool:
    return source.endswith(".yaml") and any(map(_lacks_place, findings))


def _lacks_place(finding: Finding) -> bool:
    return finding.line is None and bool(finding.pointer)
