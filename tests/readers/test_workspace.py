"""Loading a workspace: which files are records, and names and links that are refused."""

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.places import RECORD_KINDS, is_unsafe, kind_of
from prisma_batch.readers.workspace import load

BASE = Path(__file__).parents[1] / "examples" / "_base"
CUSTOMER = "contacts/ACME-001.yaml"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the workspace without findings."""
    return shutil.copytree(BASE, tmp_path / "workspace")


def found(workspace: Path) -> list[tuple[str, str]]:
    return [(finding.code, finding.source) for finding in load(workspace).findings]


def copy_customer(workspace: Path, name: str) -> None:
    shutil.copy(workspace / CUSTOMER, workspace / name)


def test_base_has_every_kind_of_record(workspace: Path) -> None:
    loaded = load(workspace)
    assert {file.kind for file in loaded.files} == set(RECORD_KINDS)
    assert [file.source for file in loaded.files] == sorted(file.source for file in loaded.files)


def test_hashes_are_those_of_the_bytes_read(workspace: Path) -> None:
    content = (workspace / CUSTOMER).read_bytes()
    (customer,) = (file for file in load(workspace).files if file.source == CUSTOMER)
    assert customer.sha256 == hashlib.sha256(content).hexdigest()
    assert customer.blob_id == hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("prisma.yaml", "settings"),
        ("contacts/A.yaml", "contacts"),
        ("agreements/A.yaml", "agreements"),
        ("agreements/price-lists/a.yaml", "price-lists"),
        ("agreements/fx/a.csv", "fx"),
        ("cases/incidents/a.yaml", "incidents"),
        ("cases/announcements/a.yaml", "announcements"),
        ("cases/A/a.yaml", "cases"),
        ("cases/a.yaml", None),
        ("contacts/A/a.yaml", None),
        ("contacts/A.yml", None),
        ("agreements/fx/a.yaml", None),
        ("payments/allocations/a.yaml", "allocations"),
        ("payments/2026-10/a.yaml", None),
        ("usage/2026-10/a.yaml", "usage"),
        ("usage/a.yaml", None),
    ],
)
def test_kind_of(source: str, kind: str | None) -> None:
    assert kind_of(source) == kind


def make_link(target: str) -> Callable[[Path], None]:
    return lambda path: path.symlink_to(target)


@pytest.mark.parametrize(
    ("source", "make", "code"),
    [
        ("contacts/ACME-002.yaml", make_link("ACME-001.yaml"), "symlink"),
        ("contacts/ACME-003.yaml", make_link("absent.yaml"), "symlink"),
        ("contacts/ACME-002.yaml", os.mkfifo, "not-a-regular-file"),
        ("contacts/more", make_link("../usage"), "unexpected-file"),
        ("contacts/deep", lambda path: shutil.copytree(BASE / "contacts", path), "unexpected-file"),
        ("payments/allocations/a.csv", Path.touch, "unexpected-file"),
        ("Contacts", Path.mkdir, "unexpected-file"),
        ("prisma.yml", Path.touch, "unexpected-file"),
        ("usage/2026-10/CON.csv", Path.touch, "unsafe-file-name"),
        ("usage/2026-10/a:b.csv", Path.touch, "unsafe-file-name"),
    ],
)
def test_what_does_not_belong_is_found(workspace: Path, source: str, make: Callable[[Path], None], code: str) -> None:
    make(workspace / source)
    ((found_code, found_source),) = found(workspace)
    assert found_code == code
    assert found_source.startswith(source)


def test_record_folder_that_is_a_file_is_found(workspace: Path) -> None:
    shutil.rmtree(workspace / "payments")
    (workspace / "payments").touch()
    assert found(workspace) == [("folder-unreadable", "payments")]


def test_names_that_differ_by_case_or_composition_collide(workspace: Path) -> None:
    copy_customer(workspace, "contacts/acme-001.yaml")
    (workspace / "usage/2026-10/caf\u00e9.csv").touch()
    (workspace / "usage/2026-10/cafe\u0301.csv").touch()
    assert found(workspace) == [
        ("path-collision", "contacts/acme-001.yaml"),
        ("path-collision", "usage/2026-10/caf\u00e9.csv"),
        ("file-name-mismatch", "contacts/acme-001.yaml"),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "contacts/CON.yaml",
        "a/com1.x.yaml",
        "a/nul",
        "a/b.",
        "a/b ",
        "a/ b",
        "a/b\n",
        "a/b\\c",
        "a/\udcff",
        "a/b\u202e",
        "a/b?",
    ],
)
def test_unsafe_names(source: str) -> None:
    assert is_unsafe(source)


@pytest.mark.parametrize("source", ["a/CONTACT.yaml", "a/statement 1.sta", "a/é.csv", "a/.gitkeep", "a/a..b"])
def test_safe_names(source: str) -> None:
    assert not is_unsafe(source)


def test_no_workspace_without_settings(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="not a workspace"):
        load(tmp_path)


def test_no_records_is_refused(tmp_path: Path) -> None:
    shutil.copy(BASE / "prisma.yaml", tmp_path)
    (tmp_path / "contacts").mkdir()
    with pytest.raises(UsageProblem, match="no records to check"):
        load(tmp_path)
