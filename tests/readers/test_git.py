"""git as a source of objects: what is read, and that nothing of a repository is run."""

import stat
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.git import Repository
from tests.repositories import ACME, SOUTH, GitRepository, replaced


def made(tmp_path: Path, **options: str) -> tuple[GitRepository, Repository]:
    written = GitRepository(tmp_path / "repository", **options)
    return written, Repository(written.folder)


def planted(path: Path, marker: Path) -> str:
    """A program that leaves a mark when it runs."""
    path.write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_resolve(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    head = written.git("rev-parse", "HEAD")
    written.git("tag", "-a", "v1", "-m", "first")
    assert {repository.resolve(ref) for ref in ("HEAD", "main", "request", head, head[:12], "v1")} == {head}


@pytest.mark.parametrize("ref", ["absent", "--all", "-h", "", "main:prisma.yaml", "main..request", "main\nrequest"])
def test_what_names_no_commit_is_refused(tmp_path: Path, ref: str) -> None:
    _, repository = made(tmp_path)
    with pytest.raises(UsageProblem, match="there is no commit"):
        repository.resolve(ref)


def test_outside_git_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="no git repository"):
        Repository(tmp_path)


def test_without_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageProblem, match="git is not installed"):
        Repository(tmp_path)


def test_changes_are_raw_and_without_renames(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    before = written.files[ACME]
    written.commit(
        {"contacts/Ümlaut\n.yaml": before, ACME: None, SOUTH: ("120000", "x"), "contacts/sub": ("160000", "1" * 40)}
    )
    changes = repository.changes(repository.resolve("main"), repository.resolve("HEAD"))
    assert [(change.path, change.old_mode, change.new_mode) for change in changes] == [
        (ACME, "100644", "000000"),
        (SOUTH, "100644", "120000"),
        ("contacts/sub", "000000", "160000"),
        ("contacts/Ümlaut\n.yaml", "000000", "100644"),
    ]
    removed, added = changes[0], changes[-1]
    assert removed.old_blob == added.new_blob
    assert (removed.is_deleted, removed.is_new, added.is_new) == (True, False, True)


def test_submodules_are_changes_whatever_the_tree_says(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    ignoring = '[submodule "s"]\n\tpath = contacts/s\n\turl = ./s\n\tignore = all\n'
    base = written.commit({".gitmodules": ignoring, "contacts/s": ("160000", "1" * 40)})
    (written.folder / ".gitmodules").write_text(ignoring, encoding="utf-8")
    written.git("config", "diff.ignoreSubmodules", "all")
    head = written.commit({"contacts/s": ("160000", "2" * 40)})
    assert [change.path for change in repository.changes(base, head)] == ["contacts/s"]


def test_path_that_is_no_utf8_is_kept_apart(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    head = written.commit({"contacts/\udcff.yaml": "x"})
    assert [change.path for change in repository.changes(repository.resolve("main"), head)] == ["contacts/\udcff.yaml"]
    assert "contacts/\udcff.yaml" in [file.path for file in repository.tree_files(head)]


def test_merge_base(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    fork = repository.resolve("main")
    ours, theirs = written.commit({"a.txt": "a"}), written.commit({"b.txt": "b"}, ("main",), "other")
    assert repository.merge_base(ours, theirs) == fork
    assert repository.merge_base(fork, ours) == fork
    unrelated = written.commit({}, (), "unrelated")
    with pytest.raises(UsageProblem, match="no common commits"):
        repository.merge_base(ours, unrelated)
    first, second = written.commit({}, (ours, theirs), "first"), written.commit({}, (theirs, ours), "second")
    with pytest.raises(UsageProblem, match="several common commits"):
        repository.merge_base(first, second)


def test_contents_are_read_in_the_order_asked(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    head = written.commit({"contacts/large.yaml": "x" * 1_200_000, "contacts/empty.yaml": "", "n.yaml": "a\n\n"})
    blobs = {file.path: file.blob_id for file in repository.tree_files(head)}
    wanted = [blobs[path] for path in ("n.yaml", "contacts/empty.yaml", ACME, "n.yaml")]
    assert [len(content) for content in repository.read_blobs(wanted)] == repository.blob_sizes(wanted)
    assert next(repository.read_blobs(wanted)) == b"a\n\n"
    assert list(repository.read_blobs([])) == repository.blob_sizes([]) == []
    with pytest.raises(UsageProblem, match="too large"):
        list(repository.read_blobs([blobs["contacts/large.yaml"]]))


def test_many_contents_do_not_wait_on_each_other(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    head = written.commit({f"contacts/{number}.yaml": str(number) * 30_000 for number in range(40)})
    blobs = [file.blob_id for file in repository.tree_files(head)] * 60
    assert sum(1 for _ in repository.read_blobs(blobs)) == len(blobs)


def test_contents_by_path(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    head = written.commit({"contacts/large.yaml": "x" * 1_200_000, "contacts/link.yaml": ("120000", "ACME-001.yaml")})
    paths = ["prisma.yaml", "contacts/absent.yaml", "contacts", "contacts/large.yaml", "contacts/link.yaml"]
    contents = repository.read_paths(head, paths)
    assert contents.pop("prisma.yaml") == written.files["prisma.yaml"][1].encode()
    assert contents == {"contacts": None, "contacts/large.yaml": None, "contacts/link.yaml": b"ACME-001.yaml"}


def test_missing_objects_are_told(tmp_path: Path) -> None:
    _, repository = made(tmp_path)
    for read in (
        repository.blob_sizes,
        lambda ids: list(repository.read_blobs(ids)),
        lambda ids: repository.tree_files(ids[0]),
    ):
        with pytest.raises(UsageProblem, match="objects are missing"):
            read(["1" * 40])


def test_shallow_clone_is_told_to_fetch(tmp_path: Path) -> None:
    written, _ = made(tmp_path)
    written.commit({"a.txt": "a"})
    written.commit({"b.txt": "b"}, ("main",), "main")
    source = f"file://{written.folder}"
    written.git(
        "clone", "--quiet", "--depth=1", "--no-single-branch", "--no-checkout", source, str(tmp_path / "shallow")
    )
    shallow = Repository(tmp_path / "shallow")
    with pytest.raises(UsageProblem, match="fetch the history"):
        shallow.merge_base(shallow.resolve("origin/main"), shallow.resolve("HEAD"))


def test_last_commit(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    first = repository.resolve("HEAD")
    second = written.commit({ACME: replaced("Jane", "Janet"), "*": "any"})
    assert repository.last_commit(ACME) == second
    assert repository.last_commit(ACME, "main") == repository.last_commit(SOUTH)
    assert repository.last_commit("contacts/absent.yaml") is None
    third = written.commit({ACME: replaced("Janet", "Jane")})
    assert (repository.last_commit("*"), third != first) == (second, True)


def test_workspace_below_the_repository(tmp_path: Path) -> None:
    written = GitRepository(tmp_path / "repository", below="data/records/")
    workspace = written.folder / "data" / "records"
    workspace.mkdir(parents=True)
    repository = Repository(workspace)
    written.commit({ACME: replaced("Jane", "Janet"), "../../.github/workflows/x.yml": "on: push"})
    changes = repository.changes(repository.resolve("main"), repository.resolve("HEAD"))
    assert [change.path for change in changes] == ["../../.github/workflows/x.yml", ACME]
    assert "prisma.yaml" in [file.path for file in repository.tree_files("HEAD")]
    assert list(repository.read_paths("HEAD", [ACME])) == [ACME]
    assert repository.last_commit(ACME) == repository.resolve("HEAD")


def test_commit_without_the_workspace_has_no_files(tmp_path: Path) -> None:
    written, _ = made(tmp_path)
    (written.folder / "later").mkdir()
    repository = Repository(written.folder / "later")
    assert repository.tree_files("HEAD") == []


def test_bare_repository(tmp_path: Path) -> None:
    written, _ = made(tmp_path)
    written.git("clone", "--quiet", "--bare", str(written.folder), str(tmp_path / "bare.git"))
    assert Repository(tmp_path / "bare.git").resolve("main") == written.git("rev-parse", "main")


def test_folder_that_looks_like_a_repository_is_none(tmp_path: Path) -> None:
    written, _ = made(tmp_path)
    written.git("clone", "--quiet", "--bare", str(written.folder), str(written.folder / "records"))
    with pytest.raises(UsageProblem, match="no git repository"):
        Repository(written.folder / "records")


def test_environment_does_not_lead_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, _ = made(tmp_path)
    other = GitRepository(tmp_path / "other")
    other.commit({ACME: replaced("Jane", "Janet")})
    for name, value in {"GIT_DIR": "/.git", "GIT_OBJECT_DIRECTORY": "/.git/objects", "GIT_WORK_TREE": ""}.items():
        monkeypatch.setenv(name, f"{other.folder}{value}")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    repository = Repository(written.folder)
    assert repository.resolve("HEAD") == written.git("rev-parse", "HEAD")


def test_replaced_objects_and_grafts_are_not_honoured(tmp_path: Path) -> None:
    written, repository = made(tmp_path)
    base, head = repository.resolve("main"), written.commit({ACME: replaced("Jane", "Janet")})
    harmless = written.commit({"a.txt": "a"}, ("main",), "harmless")
    written.git("replace", head, harmless)
    (written.folder / ".git" / "info" / "grafts").write_text(f"{head}\n", encoding="ascii")
    assert [change.path for change in repository.changes(base, head)] == [ACME]
    assert repository.merge_base(base, head) == base


def test_nothing_of_the_repository_is_run(tmp_path: Path) -> None:
    written, _ = made(tmp_path)
    marker = tmp_path / "ran"
    program = planted(tmp_path / "program", marker)
    hooks = written.folder / ".git" / "hooks"
    for name in ("post-checkout", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        planted(hooks / name, marker)
    for setting in (
        "core.fsmonitor",
        "core.pager",
        "core.sshCommand",
        "diff.external",
        "diff.x.textconv",
        "filter.x.smudge",
        "filter.x.process",
        "core.editor",
    ):
        written.git("config", setting, program)
    attributes = "* diff=x filter=x\n"
    (written.folder / ".gitattributes").write_text(attributes, encoding="ascii")
    head = written.commit({".gitattributes": attributes, ACME: replaced("Jane", "Janet")})
    marker.unlink(missing_ok=True)
    repository = Repository(written.folder)
    base = repository.merge_base(repository.resolve("main"), repository.resolve("HEAD"))
    changes = repository.changes(base, head)
    files = repository.tree_files(head)
    contents = list(repository.read_blobs([file.blob_id for file in files]))
    assert (len(contents), len(changes)) == (len(files), 2)
    assert repository.read_paths(head, [ACME])[ACME] == written.files[ACME][1].encode()
    assert repository.last_commit(ACME) == head
    assert not marker.exists()


def test_objects_are_not_fetched(tmp_path: Path) -> None:
    written, _ = made(tmp_path)
    written.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "partial"
    written.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{written.folder}", str(clone))
    repository = Repository(clone)
    with pytest.raises(UsageProblem, match="objects are missing"):
        list(repository.read_blobs([file.blob_id for file in repository.tree_files("HEAD")]))
