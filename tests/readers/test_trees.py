"""Trees: the working folder and a commit of it say the same, and neither reads what it should not."""

import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import RECORD_BYTES_MAX, blob_id
from prisma_batch.readers.git import Repository
from prisma_batch.readers.trees import (
    FILE_MODE,
    FOLDER_MODE,
    LINK_MODE,
    PROGRAM_MODE,
    SPECIAL_MODE,
    CommitTree,
    Tree,
    TreeFile,
    WorkingTree,
)

BASE = Path(__file__).parents[1] / "examples" / "_base"
CUSTOMER = "contacts/ACME-001.yaml"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return shutil.copytree(BASE, tmp_path / "workspace")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Nora", "-c", "user.email=nora@northwind.example"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def committed(workspace: Path, top: Path | None = None) -> CommitTree:
    git(top or workspace, "init", "-q")
    git(workspace, "add", "-A")
    git(workspace, "commit", "-qm", "all")
    repository = Repository(workspace)
    return CommitTree(repository, repository.resolve("HEAD"))


def read(tree: Tree, path: str) -> bytes | str:
    content = tree.read(path)
    return content.code if isinstance(content, Finding) else content


def test_listing_has_the_root_and_what_lies_below_record_folders(workspace: Path) -> None:
    (workspace / "docs").mkdir()
    (workspace / "docs/a.md").touch()
    (workspace / "schemas").mkdir()
    (workspace / "schemas/a.json").touch()
    files = WorkingTree(workspace).files()
    assert files == sorted(files)
    modes = {file.path: file.mode for file in files}
    assert [modes[path] for path in ("docs", "contacts", "prisma.yaml", CUSTOMER, "schemas/a.json")] == [
        FOLDER_MODE,
        FOLDER_MODE,
        FILE_MODE,
        FILE_MODE,
        FILE_MODE,
    ]
    assert "docs/a.md" not in modes


@pytest.mark.parametrize("in_a_folder", [False, True])
def test_commit_lists_what_the_folder_does(workspace: Path, in_a_folder: bool) -> None:
    (workspace / "docs").mkdir()
    (workspace / "docs/a.md").touch()
    tree = committed(workspace, workspace.parent if in_a_folder else None)
    folder = [file for file in WorkingTree(workspace).files() if file.path != ".git"]
    assert [file[:2] for file in tree.files()] == [file[:2] for file in folder]
    for file in tree.files():
        if file.path.startswith("contacts/"):
            assert file.blob_id == blob_id((workspace / file.path).read_bytes())


def test_both_read_the_same(workspace: Path) -> None:
    tree, folder = committed(workspace), WorkingTree(workspace)
    files = [file for file in tree.files() if file.mode == FILE_MODE]
    assert list(tree.read_each(files)) == list(folder.read_each(files))
    assert tree.read(CUSTOMER) == folder.read(CUSTOMER) == (workspace / CUSTOMER).read_bytes()
    assert read(tree, "contacts/absent.yaml") == read(folder, "contacts/absent.yaml") == "file-not-found"


def link(path: Path) -> None:
    path.symlink_to("ACME-001.yaml")


def program(path: Path) -> None:
    path.touch()
    path.chmod(0o755)


def large(path: Path) -> None:
    path.write_bytes(b"#" * (RECORD_BYTES_MAX + 1))


@pytest.mark.parametrize(
    ("make", "mode", "content", "in_git"),
    [
        (link, LINK_MODE, "symlink", True),
        (program, PROGRAM_MODE, b"", True),
        (large, FILE_MODE, "file-too-large", True),
        (os.mkfifo, SPECIAL_MODE, "not-a-regular-file", False),
    ],
)
def test_modes_and_what_is_not_read(
    workspace: Path, make: Callable[[Path], None], mode: str, content: bytes | str, in_git: bool
) -> None:
    make(workspace / "contacts/ACME-002.yaml")
    trees: list[Tree] = [WorkingTree(workspace), *([committed(workspace)] if in_git else [])]
    for tree in trees:
        modes = {file.path: file.mode for file in tree.files()}
        assert modes["contacts/ACME-002.yaml"] == mode
        assert read(tree, "contacts/ACME-002.yaml") == content


def test_submodule_is_not_read(workspace: Path) -> None:
    git(workspace, "init", "-q")
    git(workspace, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},contacts/ACME-002.yaml")
    git(workspace, "commit", "-qm", "a submodule")
    repository = Repository(workspace)
    assert read(CommitTree(repository, repository.resolve("HEAD")), "contacts/ACME-002.yaml") == "not-a-regular-file"


def test_links_to_folders_are_listed_and_not_followed(workspace: Path) -> None:
    (workspace / "usage/linked").symlink_to("../contacts")
    shutil.rmtree(workspace / "payments")
    (workspace / "payments").symlink_to("contacts")
    modes = {file.path: file.mode for file in WorkingTree(workspace).files()}
    assert (modes["usage/linked"], modes["payments"]) == (LINK_MODE, LINK_MODE)
    assert not [path for path in modes if path.startswith(("usage/linked/", "payments/"))]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_folder_that_cannot_be_listed_is_found(workspace: Path) -> None:
    (workspace / "contacts").chmod(0)
    tree = WorkingTree(workspace)
    tree.files()
    (workspace / "contacts").chmod(0o755)
    assert [(finding.code, finding.source) for finding in tree.findings()] == [("folder-unreadable", "contacts")]


def test_tree_is_listed_once(workspace: Path) -> None:
    tree = WorkingTree(workspace)
    name = tree.name()
    (workspace / CUSTOMER).unlink()
    assert CUSTOMER in {file.path for file in tree.files()}
    assert tree.name() == name
    assert read(tree, CUSTOMER) == "file-not-found"


def write(path: Path) -> None:
    path.write_bytes(path.read_bytes())


def make_executable(path: Path) -> None:
    path.chmod(0o755)


def replace(path: Path) -> None:
    shutil.copy2(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


@pytest.mark.parametrize("change", [write, make_executable, replace, Path.unlink])
def test_name_changes_with_how_a_file_looks(workspace: Path, change: Callable[[Path], None]) -> None:
    name = WorkingTree(workspace).name()
    assert WorkingTree(workspace).name() == name
    os.utime(workspace / CUSTOMER, ns=(0, 1))  # far from now, that the clock need not be waited for
    changed = WorkingTree(workspace).name()
    change(workspace / CUSTOMER)
    assert len({name, changed, WorkingTree(workspace).name()}) == 3


def test_name_of_a_commit_is_its_id(workspace: Path) -> None:
    tree = committed(workspace)
    assert tree.name() == f"{tree.commit}:"
    (workspace / CUSTOMER).unlink()
    assert CommitTree(tree.repository, tree.commit).name() == tree.name()


def test_entries_are_plain_tuples() -> None:
    """Many are sent to other processes, and sorted."""
    file = TreeFile("contacts/A.yaml", FILE_MODE)
    assert pickle.loads(pickle.dumps(file)) == file == ("contacts/A.yaml", "100644", "", None, ())  # noqa: S301 - ours
