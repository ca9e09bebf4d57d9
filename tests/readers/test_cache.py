"""The cache file: whatever is in it, or happens to it, it is only ever as good as empty."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from prisma_batch.readers.cache import Cache, open_cache
from prisma_batch.readers.tool_digest import tool_digest

VERSION = ("contacts/A.yaml", "0" * 40)
FILE = ".prisma-cache/validate.sqlite"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "prisma.yaml").touch()
    return tmp_path


def keep(root: Path, row: bytes = b"[1]") -> None:
    with open_cache(root) as cache:
        cache.keep_rows([(VERSION, row)])
        cache.keep_entries([("name", row)])


def kept(root: Path) -> tuple[list[bytes], bytes | None]:
    with open_cache(root) as cache:
        return [row for _, row in cache.rows([VERSION])], cache.entry("name")


KEPT = ([b"[1]"], b"[1]")
NOTHING: tuple[list[bytes], None] = ([], None)


def test_what_is_kept_is_there_the_next_time(workspace: Path) -> None:
    assert kept(workspace) == NOTHING
    keep(workspace)
    assert kept(workspace) == KEPT


def test_rows_are_those_of_a_version(workspace: Path) -> None:
    path, blob = VERSION
    keep(workspace)
    with open_cache(workspace) as cache:
        assert list(cache.rows([(path, "1" * 40), ("contacts/B.yaml", blob), VERSION])) == [(VERSION, b"[1]")]
        assert list(cache.every_row()) == [(VERSION, b"[1]")]
        cache.drop_rows([VERSION])
        assert list(cache.every_row()) == []


def test_names_that_are_no_text_are_kept(workspace: Path) -> None:
    version = ("contacts/\udcff\n.yaml", "0" * 40)
    with open_cache(workspace) as cache:
        cache.keep_rows([(version, b"[]")])
        assert list(cache.rows([version])) == list(cache.every_row()) == [(version, b"[]")]


def test_oldest_results_are_dropped_and_other_entries_stay(workspace: Path) -> None:
    with open_cache(workspace) as cache:
        cache.keep_entries([("tree", b"0")])
        for number in range(120):
            cache.keep_entries([(f"result {number}", b"1")])
        found = [cache.entry(f"result {number}") is not None for number in range(120)]
        assert cache.entry("tree") == b"0"
    assert found == [False] * 20 + [True] * 100


def test_cache_without_a_file_is_empty() -> None:
    cache = Cache()
    cache.keep_rows([(VERSION, b"[1]")])
    cache.keep_entries([("name", b"[1]")])
    assert (list(cache.rows([VERSION])), cache.entry("name"), cache.is_open) == ([], None, False)


def test_only_its_owner_can_read_it_and_git_never_sees_it(workspace: Path) -> None:
    before = os.umask(0)
    try:
        keep(workspace)
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((workspace / path).stat().st_mode) for path in (".prisma-cache", FILE)]
    assert modes == [0o700, 0o600]
    subprocess.run(["git", "init", "-q"], cwd=workspace, check=True)
    listed = subprocess.run(["git", "status", "--porcelain", "-uall"], cwd=workspace, check=True, capture_output=True)
    assert listed.stdout == b"?? prisma.yaml\n"


def no_database(path: Path) -> None:
    path.write_bytes(b"no database")


def zeros(path: Path) -> None:
    path.write_bytes(b"\0" * 5000)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def scramble(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[200:] = bytes(byte ^ 0x55 for byte in content[200:])
    path.write_bytes(content)


def other_program(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE file (name TEXT)")
    connection.close()


def other_layout(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 999")
    connection.close()


@pytest.mark.parametrize("spoil", [no_database, zeros, truncate, scramble, other_program, other_layout])
def test_spoilt_file_is_made_anew(workspace: Path, spoil: Callable[[Path], None]) -> None:
    keep(workspace)
    spoil(workspace / FILE)
    assert kept(workspace) == NOTHING
    keep(workspace)
    keep(workspace)
    assert kept(workspace) == KEPT


@pytest.mark.parametrize(
    ("statement", "left"),
    [("UPDATE file SET row = x'00'", ([], b"[1]")), ("UPDATE entry SET content = x'00'", ([b"[1]"], None))],
)
def test_changed_content_is_not_believed(
    workspace: Path, statement: str, left: tuple[list[bytes], bytes | None]
) -> None:
    keep(workspace)
    with sqlite3.connect(workspace / FILE) as connection:
        connection.execute(statement)
    connection.close()
    assert kept(workspace) == left


def test_another_tool_starts_anew(workspace: Path) -> None:
    keep(workspace)
    with sqlite3.connect(workspace / FILE) as connection:
        connection.execute("UPDATE tool SET digest = 'another'")
    connection.close()
    assert kept(workspace) == NOTHING
    with open_cache(workspace) as cache:
        cache.keep_entries([("other", b"2")])
    assert kept(workspace) == NOTHING
    keep(workspace)
    assert kept(workspace) == KEPT


def test_tool_digest_changes_with_code_and_schemas(workspace: Path, repository: Path) -> None:
    """Run from a copy, so that whoever works on the tool never sees what an earlier version of it found."""
    for folder in ("prisma_batch", "schemas"):
        subprocess.run(["cp", "-r", repository / folder, workspace], check=True)
    digests = {digest_of(workspace)}
    assert digest_of(workspace) in digests
    for path in ("prisma_batch/checks/coverage.py", "schemas/contacts.schema.json"):
        with (workspace / path).open("a", encoding="utf-8") as file:
            file.write("\n")
        digests.add(digest_of(workspace))
    assert len(digests) == 3
    assert tool_digest() in digests


def digest_of(root: Path) -> str:
    command = [sys.executable, "-c", "from prisma_batch.readers.tool_digest import tool_digest; print(tool_digest())"]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def link_folder(root: Path) -> None:
    (root / "elsewhere").mkdir(mode=0o700)
    (root / ".prisma-cache").symlink_to("elsewhere")


def link_file(root: Path) -> None:
    (root / ".prisma-cache").mkdir(mode=0o700)
    (root / FILE).symlink_to("../elsewhere.sqlite")


def open_folder(root: Path) -> None:
    keep(root)
    (root / ".prisma-cache").chmod(0o755)


def folder_is_a_file(root: Path) -> None:
    (root / ".prisma-cache").touch()


@pytest.mark.parametrize("make", [link_folder, link_file, open_folder, folder_is_a_file])
def test_what_others_could_have_written_is_neither_read_nor_written(
    workspace: Path, make: Callable[[Path], None]
) -> None:
    make(workspace)
    with open_cache(workspace) as cache:
        assert not cache.is_open
    assert not list((workspace / "elsewhere").glob("*")) or make is not link_folder
    assert not (workspace / "elsewhere.sqlite").exists()


@pytest.mark.parametrize("folder", ["", "records"])
def test_cache_that_is_tracked_is_not_believed(workspace: Path, folder: str) -> None:
    """A request could bring a cache that says that all is well; git gives it to whoever checks it out."""
    root = workspace / folder
    root.mkdir(exist_ok=True)
    (root / "prisma.yaml").touch()
    subprocess.run(["git", "init", "-q"], cwd=workspace, check=True)
    keep(root)
    assert kept(root) == KEPT
    subprocess.run(["git", "add", "-f", root / ".prisma-cache"], cwd=workspace, check=True)
    with open_cache(root) as cache:
        assert not cache.is_open


def test_cache_in_a_repository_that_git_cannot_read_is_not_believed(workspace: Path) -> None:
    keep(workspace)
    (workspace / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")
    with open_cache(workspace) as cache:
        assert not cache.is_open


def test_locked_file_is_left_alone(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(workspace)
    monkeypatch.setattr("prisma_batch.readers.cache._SECONDS_TO_WAIT", 0.05)
    other = sqlite3.connect(workspace / FILE, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    assert kept(workspace) == NOTHING
    keep(workspace, b"[2]")
    other.execute("ROLLBACK")
    other.close()
    assert kept(workspace) == KEPT


def test_many_can_write_at_the_same_time(workspace: Path, repository: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from prisma_batch.readers.cache import open_cache\n"
        "for number in range(20):\n"
        "    with open_cache(Path(sys.argv[1])) as cache:\n"
        "        cache.keep_rows([((f'{sys.argv[2]}-{number}', '0'), b'[]')])\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", script, workspace, str(writer)], cwd=repository) for writer in range(3)
    ]
    assert [process.wait() for process in running] == [0, 0, 0]
    with open_cache(workspace) as cache:
        assert len(list(cache.every_row())) == 60


def test_nothing_is_left_where_no_workspace_is(tmp_path: Path) -> None:
    with open_cache(tmp_path) as cache:
        assert not cache.is_open
    assert list(tmp_path.iterdir()) == []
