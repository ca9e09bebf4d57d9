"""One file is written whole or not at all: through crashes, other commands and links."""

import os
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.writers import one_file
from prisma_batch.writers.one_file import create_file, locked_workspace, replace_file

SOURCE = "contacts/ACME-001.yaml"
# Replaces a large file by another one, again and again, until it is killed.
WRITER = """
import sys
from pathlib import Path
from prisma_batch.writers.one_file import replace_file
root, old, new = Path(sys.argv[1]), b"a" * 300_000, b"b" * 300_000
print("ready", flush=True)
while True:
    replace_file(root, "contacts/ACME-001.yaml", old, new)
    old, new = new, old
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "contacts").mkdir()
    (tmp_path / SOURCE).write_bytes(b"old")
    return tmp_path


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_content_is_replaced_and_the_mode_kept(root: Path) -> None:
    (root / SOURCE).chmod(0o640)
    replace_file(root, SOURCE, b"old", b"new")
    assert (root / SOURCE).read_bytes() == b"new"
    assert (root / SOURCE).stat().st_mode & 0o777 == 0o640
    assert names_in(root / "contacts") == ["ACME-001.yaml"]
    assert names_in(root / ".prisma-cache") == []


def test_what_somebody_else_has_written_is_not_replaced(root: Path) -> None:
    with pytest.raises(UsageProblem, match="changed by somebody else"):
        replace_file(root, SOURCE, b"older", b"new")
    assert (root / SOURCE).read_bytes() == b"old"


def test_a_file_is_created_once_whatever_the_umask(root: Path) -> None:
    previous = os.umask(0o077)
    try:
        assert create_file(root, "usage/2026-10/x.yaml", b"new")
    finally:
        os.umask(previous)
    assert not create_file(root, "usage/2026-10/x.yaml", b"newer")
    assert (root / "usage/2026-10/x.yaml").read_bytes() == b"new"
    assert (root / "usage/2026-10/x.yaml").stat().st_mode & 0o777 == 0o644


def test_what_cannot_be_written_leaves_nothing_behind(root: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            replace_file(root, SOURCE, b"old", b"new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (root / SOURCE).read_bytes() == b"old"
    assert names_in(root / ".prisma-cache") == []


@pytest.mark.parametrize("link", ["contacts", SOURCE])
def test_links_are_not_followed(root: Path, tmp_path_factory: pytest.TempPathFactory, link: str) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (root / link).rename(outside / "moved")
    (root / link).symlink_to(outside / "moved")
    with pytest.raises(UsageProblem):
        replace_file(root, SOURCE, b"old", b"new")
    moved = outside / "moved"
    assert (moved / "ACME-001.yaml" if moved.is_dir() else moved).read_bytes() == b"old"


@pytest.mark.parametrize("milliseconds", [0, 3, 9, 20, 41])
def test_a_kill_leaves_the_old_file_or_the_new_one(root: Path, milliseconds: int) -> None:
    (root / SOURCE).write_bytes(b"a" * 300_000)
    started = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(root)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert started.stdout
    started.stdout.readline()
    time.sleep(milliseconds / 1000)
    started.kill()
    started.communicate()
    assert (root / SOURCE).read_bytes() in {b"a" * 300_000, b"b" * 300_000}
    # What a crash leaves behind lies where nobody looks for records.
    assert names_in(root / "contacts") == ["ACME-001.yaml"]


def test_the_lock_makes_others_wait(root: Path) -> None:
    def append(number: int) -> None:
        with locked_workspace(root):
            content = (root / SOURCE).read_bytes()
            time.sleep(0.01)
            replace_file(root, SOURCE, content, content + b" %d" % number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(append, range(8)))
    assert sorted((root / SOURCE).read_bytes().split()) == sorted([b"old", *(b"%d" % number for number in range(8))])


def test_a_lock_that_stays_is_told(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_file, "_WAITS", 2)
    with locked_workspace(root), pytest.raises(UsageProblem, match="another command"), locked_workspace(root):
        pass
