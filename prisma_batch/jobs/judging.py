"""Judge record files each by itself, on every core where there are many: into rows that can be kept."""

import gc
import json
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeAlias, TypeVar

from prisma_batch.base.findings import Finding
from prisma_batch.checks.facts import facts_of
from prisma_batch.checks.registry import check_record
from prisma_batch.jobs.findings import placed_in
from prisma_batch.readers.files import blob_id
from prisma_batch.readers.trees import Tree, TreeFile
from prisma_batch.readers.workspace import read_record
from prisma_batch.records.facts import FileFacts
from prisma_batch.records.rows import reader_of, row_text

T = TypeVar("T")
RecordFile: TypeAlias = tuple[TreeFile, str]

# For fewer it takes longer to start processes than they save.
_FILES_FOR_POOL = 2000
_FILES_AT_ONCE = 500


class FileRow(NamedTuple):
    """What is wrong with a file by itself, with places, and what the checks across files need of it."""

    findings: tuple[Finding, ...]
    facts: FileFacts


class JudgedFile(NamedTuple):
    """A record file that was read: its row, and its blob id, which is empty where reading failed."""

    path: str
    blob_id: str
    row: bytes


def judge_files(tree: Tree, files: Sequence[RecordFile]) -> Iterator[JudgedFile]:
    """Yield what is found in each record file by itself, in the order given."""
    return _on_every_core(_judged, tree, files)


def hash_files(tree: Tree, files: Sequence[RecordFile]) -> Iterator[str]:
    """Yield the blob id of each file, in the order given; nothing in it where the file is not read."""
    return _on_every_core(_hashed, tree, files)


def read_row(row: bytes) -> FileRow:
    """Return what a row says."""
    file_row: FileRow = reader_of(FileRow)(json.loads(row))
    return file_row


def _judged(tree: Tree, files: Sequence[RecordFile]) -> list[JudgedFile]:
    contents = tree.read_each([file for file, _ in files])
    return [_judged_file(file, kind, content) for (file, kind), content in zip(files, contents, strict=True)]


def _judged_file(file: TreeFile, kind: str, content: bytes | Finding) -> JudgedFile:
    record, findings = read_record(content, file.path, kind)
    findings += check_record(record)
    facts = facts_of(file.path, kind, PurePosixPath(file.path).stem, record)
    if isinstance(content, Finding):
        return JudgedFile(file.path, "", row_text(FileRow(tuple(findings), facts)))
    row = FileRow(tuple(placed_in(content, findings)), facts)
    return JudgedFile(file.path, file.blob_id or blob_id(content), row_text(row))


def _hashed(tree: Tree, files: Sequence[RecordFile]) -> list[str]:
    contents = tree.read_each([file for file, _ in files])
    return ["" if isinstance(content, Finding) else blob_id(content) for content in contents]


def _on_every_core(
    work: Callable[[Tree, Sequence[RecordFile]], list[T]], tree: Tree, files: Sequence[RecordFile]
) -> Iterator[T]:
    workers_count = _cores_count() if len(files) >= _FILES_FOR_POOL else 1
    if workers_count == 1:
        yield from work(tree, files)
        return
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only for many files

    # Forked workers have the tree already: nothing is sent to them but names, and rows come back.
    parts = [files[start : start + _FILES_AT_ONCE] for start in range(0, len(files), _FILES_AT_ONCE)]
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers_count, context, initializer=_begin, initargs=(work, tree)) as pool:
        for done in pool.map(_work_on, parts):
            yield from done


def _cores_count() -> int:
    """Return how many processes may run at once; one where they cannot be forked, or nobody says how many."""
    if "fork" not in multiprocessing.get_all_start_methods() or not hasattr(os, "sched_getaffinity"):
        return 1
    return len(os.sched_getaffinity(0))


# What a worker was started with; only ever filled in a worker.
_started_with: list[Callable[[Sequence[RecordFile]], list[Any]]] = []


def _begin(work: Callable[[Tree, Sequence[RecordFile]], list[Any]], tree: Tree) -> None:
    gc.disable()
    _started_with.append(partial(work, tree))


def _work_on(files: Sequence[RecordFile]) -> list[Any]:
    return _started_with[0](files)
