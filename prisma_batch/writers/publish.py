"""Publishes a folder whole or not at all: staged beside the target, read back, swapped in one step.

A reader sees the old folder or the new one, never a mix; a crash at any point leaves one of them whole.
"""

import ctypes
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from prisma_batch.base.errors import InvariantBroken, UsageProblem

MANIFEST = "manifest.json"
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2
_SYNCS_AT_ONCE, _SYNCS_WAITING_MAX = 4, 256


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder that is published into: one run at a time. The lock ends with the process and leaves no file.

    Raises:
        UsageProblem: another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise UsageProblem(f"another run is writing to {folder.name or folder}: wait for it to end") from None
    finally:
        os.close(descriptor)


def publish(
    target: Path,
    outputs: Iterable[tuple[str, bytes]],
    manifest: Callable[[Mapping[str, str]], bytes],
    check: Callable[[Path], None],
) -> None:
    """Replace ``target`` by a folder with the outputs and their manifest.

    Args:
        target: the folder to publish; its parent is locked by the caller.
        outputs: relative path and content, each path once.
        manifest: makes the manifest of the outputs' sha256 by path; it is written last.
        check: reads the staged folder back and raises where it does not hold.
    Raises:
        InvariantBroken: what was staged is not what was meant; the target is untouched.
        UsageProblem: the target exists and is no published folder.
    """
    repair(target)
    if not _may_be_replaced(target):
        raise UsageProblem(f"{target.name or target} holds what no run published: choose another folder")
    stage = _beside(target, "staging")
    _remove(stage)
    stage.mkdir(mode=0o755)
    with _synced_files() as sync:
        hashes = {path: _write(stage, path, content, sync) for path, content in outputs}
    _read_back(stage, hashes)
    check(stage)
    _write(stage, MANIFEST, manifest(hashes), _sync)
    _sync_folders(stage)
    _swap(stage, target)


def _may_be_replaced(target: Path) -> bool:
    """Say whether a target is absent, an empty folder, or one that a run published."""
    if target.is_symlink() or not target.is_dir():
        return not target.is_symlink() and not target.exists()
    try:
        manifest = json.loads((target / MANIFEST).read_bytes())
        return bool(manifest["tool"]["name"] == "prisma-batch")
    except FileNotFoundError:
        return not any(target.iterdir())
    except (ValueError, TypeError, KeyError, OSError):
        return False


@contextmanager
def reopened(reports: Path, kept: Iterable[str]) -> Iterator[Path]:
    """Give a folder beside the reports with copies of those that are kept; it is gone in the end."""
    beside = reports / ".reopening"
    _remove(beside)
    beside.mkdir()
    try:
        for name in kept:
            shutil.copytree(reports / name, beside / name)
        yield beside
    finally:
        _remove(beside)


def put_in_place(published: Path, target: Path) -> None:
    """Replace the target by a folder that was published elsewhere, in one step."""
    repair(target)
    stage = _beside(target, "staging")
    _remove(stage)
    published.rename(stage)
    _swap(stage, target)


def repair(target: Path) -> None:
    """Finish a swap that was interrupted half-way, on systems that cannot exchange two folders in one step."""
    marker, stage, old = (_beside(target, name) for name in ("swapping", "staging", "old"))
    if marker.exists():
        if not target.exists():
            stage.rename(target)
        _remove(old)
        marker.unlink()
        _sync(target.parent)


def _swap(stage: Path, target: Path) -> None:
    if not target.exists():
        stage.rename(target)
    elif _exchange(stage, target):
        _sync(target.parent)
        _remove(stage)
    else:
        _swap_in_two_steps(stage, target)
    _sync(target.parent)


def _swap_in_two_steps(stage: Path, target: Path) -> None:
    marker, old = _beside(target, "swapping"), _beside(target, "old")
    _remove(old)
    marker.touch()
    _sync(target.parent)
    target.rename(old)
    stage.rename(target)
    _sync(target.parent)
    _remove(old)
    marker.unlink()


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step (Linux renameat2); False where the system or file system cannot."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    done: int = rename(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if done == 0:
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP):
        return False
    raise OSError(code, os.strerror(code), str(other))


def _beside(target: Path, purpose: str) -> Path:
    # A leading dot: git ignores it in reports/, and it lies on the same file system as the target.
    return target.parent / f".{target.name}.{purpose}"


@contextmanager
def _synced_files() -> Iterator[Callable[[Path], None]]:
    """Give what syncs a file while the next ones are made; in the end all are on the disk.

    A disk that is asked for several files commits them at once: it takes a tenth of the time of one after the other.
    """
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(_SYNCS_AT_ONCE) as pool:

        def sync(file: Path) -> None:
            waiting.append(pool.submit(_sync, file))
            if len(waiting) > _SYNCS_WAITING_MAX:
                waiting.popleft().result()

        yield sync
        for synced in waiting:
            synced.result()


def _write(stage: Path, path: str, content: bytes, sync: Callable[[Path], None]) -> str:
    file = stage / path
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    with file.open("xb") as stream:
        stream.write(content)
    file.chmod(0o644)
    sync(file)
    return hashlib.sha256(content).hexdigest()


def _read_back(stage: Path, hashes: Mapping[str, str]) -> None:
    for path, expected in hashes.items():
        if hashlib.sha256((stage / path).read_bytes()).hexdigest() != expected:
            raise InvariantBroken(f"{path} does not read back as it was written")


def _sync_folders(stage: Path) -> None:
    for folder, _, _ in os.walk(stage):
        Path(folder).chmod(0o755)  # readable by whoever may read the repository, whatever the umask
        _sync(Path(folder))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
