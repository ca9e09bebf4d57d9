"""Publishing: whole or not at all, whatever happens in between, and nothing of anybody else's is touched."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from prisma_batch.base.errors import InvariantBroken, UsageProblem
from prisma_batch.writers import publish as publisher
from prisma_batch.writers.publish import MANIFEST, locked, publish, repair

OLD = {"a.csv": b"old\n", "sub/b.html": b"<p>old</p>", "sub/deep/c.txt": b""}
NEW = {"a.csv": b"new\n", "sub/b.html": b"<p>new</p>", "d.txt": b"only new"}

# Publishes NEW over OLD in one folder a step, each in a process that is killed at that step.
CRASHES = """
import sys
from pathlib import Path
from prisma_batch.writers import publish as publisher
from tests.jobs.killed import is_killed
from tests.writers.test_publish import NEW, OLD, publish_files

if sys.argv[2] == "two steps":
    publisher._exchange = lambda one, other: False
step, killed = 0, True
while killed:
    target = Path(sys.argv[1]) / str(step) / "target"
    target.parent.mkdir()
    publish_files(target, OLD)
    killed = is_killed(lambda: publish_files(target, NEW), step)
    step += 1
"""


def manifest(hashes: Mapping[str, str]) -> bytes:
    return json.dumps({"tool": {"name": "prisma-batch"}, "outputs": dict(sorted(hashes.items()))}).encode()


def accept(_: Path) -> None:
    """Find nothing wrong with what was staged."""


def publish_files(target: Path, files: Mapping[str, bytes]) -> None:
    publish(target, files.items(), manifest, accept)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def with_manifest(files: Mapping[str, bytes]) -> dict[str, bytes]:
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
    return {**files, MANIFEST: manifest(hashes)}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_folder_is_made_and_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "target"
    publish_files(target, OLD)
    assert contents(target) == with_manifest(OLD)
    publish_files(target, NEW)
    assert contents(target) == with_manifest(NEW)
    assert names(tmp_path) == ["target"]


def test_everything_is_on_the_disk_before_it_is_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, published_when_synced = tmp_path / "target", dict[int, bool]()

    def note(descriptor: int) -> None:
        published_when_synced.setdefault(os.fstat(descriptor).st_ino, target.exists())

    monkeypatch.setattr(os, "fsync", note)
    publish_files(target, NEW)
    staged = {path.stat().st_ino: False for path in (target, *target.rglob("*"))}
    assert published_when_synced == {**staged, tmp_path.stat().st_ino: True}


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    publish_files(tmp_path / "target", NEW)
    assert contents(tmp_path / "target") == with_manifest(NEW)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_modes_do_not_depend_on_the_umask(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        publish_files(tmp_path / "target", OLD)
    finally:
        os.umask(before)
    modes = {path.is_dir(): oct(path.stat().st_mode & 0o777) for path in (tmp_path / "target").rglob("*")}
    assert modes == {True: "0o755", False: "0o644"}
    assert oct((tmp_path / "target").stat().st_mode & 0o777) == "0o755"


@pytest.mark.parametrize("swap", ["one step", "two steps"])
def test_crash_at_any_step_leaves_a_whole_folder(tmp_path: Path, repository: Path, swap: str) -> None:
    command = [sys.executable, "-c", CRASHES, str(tmp_path), swap]
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    crashes = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert crashes.returncode == 0, crashes.stderr
    *crashed, ended = sorted(tmp_path.iterdir(), key=lambda folder: int(folder.name))
    assert len(crashed) > 30
    assert names(ended) == ["target"]
    states = {}
    for folder in crashed:
        repair(folder / "target")
        states[folder.name] = contents(folder / "target")
        publish_files(folder / "target", NEW)
        assert contents(folder / "target") == with_manifest(NEW)
        assert names(folder) == ["target"]
    assert [step for step, state in states.items() if state not in (with_manifest(OLD), with_manifest(NEW))] == []
    order = [state == with_manifest(NEW) for state in states.values()]
    assert order == sorted(order), "once new, never old again"
    assert {*order} == {False, True}


def test_repair_without_a_crash_changes_nothing(tmp_path: Path) -> None:
    publish_files(tmp_path / "target", OLD)
    repair(tmp_path / "target")
    repair(tmp_path / "absent")
    assert names(tmp_path) == ["target"]
    assert contents(tmp_path / "target") == with_manifest(OLD)


def test_failed_check_leaves_the_old_folder(tmp_path: Path) -> None:
    def refuse(stage: Path) -> None:
        assert contents(stage) == NEW  # the manifest comes last
        raise InvariantBroken("does not add up")

    publish_files(tmp_path / "target", OLD)
    with pytest.raises(InvariantBroken, match="does not add up"):
        publish(tmp_path / "target", NEW.items(), manifest, refuse)
    assert contents(tmp_path / "target") == with_manifest(OLD)
    publish_files(tmp_path / "target", NEW)
    assert names(tmp_path) == ["target"]


def test_what_reads_back_differently_is_not_published(tmp_path: Path) -> None:
    def spoiling() -> Iterable[tuple[str, bytes]]:
        yield from NEW.items()
        (staged,) = tmp_path.glob(".*/a.csv")
        staged.write_bytes(b"other")

    publish_files(tmp_path / "target", OLD)
    with pytest.raises(InvariantBroken, match=r"a\.csv does not read back"):
        publish(tmp_path / "target", spoiling(), manifest, accept)
    assert contents(tmp_path / "target") == with_manifest(OLD)


@pytest.mark.parametrize(
    "files",
    [
        {"notes.txt": b"mine"},
        {MANIFEST: b'{"name": "a web app", "start_url": "/"}', "icon.svg": b"<svg/>"},
        {MANIFEST: b"[]", "notes.txt": b"mine"},
        {MANIFEST: b"not JSON", "notes.txt": b"mine"},
        {".git/HEAD": b"ref: refs/heads/main"},
    ],
    ids=["no manifest", "manifest of a web app", "list", "no JSON", "hidden"],
)
def test_folder_of_others_is_refused_untouched(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (tmp_path / "target" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "target" / name).write_bytes(content)
    with pytest.raises(UsageProblem, match="target"):
        publish_files(tmp_path / "target", NEW)
    assert contents(tmp_path / "target") == files
    assert names(tmp_path) == ["target"]


def test_file_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"mine")
    with pytest.raises(UsageProblem, match="target"):
        publish_files(tmp_path / "target", NEW)
    assert (tmp_path / "target").read_bytes() == b"mine"
    assert names(tmp_path) == ["target"]


@pytest.mark.parametrize("leads_somewhere", [True, False])
def test_link_is_refused_untouched(tmp_path: Path, leads_somewhere: bool) -> None:
    if leads_somewhere:
        publish_files(tmp_path / "elsewhere", OLD)
    (tmp_path / "target").symlink_to("elsewhere")
    before = names(tmp_path)
    with pytest.raises(UsageProblem, match="target"):
        publish_files(tmp_path / "target", NEW)
    assert (tmp_path / "target").is_symlink()
    assert names(tmp_path) == before


def test_lock_is_held_by_one(tmp_path: Path) -> None:
    with (
        locked(tmp_path / "reports"),
        pytest.raises(UsageProblem, match="another run is writing to reports"),
        locked(tmp_path / "reports"),
    ):
        pass
    with locked(tmp_path / "reports"):
        assert [name for name in names(tmp_path / "reports") if not name.startswith(".")] == []


def test_system_without_exchange_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Library:
        def __init__(self, *_: object, **__: object) -> None:
            pass

    monkeypatch.setattr(publisher.ctypes, "CDLL", Library)
    publish_files(tmp_path / "target", OLD)
    publish_files(tmp_path / "target", NEW)
    assert contents(tmp_path / "target") == with_manifest(NEW)
    assert names(tmp_path) == ["target"]
