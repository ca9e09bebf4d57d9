"""Where the pointers of tables lead: lines of records, rows of other files."""

from collections.abc import Iterable
from pathlib import Path

from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import read_record
from prisma_batch.readers.strict_yaml import locate


def line_numbers(root: Path, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the line of each source and pointer, or nothing where there is none.

    Each record that is named is read once more; the pointer into a table is its row already.
    """
    wanted = dict.fromkeys(places)
    pointers: dict[str, set[str]] = {}
    for source, pointer in wanted:
        if source.endswith(".yaml"):
            pointers.setdefault(source, set()).add(pointer)
    lines = {source: _lines(root, source, of_source) for source, of_source in pointers.items()}
    return {(source, pointer): lines.get(source, {}).get(pointer, pointer) for source, pointer in wanted}


def _lines(root: Path, source: str, pointers: set[str]) -> dict[str, str]:
    content = read_record(root, source)
    if isinstance(content, Finding):
        return dict.fromkeys(pointers, "1")
    return {pointer: str(line) for pointer, (line, _) in locate(content, pointers).items()}
