"""Validate a workspace: every record against its schema, by itself and with the others."""

import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.jobs.checked import TellCount, checked_tree, tell_nobody
from prisma_batch.readers.cache import Cache, open_cache
from prisma_batch.readers.trees import WorkingTree


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """What was found, sorted and with places, in how many files."""

    findings: tuple[Finding, ...]
    files_checked: int


def validate(
    root: Path, paths: Sequence[Path], as_of: date, *, use_cache: bool = False, tell: TellCount = tell_nobody
) -> Validation:
    """Validate a workspace; with paths only what is found in those files and folders is reported.

    Args:
        root: the folder that holds prisma.yaml.
        paths: relative to root, or absolute; the checks across files still see the whole workspace.
        as_of: the day from which on every contact type must be covered.
        use_cache: use and keep what is found under ``.prisma-cache/``, which changes nothing but the time it takes.
        tell: is told how far the check is, for a progress bar.
    Raises:
        UsageProblem: this is no workspace, or there is no record at a path.
    """
    tree = WorkingTree(root)
    with open_cache(root) if use_cache else nullcontext(Cache()) as cache:
        checked = checked_tree(tree, as_of, cache, tell)
    findings = checked.findings()
    if not paths:
        return Validation(findings=tuple(findings), files_checked=checked.files_count)
    sources = _record_sources(tree)
    wanted = sources_below(root, paths, sources | {finding.source for finding in findings})
    return Validation(
        findings=tuple(finding for finding in findings if finding.source in wanted),
        files_checked=len(sources & wanted),
    )


def sources_below(root: Path, paths: Sequence[Path], sources: set[str]) -> set[str]:
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


def _record_sources(tree: WorkingTree) -> set[str]:
    from prisma_batch.readers.places import kind_of  # noqa: PLC0415 - not where everything is reported

    return {file.path for file in tree.files() if kind_of(file.path)}
