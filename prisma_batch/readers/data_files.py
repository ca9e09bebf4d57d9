"""Files that are no records: metered usage and bank files, of the workspace or as named on the command line."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import blob_id, read_input, sha256
from prisma_batch.readers.places import is_data_file


@dataclass(frozen=True, kw_only=True, slots=True)
class DataFile:
    """A file read once: what is parsed is what was hashed."""

    source: str
    content: bytes
    sha256: str
    blob_id: str


class DataPlace(NamedTuple):
    """Where a file lies: below a folder; ``source`` is what findings and rows call it."""

    source: str
    folder: Path
    name: str


def data_places(root: Path, folder: str, paths: Sequence[Path] | None) -> list[DataPlace]:
    """List the data files of ``usage`` or ``payments``, or those named instead, sorted by source.

    A named folder stands for the files in it. A file outside the workspace is known by its name alone, so that results
    do not depend on where it lies.

    Raises:
        UsageProblem: a path does not exist, or two have the same name.
    """
    places = _workspace_places(root, folder) if paths is None else _named_places(root, paths)
    found: dict[str, DataPlace] = {}
    for place in sorted(places):
        if place.source in found:
            raise UsageProblem(f"two files are called {place.source}: rename one")
        found[place.source] = place
    return list(found.values())


def data_files(root: Path, folder: str, paths: Sequence[Path] | None) -> tuple[list[DataFile], list[Finding]]:
    """Read the files that ``data_places`` lists."""
    found = []
    findings = []
    for source, folder_path, name in data_places(root, folder, paths):
        content = read_input(folder_path, name)
        if isinstance(content, Finding):
            findings.append(content)
        else:
            found.append(DataFile(source=source, content=content, sha256=sha256(content), blob_id=blob_id(content)))
    return found, findings


def _workspace_places(root: Path, folder: str) -> Iterator[DataPlace]:
    for path in (root / folder).glob("*/*"):
        source = path.relative_to(root).as_posix()
        if is_data_file(source):
            yield DataPlace(source, root, source)


def _named_places(root: Path, paths: Sequence[Path]) -> Iterator[DataPlace]:
    for path in paths:
        file = path if path.is_absolute() else root / path
        if not file.exists():
            raise UsageProblem(f"there is no file {path}")
        for one in _data_files_in(file) if file.is_dir() else [file]:
            inside = one.resolve().is_relative_to(root.resolve())
            source = one.resolve().relative_to(root.resolve()).as_posix() if inside else one.name
            yield DataPlace(source, one.parent, one.name)


def _data_files_in(folder: Path) -> list[Path]:
    # Reports and notes lie beside exports; only what is named itself is read whatever its name.
    return sorted(
        file for file in folder.iterdir() if file.suffix not in (".yaml", ".yml", ".md") and file.name[0] != "."
    )
