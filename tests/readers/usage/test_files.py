"""Large files are read in parts: the same rows, findings at the same places, and nothing that changes meanwhile."""

import gzip
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from prisma_batch.base.errors import InvariantBroken, RecordsNotRight
from prisma_batch.base.findings import Finding
from prisma_batch.readers.csv_text import RowFindings
from prisma_batch.readers.files import blob_id, sha256
from prisma_batch.readers.usage import csv_cells, files
from prisma_batch.readers.usage.cells import texts
from prisma_batch.readers.usage.csv_cells import Dialect
from prisma_batch.readers.usage.files import Hasher, UsageFile, hashes, usage_file
from prisma_batch.readers.usage.parts import OpenedFile, opened, parts
from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageNames

HEADER = "account,program,sku,usage_date,quantity,unit\n"


def looked_at(path: Path) -> UsageFile:
    found = usage_file(path.name, path.parent, path.name)
    assert isinstance(found, UsageFile)
    return found


def bodies(content: bytes, block_bytes: int) -> list[bytes]:
    """The bodies of all blocks; every byte is shown along the way."""

    class Stream:
        def __init__(self) -> None:
            self.at = 0

        def readinto(self, buffer: memoryview) -> int:
            found = content[self.at : self.at + len(buffer)]
            buffer[: len(found)] = found
            self.at += len(found)
            return len(found)

    shown: list[bytes] = []
    blocks = csv_cells.blocks(Stream(), block_bytes, read_along=lambda room: shown.append(bytes(room)))
    found = [(block.start, bytes(block.body)) for block in blocks]
    assert all(content.startswith(body, start) for start, body in found)
    assert b"".join(shown) == content
    return [body for _, body in found]


@pytest.mark.parametrize("block_bytes", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"a\nb\nc\n", [b"a", b"b", b"c"]),
        (b"a\r\nb\r\nc", [b"a", b"b", b"c"]),
        (b"a\rb\rc\r", [b"a", b"b", b"c"]),
        (b"a\n\nb\n\n\n", [b"a", b"", b"b"]),
        (b"a\r\n\r\nb\r\n", [b"a", b"", b"b"]),
        (b'"x\ny"\n"p\r\n\r\nq"\nz', [b'"x\ny"', b'"p\r\n\r\nq"', b"z"]),
        (b"", []),
        (b"\n\n", []),
    ],
)
def test_blocks_end_where_rows_end(content: bytes, rows: list[bytes], block_bytes: int) -> None:
    end = b"\r\n" if b"\r\n" in content.replace(b"p\r\n\r\nq", b"") else b"\r" if b"\n" not in content else b"\n"
    blocks = bodies(content, block_bytes)
    assert b"".join(block.removesuffix(end) + end for block in blocks) == b"".join(row + end for row in rows)
    assert all(block.count(b'"') % 2 == 0 for block in blocks)


def test_a_row_without_an_end_is_not_waited_for() -> None:
    class Endless:
        def __init__(self) -> None:
            self.read_bytes = 0

        def readinto(self, buffer: memoryview) -> int:
            self.read_bytes += len(buffer)
            assert self.read_bytes < 64 * 1024**2
            return len(buffer)

    assert len(next(csv_cells.blocks(Endless())).body) > 32 * 1024**2


def rows_of(content: bytes) -> list[tuple[object, ...]]:
    return list(read_usage("u.csv", content, UsageNames()).rows.itertuples(index=False, name=None))


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_small_blocks_give_the_same_rows(packed: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    lines = (f'"A{n % 7}",p,"s\n{n % 3}",2026-10-{n % 31 + 1:02d},{n}.5,h\n' for n in range(200))
    content = packed((HEADER + "".join(lines)).encode())
    whole = rows_of(content)
    assert len(whole) == 200
    monkeypatch.setattr(csv_cells.blocks, "__defaults__", (300,))
    assert rows_of(content) == whole


def test_findings_in_later_parts_name_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cells.blocks, "__defaults__", (100,))
    good, bad, ragged = "A,p,s,2026-10-01,1,h\n", "A,p,s,2026-10-01,x,h\n", "A,p\n"
    content = HEADER + good * 20 + bad + good * 20 + ragged + good * 20 + bad + good * 20 + 'A,"p"x,s,2026-10-01,1,h\n'
    found = read_usage("u.csv", content.encode(), UsageNames()).findings
    assert [(finding.code, finding.line) for finding in found] == [
        ("not-a-number", 22),
        ("ragged-row", 43),
        ("not-a-number", 64),
        ("broken-quotes", 85),
    ]


@pytest.mark.parametrize("wrong", ["\0", "\udcff"])
def test_what_is_not_text_is_found_in_every_part(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_cells.blocks, "__defaults__", (100,))
    content = HEADER + "A,p,s,2026-10-01,1,h\n" * 20 + f"A{wrong},p,s,2026-10-01,1,h\n"
    found = read_usage("u.csv", content.encode(errors="surrogateescape"), UsageNames()).findings
    assert [finding.code for finding in found] == ["encoding"]


def test_quotes_behind_a_byte_order_mark() -> None:
    found = RowFindings("u.csv", ["a", "b"])
    body = b'\xef\xbb\xbf"a","b"\n"1","2"\n3,4\n'
    cells = csv_cells.read(body, (("a", "b"), Dialect()), {"a": "text"}, (True, 0), found)
    assert cells is not None
    assert texts(cells.text("a")) == ["1", "3"]


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is not held."""
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 10)
    path = tmp_path / "u.csv"
    path.write_text(HEADER + "A,p,s,2026-10-01,1,h\n")
    return path


def test_hashes_are_those_of_the_content(large: Path) -> None:
    found, content = hashes(looked_at(large)), large.read_bytes()
    assert (found.sha256, found.blob_id) == (sha256(content), blob_id(content))


@pytest.mark.parametrize("times", [0, 2])
def test_hashes_are_of_all_bytes_once(large: Path, times: int) -> None:
    hasher = Hasher(looked_at(large))
    for _ in range(times):
        hasher.update(memoryview(large.read_bytes()))
    with pytest.raises(InvariantBroken):
        hasher.result()


def test_a_file_that_changes_is_refused(large: Path) -> None:
    file = looked_at(large)
    large.write_text(HEADER + "A,p,s,2026-10-01,2,h\n")
    for read in (hashes, opened):
        with pytest.raises(RecordsNotRight) as refused:
            read(file)
        assert [finding.code for finding in refused.value.findings] == ["file-changed"]


def test_a_file_that_changes_between_its_parts_is_refused(large: Path) -> None:
    found = opened(looked_at(large))
    assert isinstance(found, OpenedFile)
    reading = parts(found)
    assert next(reading).body
    with large.open("a") as appended:
        appended.write("A,p,s,2026-10-01,1,h\n")
    with pytest.raises(RecordsNotRight):
        list(reading)


def test_links_and_pipes_are_refused(tmp_path: Path, large: Path) -> None:
    (tmp_path / "link.csv").symlink_to(large)
    os.mkfifo(tmp_path / "pipe.csv")
    for name, code in {"link.csv": "symlink", "pipe.csv": "not-a-regular-file", "none.csv": "file-not-found"}.items():
        found = usage_file(f"usage/{name}", tmp_path, name)
        assert isinstance(found, Finding)
        assert (found.code, found.source) == (code, f"usage/{name}")
