"""The workspace as a commit has it: the second clock beside the as-of day."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.git import Repository
from prisma_batch.readers.places import is_unsafe
from prisma_batch.readers.trees import READ_FOLDERS, REGULAR_MODES, SETTINGS_FILE, TreeFile

_ANY_SIZE = 1 << 62


@contextmanager
def known_workspace(root: Path, ref: str | None) -> Iterator[Path]:
    """Give a folder with every file of the workspace in a commit, for as long as it is asked for.

    Git's objects are read; nothing is checked out or run, and the workspace stays as it is. Without a commit it is
    the workspace itself.

    Raises:
        UsageProblem: there is no such commit, or a record of it is no plain file of a safe name.
    """
    if ref is None:
        yield root
        return
    repository = Repository(root)
    files, odd = _plain_files(repository.tree_files(repository.resolve(ref)))
    if odd:
        raise UsageProblem(f"{ref} holds {odd[0]}, which is no plain file with a name for every system")
    with TemporaryDirectory(prefix="prisma-batch-") as scratch:
        contents = repository.read_blobs([file.blob_id for file in files], _ANY_SIZE)
        for file, content in zip(files, contents, strict=True):
            path = Path(scratch) / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        yield Path(scratch)


def _plain_files(files: Iterable[TreeFile]) -> tuple[list[TreeFile], list[str]]:
    """Return the files that may be written, and the paths of records that may not: a run refuses these, too."""
    plain, odd = [], []
    for file in files:
        if file.mode in REGULAR_MODES and all(file.path.split("/")) and not is_unsafe(file.path):
            plain.append(file)
        elif file.path.partition("/")[0] in (SETTINGS_FILE, *READ_FOLDERS):
            odd.append(file.path)
    return plain, odd
