"""The cache of ``validate``: whatever was kept before, the findings are those of a check without it."""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.jobs.checked import checked_tree, kept_result
from prisma_batch.jobs.validate import validate
from prisma_batch.readers import known_trees
from prisma_batch.readers.cache import Cache, open_cache
from prisma_batch.readers.git import Repository
from prisma_batch.readers.known_trees import blobs_by_looks, kept_tree
from prisma_batch.readers.trees import CommitTree, WorkingTree
from prisma_batch.writers.findings import findings_text

EXAMPLES = Path(__file__).parents[1] / "examples"
BASE = EXAMPLES / "_base"
LAID_OVER = sorted(path for path in EXAMPLES.glob("*/*") if path.is_dir() and path.parent != BASE)
NOT_RECORDS = ("expected.txt", "DELETE")
IDENTITY = ["-c", "user.name=Nora", "-c", "user.email=nora@northwind.example"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
AS_OF = date(2026, 11, 30)
CUSTOMER = "contacts/ACME-001.yaml"
INVOICE = "invoices/ACME-001/INV-1.yaml"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the workspace without findings."""
    return shutil.copytree(BASE, tmp_path / "workspace")


@pytest.fixture
def fine_ticks(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Take the file system's clock as fine as Linux's is; what is returned waits until it has ticked."""
    monkeypatch.setattr(known_trees, "_COARSEST_TICK_NS", 20_000_000)
    return lambda: time.sleep(0.05)


def said(workspace: Path, *, use_cache: bool, as_of: date = AS_OF) -> str:
    validation = validate(workspace, (), as_of, use_cache=use_cache)
    return f"{validation.files_checked}\n{findings_text(validation.findings, 'json')}"


def assert_same(workspace: Path) -> None:
    assert said(workspace, use_cache=True) == said(workspace, use_cache=False)


def lay_over(example: Path, workspace: Path) -> None:
    shutil.copytree(example, workspace, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*NOT_RECORDS))
    deleted = example / "DELETE"
    for name in deleted.read_text(encoding="utf-8").split() if deleted.exists() else ():
        (workspace / name).unlink()


def take_back(workspace: Path) -> None:
    for folder in (path for path in workspace.iterdir() if path.name != ".prisma-cache"):
        shutil.rmtree(folder) if folder.is_dir() else folder.unlink()
    shutil.copytree(BASE, workspace, dirs_exist_ok=True)


def kept_name(workspace: Path) -> str | None:
    with open_cache(workspace) as cache:
        known = kept_tree(cache)
    return known.name if known else None


@pytest.mark.parametrize("example", LAID_OVER, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_example_is_found_after_the_base(workspace: Path, example: Path) -> None:
    assert_same(workspace)
    lay_over(example, workspace)
    assert_same(workspace)
    take_back(workspace)
    assert_same(workspace)


@pytest.mark.parametrize("example", LAID_OVER, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_base_is_found_after_an_example(workspace: Path, example: Path) -> None:
    lay_over(example, workspace)
    assert_same(workspace)
    take_back(workspace)
    assert_same(workspace)


class Editor:
    """Edits a workspace at random: files of all the examples come, go, break and are mended."""

    def __init__(self, workspace: Path, seed: int) -> None:
        self.workspace = workspace
        self.chance = random.Random(seed)  # noqa: S311 - the same edits every time
        found = (path for path in EXAMPLES.rglob("*") if path.is_file() and path.name not in NOT_RECORDS)
        self.pool = sorted((str(path.relative_to(EXAMPLES)), path) for path in found)

    def edit(self) -> None:
        for _ in range(self.chance.randint(1, 3)):
            self.chance.choice(
                [*[self.put] * 4, self.remove, self.break_, self.touch, self.rename, self.link, self.grow]
            )()

    def files(self) -> list[Path]:
        found = (path for path in self.workspace.rglob("*") if not path.is_dir() and ".prisma-cache" not in path.parts)
        return sorted(path for path in found if path.name != "prisma.yaml")

    def put(self) -> None:
        name, content = self.chance.choice(self.pool)
        parts = Path(name).parts
        target = self.workspace.joinpath(*parts[1 if parts[0] == "_base" else 2 :])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        shutil.copyfile(content, target)

    def remove(self) -> None:
        self.chance.choice(self.files()).unlink()

    def break_(self) -> None:
        self.overwrite(self.chance.choice([b"", b"a: [", b"a: 1\n", b"\xff", b"- x\n"]))

    def touch(self) -> None:
        path = self.chance.choice(self.files())
        if not path.is_symlink():
            path.write_bytes(path.read_bytes() + b"\n")

    def link(self) -> None:
        path = self.chance.choice(self.files())
        path.unlink()
        path.symlink_to("absent.yaml")

    def grow(self) -> None:
        self.overwrite(b"#" * 1048577)

    def overwrite(self, content: bytes) -> None:
        path = self.chance.choice(self.files())
        path.unlink()
        path.write_bytes(content)

    def rename(self) -> None:
        path = self.chance.choice(self.files())
        path.rename(path.with_name(self.chance.choice(["ACME-001.yaml", "ACME-009.yaml", "INV-1.yaml", "x.csv"])))


@pytest.mark.parametrize("seed", range(4))
def test_edits_at_random(workspace: Path, seed: int, fine_ticks: Callable[[], None]) -> None:
    editor = Editor(workspace, seed)
    for _ in range(30):
        editor.edit()
        fine_ticks()
        assert_same(workspace)


def bill(workspace: Path, account: str, payer: str | None) -> None:
    text = (BASE / "agreements/ACME-001.yaml").read_text(encoding="utf-8").replace("ACME-001", account)
    billed_to = f"billed_to: {payer}\n" if payer else ""
    (workspace / f"agreements/{account}.yaml").write_text(billed_to + text, encoding="utf-8")
    customer = (BASE / CUSTOMER).read_text(encoding="utf-8").replace("ACME-001", account)
    (workspace / f"contacts/{account}.yaml").write_text(customer, encoding="utf-8")


def test_loop_is_found_and_mended_at_its_far_end(workspace: Path) -> None:
    accounts = [f"ACME-00{number}" for number in range(2, 8)]
    for account, payer in zip(accounts, [*accounts[1:], None], strict=True):
        bill(workspace, account, payer)
    assert_same(workspace)
    name = kept_name(workspace)
    bill(workspace, accounts[-1], accounts[0])
    assert_same(workspace)
    assert said(workspace, use_cache=True).count("billed-to-loop") == 6
    bill(workspace, accounts[-1], None)
    assert_same(workspace)
    assert kept_name(workspace) == name  # all of this was found without checking everything again


@pytest.mark.parametrize("before", ["link", "grow"])
def test_file_that_could_not_be_read_and_is_gone_is_missed(workspace: Path, before: str) -> None:
    (workspace / CUSTOMER).unlink()
    if before == "link":
        (workspace / CUSTOMER).symlink_to("absent.yaml")
    else:
        (workspace / CUSTOMER).write_bytes(b"#" * 1048577)
    assert_same(workspace)
    assert "unknown-account" not in said(workspace, use_cache=True)
    (workspace / CUSTOMER).unlink()
    assert_same(workspace)
    assert "unknown-account" in said(workspace, use_cache=True)


def test_result_of_one_day_is_not_another_days(workspace: Path) -> None:
    text = (workspace / CUSTOMER).read_text(encoding="utf-8")
    old, new = "email: uma.vale@acme.example", "email: uma.vale@acme.example\n      valid_to: 2026-12-31"
    (workspace / CUSTOMER).write_text(text.replace(old, new), encoding="utf-8")
    for day in ("2026-12-01", "2027-01-01", "2027-02-01", "2026-12-01"):
        as_of = date.fromisoformat(day)
        assert said(workspace, use_cache=True, as_of=as_of) == said(workspace, use_cache=False, as_of=as_of)
        assert f"on {max(day, '2027-01-01')}" in said(workspace, use_cache=True, as_of=as_of)


def test_nothing_is_read_where_nothing_changed(workspace: Path, fine_ticks: Callable[[], None]) -> None:
    fine_ticks()
    first = said(workspace, use_cache=True)
    with open_cache(workspace) as cache:
        tree = WorkingTree(workspace)
        assert kept_result(cache, tree.name(), AS_OF) is not None
        for path in workspace.glob("*/*.yaml"):
            path.chmod(0o200)
        assert kept_result(cache, WorkingTree(workspace).name(), AS_OF) is None  # they look different now
    assert first == said(workspace, use_cache=True)


def test_change_that_looks_the_same_is_noticed(workspace: Path, fine_ticks: Callable[[], None]) -> None:
    """Same size and time of content, as a copy with ``cp -p`` has: the time of the inode tells."""
    fine_ticks()
    said(workspace, use_cache=True)
    path = workspace / INVOICE
    before = path.stat()
    content = path.read_bytes().replace(b'total: "340.49"', b'total: "340.50"')
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert "document-total" in said(workspace, use_cache=True)


def test_change_within_a_tick_is_noticed(workspace: Path) -> None:
    """Where the file system's clock has not ticked since a file was written, its looks are not trusted."""
    said(workspace, use_cache=True)
    with open_cache(workspace) as cache:
        files = WorkingTree(workspace).files()
        assert not any(blobs_by_looks(cache, files))
        assert kept_result(cache, WorkingTree(workspace).name(), AS_OF) is None


def test_moved_workspace_is_the_same(workspace: Path, tmp_path: Path) -> None:
    first = said(workspace, use_cache=True)
    name = kept_name(workspace)
    moved = shutil.copytree(workspace, tmp_path / "moved")
    (moved / ".prisma-cache").chmod(0o700)
    assert said(moved, use_cache=True) == first
    assert kept_name(moved) == name


def test_commit_and_folder_share_what_is_known(workspace: Path) -> None:
    """Blob ids are git's: what was found in the folder holds for the commit of it, and nothing is read again."""
    said(workspace, use_cache=True)
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run(["git", *IDENTITY, *arguments], cwd=workspace, check=True)
    repository = Repository(workspace)
    tree = CommitTree(repository, repository.resolve("HEAD"))
    with open_cache(workspace) as cache:
        versions = [(file.path, file.blob_id) for file in tree.files() if file.path in (CUSTOMER, INVOICE)]
        assert len(list(cache.rows(versions))) == 2
        cached = checked_tree(tree, AS_OF, cache)
    assert cached == checked_tree(tree, AS_OF, Cache())
    assert cached.files_count == validate(workspace, (), AS_OF).files_checked


@pytest.mark.parametrize("keep", [True, False])
def test_many_files_are_judged_by_several_processes(tmp_path: Path, keep: bool) -> None:
    """In a process of its own, for forking is not for tests' threads; the order of what is found does not change."""
    workspace = shutil.copytree(BASE, tmp_path / "workspace")
    invoice = (BASE / INVOICE).read_text(encoding="utf-8")
    for number in range(2100):
        wrong = invoice.replace('total: "340.49"', 'total: "1.00"') if number % 100 == 0 else invoice
        path = workspace / f"invoices/ACME-001/M-{number}.yaml"
        path.write_text(wrong.replace("INV-1", f"M-{number}"), encoding="utf-8")
    command = [sys.executable, "-m", "prisma_batch", "validate", "--as-of", "2026-11-30", "--format", "json"]
    runs = [[*command, *([] if keep else ["--no-cache"])], ["taskset", "-c", "0", *command, "--no-cache"]]
    outputs = [subprocess.run(run, cwd=workspace, capture_output=True, check=False, env=ENVIRONMENT) for run in runs]
    assert outputs[0].stdout == outputs[1].stdout
    assert outputs[0].stdout.count(b"document-total") == 21
