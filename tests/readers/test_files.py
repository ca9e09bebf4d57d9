"""Files of the workspace: what is opened, what is refused without waiting, and hashes."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import RECORD_BYTES_MAX, blob_id, open_input, read_input, read_record, sha256

Reader = Callable[[Path, str], bytes | Finding]


@pytest.fixture(params=[read_record, read_input])
def reader(request: pytest.FixtureRequest) -> Reader:
    chosen: Reader = request.param
    return chosen


def test_a_regular_file_is_read(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "contacts").mkdir()
    (tmp_path / "contacts/a.yaml").write_bytes(b"a: b\n")
    assert reader(tmp_path, "contacts/a.yaml") == b"a: b\n"


def test_the_root_itself_may_be_a_link(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a.yaml").write_bytes(b"a: b\n")
    (tmp_path / "root").symlink_to("real")
    assert reader(tmp_path / "root", "a.yaml") == b"a: b\n"


@pytest.mark.parametrize("source", ["link.yaml", "link/a.yaml", "folder/link/a.yaml", "dangling.yaml"])
def test_links_are_refused_anywhere_in_the_path(tmp_path: Path, reader: Reader, source: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/a.yaml").write_bytes(b"a: b\n")
    (tmp_path / "link.yaml").symlink_to("folder/a.yaml")
    (tmp_path / "link").symlink_to("folder")
    (tmp_path / "folder/link").symlink_to(tmp_path / "folder")
    (tmp_path / "dangling.yaml").symlink_to("nowhere")
    assert refused(reader(tmp_path, source)) == ("symlink", source)


def test_pipes_are_refused_without_waiting(tmp_path: Path, reader: Reader) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert refused(reader(tmp_path, "a.yaml")) == ("not-a-regular-file", "a.yaml")


def test_sockets_are_refused(tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket has at most about a hundred characters
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("a.yaml")
        assert refused(reader(tmp_path, "a.yaml")) == ("not-a-regular-file", "a.yaml")


def test_devices_are_refused(reader: Reader) -> None:
    assert refused(reader(Path("/dev"), "zero")) == ("not-a-regular-file", "zero")


def test_folders_are_refused(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "a.yaml").mkdir()
    assert refused(reader(tmp_path, "a.yaml")) == ("not-a-regular-file", "a.yaml")


@pytest.mark.parametrize("source", ["a.yaml", "nowhere/a.yaml", "file/a.yaml"])
def test_a_missing_file_is_a_finding(tmp_path: Path, reader: Reader, source: str) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert refused(reader(tmp_path, source)) == ("file-not-found", source)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_a_finding(tmp_path: Path, reader: Reader) -> None:
    (tmp_path / "a.yaml").touch(mode=0)
    assert refused(reader(tmp_path, "a.yaml")) == ("file-unreadable", "a.yaml")


@pytest.mark.parametrize("source", ["../a.yaml", "folder/../a.yaml", "/a.yaml", "", ".", "a\0.yaml"])
def test_paths_that_leave_the_root_are_refused(tmp_path: Path, reader: Reader, source: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "a.yaml").write_bytes(b"a: b\n")
    assert refused(reader(tmp_path, source)) == ("path-outside", source)


def test_a_record_has_at_most_one_mebibyte_and_an_input_any_size(tmp_path: Path) -> None:
    (tmp_path / "full.yaml").write_bytes(b"#" * RECORD_BYTES_MAX)
    (tmp_path / "over.yaml").write_bytes(b"#" * (RECORD_BYTES_MAX + 1))
    assert read_record(tmp_path, "full.yaml") == b"#" * 1048576
    assert refused(read_record(tmp_path, "over.yaml")) == ("file-too-large", "over.yaml")
    assert read_input(tmp_path, "over.yaml") == b"#" * 1048577


def test_the_size_is_checked_before_reading(tmp_path: Path) -> None:
    with (tmp_path / "sparse.yaml").open("wb") as sparse:
        sparse.truncate(2**40)
    assert refused(read_record(tmp_path, "sparse.yaml")) == ("file-too-large", "sparse.yaml")


@pytest.mark.skipif(not Path("/proc/kallsyms").exists(), reason="needs a file that is longer than it says")
def test_a_file_that_says_it_is_short_is_not_read_beyond_the_limit() -> None:
    assert refused(read_record(Path("/proc"), "kallsyms")) == ("file-too-large", "kallsyms")


def test_refusals_leave_no_file_open(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "over.yaml").write_bytes(b"#" * (RECORD_BYTES_MAX + 1))
    before = open_descriptors()
    for source in ("folder", "over.yaml", "nowhere", "folder/nowhere/a.yaml"):
        read_record(tmp_path, source)
    assert open_descriptors() == before


def test_an_input_can_be_read_piece_by_piece(tmp_path: Path) -> None:
    (tmp_path / "usage.csv").write_bytes(b"account,program\n")
    opened = open_input(tmp_path, "usage.csv")
    assert not isinstance(opened, Finding)
    with opened:
        assert opened.read(7) == b"account"


@pytest.mark.parametrize("content", [b"", b"a: b\n", "é\n".encode() * 1000])
def test_the_blob_id_is_the_one_git_gives(tmp_path: Path, content: bytes) -> None:
    command = ["git", "hash-object", "--stdin"]
    hashed = subprocess.run(command, input=content, capture_output=True, check=True, cwd=tmp_path)
    assert blob_id(content) == hashed.stdout.decode().strip()


def test_sha256_is_hexadecimal() -> None:
    assert sha256(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def refused(outcome: bytes | Finding) -> tuple[str, str]:
    assert isinstance(outcome, Finding)
    return outcome.code, outcome.source


def open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - listing through pathlib opens one itself
