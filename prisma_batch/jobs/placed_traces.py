"""Lines and commits of the places that traces name."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from prisma_batch.base.errors import UsageProblem
from prisma_batch.jobs.line_numbers import line_numbers
from prisma_batch.readers.git import Repository
from prisma_batch.views.trace import Place, Trace


def placed_traces(
    root: Path, traces: Sequence[Trace], blobs: Mapping[str, str], history: tuple[Path, str]
) -> list[Trace]:
    """Return traces with the line of each place, and the commit that last wrote its file.

    Args:
        blobs: the blob id of each file, of the bytes that were read.
        history: a folder in the repository, and the commit up to which writers are looked for.
    """
    places = {place: _of_recorded(place) for trace in traces for place in trace.places()}
    lines = line_numbers(root, ((place.source, place.pointer) for place in places.values()))
    commits = _commits(history, {place.source for place in places.values()})
    found = {
        place: replace(
            own,
            line=own.line or lines[own.source, own.pointer],
            commit=commits.get(own.source, ("", ""))[0],
            is_changed=_is_changed(commits.get(own.source), blobs.get(own.source)),
        )
        for place, own in places.items()
    }
    return [trace.placed(found) for trace in traces]


def _of_recorded(place: Place) -> Place:
    """Take apart ``file:line``, as the tables of published periods have it."""
    source, _, line = place.source.rpartition(":")
    return replace(place, source=source, line=line) if source and line.isdecimal() and not place.pointer else place


def _commits(history: tuple[Path, str], sources: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return the commit that last wrote each file and its blob there; nothing outside git or before a commit."""
    try:
        repository = Repository(history[0])
        head = repository.resolve(history[1])
    except UsageProblem:
        return {}
    blobs = repository.blob_ids(head, sorted(sources))
    commits = {source: repository.last_commit(source, head) for source in blobs}
    return {source: (commit, blobs[source]) for source, commit in commits.items() if commit}


def _is_changed(committed: tuple[str, str] | None, blob: str | None) -> bool:
    # A repository with another hash function does not say.
    return bool(committed and blob and len(blob) == len(committed[1]) and committed[1] != blob)
