"""Check a tree of records: each file by itself and all together; again only what a change can have touched."""

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from itertools import compress, count
from operator import ne, not_

from prisma_batch.base.findings import Finding
from prisma_batch.checks.links import links_of
from prisma_batch.checks.registry import check_facts
from prisma_batch.jobs.checked import Checked, NamedTree, TellCount, keep_result, kept_result
from prisma_batch.jobs.findings import placed
from prisma_batch.jobs.judging import FileRow, RecordFile, hash_files, judge_files, read_row
from prisma_batch.jobs.rechecking import CheckWhole, Neighbourhood
from prisma_batch.readers.cache import Cache
from prisma_batch.readers.known_trees import (
    KnownTree,
    blobs_by_looks,
    is_settled,
    keep_looks,
    keep_tree,
    kept_tree,
    link_numbers,
    looks_of,
)
from prisma_batch.readers.places import is_record_place, kind_of
from prisma_batch.readers.trees import REGULAR_MODES, SCHEMAS_FOLDER, SETTINGS_FILE, TreeFile
from prisma_batch.readers.workspace import find_records
from prisma_batch.records.facts import Context, Facts

_CHANGES_MAX = 500
_READ_AGAIN_MAX = 50
_ROWS_AT_ONCE = 2000


def check_tree(tree: NamedTree, as_of: date, cache: Cache, tell: TellCount) -> Checked:
    """Return what is found in a tree of records as of a day, and keep it."""
    return _Check(tree, as_of, cache, tell).result()


class _Check:
    """One check of one tree: its files, and in their order the blob ids of those that are regular and were read."""

    def __init__(self, tree: NamedTree, as_of: date, cache: Cache, tell: TellCount) -> None:
        self._tree, self._as_of, self._cache, self._tell = tree, as_of, cache, tell
        # Of the root only what can have findings: a commit and its checkout differ in the rest.
        self._files = [file for file in tree.files() if "/" in file.path or is_record_place(file.path)]
        self._paths = [file.path for file in self._files]
        self._blobs = [file.blob_id if file.mode in REGULAR_MODES else "" for file in self._files]
        self._read_count = 0
        self._shape = _digest(self._paths, _root_modes(self._files), map(repr, tree.findings()))

    def result(self) -> Checked:
        """Return what is kept about these versions of files, or find it: near what changed, or else everywhere."""
        checked, known = None, kept_tree(self._cache)
        if self._cache.is_open:
            self._identify(_is_checked if known else _is_schema)
        if known:
            checked = kept_result(self._cache, self._content_name(), self._as_of) or self._again(known)
        checked = checked or self._whole()
        if self._cache.is_open:
            self._keep(checked)
        return checked

    def _identify(self, is_wanted: Callable[[str], bool]) -> None:
        """Find the blob ids that the tree did not say: of files that look as they did, and by reading those wanted."""
        if not self._blank(is_wanted):
            return
        self._blobs = blobs_by_looks(self._cache, self._files)
        unknown = [index for index in self._blank(is_wanted) if self._files[index].mode in REGULAR_MODES]
        hashed = hash_files(self._tree, [(self._files[index], "") for index in unknown])
        for index, blob in zip(unknown, hashed, strict=True):
            self._blobs[index] = blob
        self._read_count += len(unknown)

    def _again(self, known: KnownTree) -> Checked | None:
        """Return what is found, by what was found in the tree that is known; None where that says too little."""
        before = kept_result(self._cache, known.name, self._as_of)
        if before is None:
            return None
        changed, gone = self._changes(known)
        new = {self._paths[index] for index in changed} | gone
        if len(new) > _CHANGES_MAX or SETTINGS_FILE in new or any(map(_is_schema, new)):
            return None
        rows = self._rows_of([(self._files[index], kind_of(self._paths[index]) or "") for index in changed])
        facts = {path: row.facts for path, row in rows.items()}
        try:
            touched, across = Neighbourhood(known, self._cache, facts, gone).find_again(self._as_of)
        except CheckWhole:
            return None
        files_count, of_places = before.files_count, before.of_places
        if self._shape != known.shape:
            found, findings = find_records(self._tree)
            files_count, of_places = len(found), tuple(placed(self._tree, findings))
        old_of_files = (finding for finding in before.of_files if finding.source not in new)
        old_across = (finding for finding in before.across_files if finding.source not in touched | gone)
        across_files = (*old_across, *placed(self._tree, across))
        return Checked(files_count, of_places, (*old_of_files, *_findings(rows.values())), across_files)

    def _changes(self, known: KnownTree) -> tuple[list[int], set[str]]:
        """Return the indexes of records and schemas that are not as in the known tree, and the paths gone since."""
        if self._shape == known.shape:
            before, gone = known.blobs, set()
        else:
            by_path = dict(zip(known.paths, known.blobs, strict=True))
            before, gone = [by_path.get(path, "-") for path in self._paths], by_path.keys() - set(self._paths)
        others = compress(count(), map(ne, self._blobs, before))
        changed = {*self._blank(_is_checked), *(index for index in others if _is_checked(self._paths[index]))}
        return sorted(changed), set(filter(_is_checked, gone))

    def _whole(self) -> Checked:
        """Return what is found, with every row that is known, and those of the other files."""
        found, of_places = find_records(self._tree)
        blobs = dict(zip(self._paths, self._blobs, strict=True))
        rows, stale = {}, []
        for (path, blob), row in self._cache.every_row():
            if blobs.get(path) == blob:
                rows[path] = read_row(row)
            else:
                stale.append((path, blob))
        rows |= self._rows_of([entry for entry in found if entry[0].path not in rows])
        in_order = [rows[file.path] for file, _ in found]
        facts = Facts(files=tuple(row.facts for row in in_order))
        across = check_facts(facts, Context(as_of=self._as_of))
        if self._cache.is_open:
            self._cache.drop_rows(stale if len(stale) > len(rows) else ())
            links = ((index, links_of(rows[path].facts)) for index, path in enumerate(self._paths) if path in rows)
            known = KnownTree(self._content_name(), self._shape, self._paths, self._blobs, link_numbers(links))
            keep_tree(self._cache, known)
        return Checked(
            files_count=len(found),
            of_places=tuple(placed(self._tree, of_places)),
            of_files=tuple(_findings(in_order)),
            across_files=tuple(placed(self._tree, across)),
        )

    def _rows_of(self, files: Sequence[RecordFile]) -> dict[str, FileRow]:
        """Return the rows of files by path: those of a few that are known, and of the others what is found now."""
        rows, new = {}, []
        if len(files) <= _CHANGES_MAX:
            versions = ((file.path, self._blobs[self._index(file.path)]) for file, _ in files)
            rows = {path: read_row(row) for (path, _), row in self._cache.rows(versions)}
        for judged in judge_files(self._tree, [entry for entry in files if entry[0].path not in rows]):
            rows[judged.path] = read_row(judged.row)
            self._read_count += 1
            self._tell(len(rows), len(files))
            if judged.blob_id:
                self._blobs[self._index(judged.path)] = judged.blob_id
                new.append(((judged.path, judged.blob_id), judged.row))
            if len(new) == _ROWS_AT_ONCE:
                self._cache.keep_rows(new)
                new.clear()
        self._cache.keep_rows(new)
        return rows

    def _keep(self, checked: Checked) -> None:
        names = [self._content_name()]
        if all(is_settled(file, self._cache) for file in self._files if not file.blob_id and _is_read(file)):
            names.append(self._tree.name())
        keep_result(self._cache, names, self._as_of, checked)
        # For a few it takes longer to keep how all files look than to read them again.
        if self._read_count > _READ_AGAIN_MAX and any(file.stamp for file in self._files):
            keep_looks(self._cache, self._files, self._blobs)

    def _content_name(self) -> str:
        """Return a name for exactly these versions of files; those that cannot be read are named by their looks."""
        return _digest([self._shape], self._blobs, [looks_of(self._files[index]) for index in self._blank(_is_checked)])

    def _blank(self, is_wanted: Callable[[str], bool]) -> list[int]:
        return [index for index in compress(count(), map(not_, self._blobs)) if is_wanted(self._paths[index])]

    def _index(self, path: str) -> int:
        return bisect_left(self._paths, path)


def _is_schema(path: str) -> bool:
    return path.startswith(f"{SCHEMAS_FOLDER}/")


def _is_checked(path: str) -> bool:
    return kind_of(path) is not None or _is_schema(path)


def _is_read(file: TreeFile) -> bool:
    return file.mode in REGULAR_MODES and ("/" in file.path or file.path == SETTINGS_FILE)


def _root_modes(files: Iterable[TreeFile]) -> list[str]:
    return [file.mode for file in files if "/" not in file.path]


def _digest(*parts: Iterable[str]) -> str:
    text = "\0\0".join("\0".join(part) for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _findings(rows: Iterable[FileRow]) -> Iterator[Finding]:
    return (finding for row in rows for finding in row.findings)
