"""A folder that appears whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prisma_batch.base.errors import UsageProblem


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Yield an empty folder to fill; it becomes ``target`` when the block ends, and vanishes if the block fails.

    Folders above the target that do not exist appear with it.

    Raises:
        UsageProblem: the target exists and is not an empty folder, or nothing can be written there.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow links
    try:
        _refuse_occupied(target)
        with _staged(target) as folder:
            yield folder
    except OSError as error:
        raise UsageProblem(f"{target.name} cannot be written: {error.strerror or type(error).__name__}") from error


def _refuse_occupied(target: Path) -> None:
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        raise UsageProblem(f"{target.name} exists and is not an empty folder: choose another name")


@contextmanager
def _staged(target: Path) -> Iterator[Path]:
    if target.is_dir():
        # Filled from within: it may be the folder that somebody stands in, or one that cannot be replaced.
        with tempfile.TemporaryDirectory(prefix=".init-", dir=target) as scratch:
            yield Path(scratch)
            _move_out(Path(scratch), target)
        return
    top = target
    while not top.parent.exists():
        top = top.parent
    scratch = tempfile.mkdtemp(prefix=f".{top.name}.", dir=top.parent)
    try:
        # Below the scratch folder, which only its owner may read.
        staged = Path(scratch) / top.name
        folder = staged / target.relative_to(top)
        folder.mkdir(parents=True)
        yield folder
        staged.rename(top)
    finally:
        shutil.rmtree(scratch)


def _move_out(scratch: Path, target: Path) -> None:
    # prisma.yaml last: without it a folder is no workspace.
    for entry in sorted(scratch.iterdir(), key=lambda entry: (entry.name == "prisma.yaml", entry.name)):
        entry.rename(target / entry.name)
