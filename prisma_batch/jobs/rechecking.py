"""After a change check again, across files, only what is linked with it."""

from collections.abc import Iterable, Mapping, Set
from datetime import date
from pathlib import PurePosixPath

from prisma_batch.base.findings import Finding
from prisma_batch.checks.facts import facts_of
from prisma_batch.checks.links import chain_links_of, links_of
from prisma_batch.checks.registry import check_facts
from prisma_batch.jobs.judging import read_row
from prisma_batch.readers.cache import Cache
from prisma_batch.readers.known_trees import KnownTree
from prisma_batch.readers.places import kind_of
from prisma_batch.readers.trees import SETTINGS_FILE
from prisma_batch.records.facts import Context, Facts, FileFacts

# With more to look at, checking everything takes no longer.
_NEIGHBOURS_MAX = 5000


class CheckWhole(Exception):
    """Too much is linked with a change, or too little is known: everything is to be checked."""


class Neighbourhood:
    """The files of a tree, by their links: those of a tree that is known, with some changed, new or gone."""

    def __init__(self, known: KnownTree, cache: Cache, changed: Mapping[str, FileFacts], gone: Set[str]) -> None:
        self._known, self._cache, self._changed = known, cache, changed
        self._old = gone | changed.keys()
        self._links = {path: links_of(facts) for path, facts in changed.items()}
        self._facts = dict(changed)

    def find_again(self, as_of: date) -> tuple[set[str], list[Finding]]:
        """Return the files whose findings across files the change can have touched, and these findings as they are now.

        Raises:
            CheckWhole: they are too many, or not all of them are known.
        """
        blobs = {path: self._known.blob_of(path) for path in self._old}
        old = self._known_facts({path for path, blob in blobs.items() if blob}).values()
        unread = (_unread(path) for path, blob in blobs.items() if blob == "")
        touched = self._near(_links_of_all((*old, *unread, *self._changed.values()))) | self._changed.keys()
        seen = self._near(_links_of_all(self._load(touched).values())) | touched | {SETTINGS_FILE}
        facts = Facts(files=tuple(facts for _, facts in sorted(self._load(seen).items())))
        found = check_facts(facts, Context(as_of=as_of))
        return touched, [finding for finding in found if finding.source in touched]

    def _near(self, links: Set[str]) -> set[str]:
        """Return the files that have any of the links, or are reached from these over chain links."""
        near: set[str] = set()
        wanted, followed = links, set(links)
        while wanted:
            near |= self._having(wanted)
            if len(near) > _NEIGHBOURS_MAX:
                raise CheckWhole
            wanted = frozenset().union(*map(chain_links_of, self._load(near).values())) - followed
            followed |= wanted
        return near

    def _having(self, links: Set[str]) -> set[str]:
        changed = {path for path, own in self._links.items() if own & links}
        return changed | (self._known.having(links) - self._old)

    def _load(self, paths: Set[str]) -> dict[str, FileFacts]:
        self._facts |= self._known_facts(paths - self._facts.keys())
        return {path: self._facts[path] for path in paths}

    def _known_facts(self, paths: Set[str]) -> dict[str, FileFacts]:
        rows = self._cache.rows((path, self._known.blob_of(path) or "") for path in sorted(paths))
        facts = {path: read_row(row).facts for (path, _), row in rows}
        if facts.keys() != paths:
            raise CheckWhole
        return facts


def _unread(path: str) -> FileFacts:
    return facts_of(path, kind_of(path) or "", PurePosixPath(path).stem, None)


def _links_of_all(files: Iterable[FileFacts]) -> frozenset[str]:
    return frozenset().union(*map(links_of, files))
