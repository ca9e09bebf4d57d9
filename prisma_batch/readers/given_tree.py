"""A tree of a few files that are given: a record as it would be, beside those that it is judged with."""

from collections.abc import Iterator, Mapping, Sequence

from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import refusal
from prisma_batch.readers.trees import FILE_MODE, FOLDER_MODE, TreeFile


class GivenTree:
    """Files by path; a finding stands for one that cannot be read."""

    def __init__(self, contents: Mapping[str, bytes | Finding]) -> None:
        self._contents = contents

    def files(self) -> list[TreeFile]:
        """Return the files and the entries of the root, sorted by path."""
        folders = {path.partition("/")[0] for path in self._contents if "/" in path}
        files = [TreeFile(path, FILE_MODE) for path in self._contents]
        return sorted([*files, *(TreeFile(folder, FOLDER_MODE) for folder in folders)])

    def findings(self) -> list[Finding]:
        """Return nothing: the list is given."""
        return []

    def read(self, path: str) -> bytes | Finding:
        """Return what was given for a path."""
        return self._contents.get(path) or refusal("file-not-found", path)

    def read_each(self, files: Sequence[TreeFile]) -> Iterator[bytes | Finding]:
        """Yield what was given for each file."""
        return (self.read(file.path) for file in files)
