"""``fmt``: on every record that the repository ships, and what it must not touch."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prisma_batch.cli.main import main
from prisma_batch.jobs.fmt import canonical_content
from prisma_batch.readers.places import RECORD_KINDS, kind_of
from prisma_batch.readers.strict_yaml import Document, parse

ROOT = Path(__file__).parents[2]
WORKSPACE = Path(__file__).parent / "transcripts" / "_workspace"
ACME = "contacts/ACME-001.yaml"


def fmt(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(workspace), "fmt", *arguments])


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return shutil.copytree(WORKSPACE, tmp_path / "workspace")


def shipped_records() -> list[tuple[Path, str]]:
    """The workspaces in the repository, and the paths of records in them."""
    workspaces = [ROOT, *(path for path in (ROOT / "tests" / "examples").glob("*/*") if path.is_dir())]
    folders = ("agreements", "cases", "contacts", "invoices", "payments", "usage")
    found = [(root, path) for root in workspaces for name in folders for path in sorted((root / name).rglob("*.yaml"))]
    return [(root, path.relative_to(root).as_posix()) for root, path in found]


def test_the_repositorys_own_records_are_canonical() -> None:
    result = fmt(ROOT, "--check")
    assert (result.exit_code, result.stdout) == (0, "")


def test_twice_is_once_on_every_record_and_nothing_is_said_differently() -> None:
    count = 0
    for root, source in shipped_records():
        content = (root / source).read_bytes()
        parsed = parse(content, source)
        kind = RECORD_KINDS.get(kind_of(source) or "")
        if isinstance(parsed, Document) and isinstance(parsed.value, dict) and kind:
            canonical = canonical_content(content, kind.schema or "")
            again = parse(canonical, source)
            assert isinstance(again, Document), source
            assert again.value == parsed.value, source
            assert canonical_content(canonical, kind.schema or "") == canonical, source
            count += 1
    assert count > 200


def test_a_record_that_has_no_canonical_form_stays(workspace: Path) -> None:
    # A key of so many characters has to be announced by a question mark.
    content = f"? {'k' * 1100}\n:   1\n".encode()
    (workspace / ACME).write_bytes(content)
    assert fmt(workspace).exit_code == 0
    assert (workspace / ACME).read_bytes() == content


def test_check_writes_nothing(workspace: Path) -> None:
    (workspace / ACME).write_bytes((workspace / ACME).read_bytes() + b"\n\n")
    before = {path: path.stat().st_mtime_ns for path in workspace.rglob("*")}
    result = fmt(workspace, "--check")
    assert (result.exit_code, result.stdout) == (1, f"{ACME}\n")
    assert {path: path.stat().st_mtime_ns for path in workspace.rglob("*")} == before


def test_canonical_files_are_not_written(workspace: Path) -> None:
    before = {path: path.stat().st_ino for path in workspace.rglob("*.yaml")}
    assert fmt(workspace).exit_code == 0
    assert {path: path.stat().st_ino for path in workspace.rglob("*.yaml")} == before


def test_links_are_reported_and_left_alone(workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text("a:   1\n", encoding="utf-8")
    (workspace / "contacts" / "ACME-002.yaml").symlink_to(outside)
    result = fmt(workspace)
    assert (result.exit_code, "symlink" in result.stdout) == (1, True)
    assert outside.read_text(encoding="utf-8") == "a:   1\n"


def test_paths_may_be_absolute(workspace: Path) -> None:
    (workspace / ACME).write_bytes((workspace / ACME).read_bytes() + b"\n\n")
    result = fmt(workspace, str(workspace / "contacts"))
    assert (result.exit_code, result.stderr) == (0, "2 records looked at, 1 changed\n")


def test_tables_beside_records_are_no_records(workspace: Path) -> None:
    (workspace / "agreements" / "fx").mkdir()
    (workspace / "agreements" / "fx" / "ecb.csv").write_text("period,from,to,rate\n", encoding="utf-8")
    assert fmt(workspace, "--check").exit_code == 0
    assert fmt(workspace, os.path.join("agreements", "fx")).exit_code == 2  # noqa: PTH118 - as typed
