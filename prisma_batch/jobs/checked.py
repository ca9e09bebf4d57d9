"""What was found in a tree: from the cache where nothing changed, so that nothing else need be imported."""

import json
from collections.abc import Callable
from datetime import date
from typing import NamedTuple, Protocol, TypeAlias

from prisma_batch.base.findings import Finding, sorted_findings
from prisma_batch.jobs.collector import paused
from prisma_batch.readers.cache import Cache
from prisma_batch.readers.trees import Tree
from prisma_batch.records.rows import reader_of, row_text

# How many files were checked by now, of how many.
TellCount: TypeAlias = Callable[[int, int], None]


class NamedTree(Tree, Protocol):
    """A tree with a name of its own: as long as the name stays, so does everything in it."""

    def name(self) -> str: ...


class Checked(NamedTuple):
    """What was found in a tree, each finding with its place: in where its files lie, in each, and across them."""

    files_count: int
    of_places: tuple[Finding, ...]
    of_files: tuple[Finding, ...]
    across_files: tuple[Finding, ...]

    def findings(self) -> list[Finding]:
        """Return everything that was found, sorted."""
        return sorted_findings((*self.of_places, *self.of_files, *self.across_files))


def tell_nobody(_checked_count: int, _files_count: int) -> None:
    """Say nothing about how far a check is."""


def checked_tree(tree: NamedTree, as_of: date, cache: Cache, tell: TellCount = tell_nobody) -> Checked:
    """Return what is found in a tree of records as of a day.

    Args:
        cache: what was found before; with an empty one the result is the same.
        tell: is told how far the check is, for a progress bar.
    Raises:
        UsageProblem: the tree is no workspace, or holds no record.
    """
    with paused():
        known = kept_result(cache, tree.name(), as_of)
        if known is not None:
            return known
        from prisma_batch.jobs.checking import check_tree  # noqa: PLC0415 - not where nothing changed

        return check_tree(tree, as_of, cache, tell)


def kept_result(cache: Cache, name: str, as_of: date) -> Checked | None:
    """Return what was kept about a tree as of a day; no result holds for another day."""
    row = cache.entry(f"result {name} as of {as_of}")
    return reader_of(Checked)(json.loads(row)) if row else None


def keep_result(cache: Cache, names: list[str], as_of: date, checked: Checked) -> None:
    """Keep what was found in a tree under each of its names."""
    row = row_text(checked)
    cache.keep_entries((f"result {name} as of {as_of}", row) for name in names)
