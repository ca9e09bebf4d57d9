"""A run that is repeated lays out only what changed, and publishes the bytes that it would without that."""

import shutil
from pathlib import Path

import pytest

from prisma_batch.jobs.published_pdfs import published_pdfs
from tests.jobs.recipes import OCTOBER, contents, edit, published

STATEMENT = "statements/DELTA-003.pdf"


def found_again(workspace: Path) -> int:
    """Return how many of October's PDFs are known by what they were made of."""
    with published_pdfs(workspace, workspace / OCTOBER) as pdfs:
        return sum(pdfs.known.find(digest) is not None for digest in pdfs.known.files)


def made(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Run October again and return how many documents were laid out."""
    from prisma_batch.writers import pdf  # noqa: PLC0415 - what is counted

    count = 0
    compiled = pdf._compiled  # noqa: SLF001 - what is counted

    def counted(*arguments: object) -> object:
        nonlocal count
        count += 1
        return compiled(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(pdf, "_compiled", counted)
    published(workspace, "run", "2026-10")
    monkeypatch.undo()
    return count


def pdfs_of(workspace: Path) -> int:
    return len([*(workspace / OCTOBER / "statements").glob("*.pdf"), *(workspace / OCTOBER / "invoices").glob("*.pdf")])


def test_a_second_run_lays_out_nothing_and_publishes_the_same(
    workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(workspace / ".prisma-cache", ignore_errors=True)
    assert made(workspace, monkeypatch) == pdfs_of(workspace)
    assert made(workspace, monkeypatch) == 0
    assert made(workspace, monkeypatch) == 0
    assert contents(workspace / OCTOBER) == contents(example / OCTOBER)


def test_only_what_changed_is_laid_out_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(workspace / "invoices/DELTA-003/INV-2026-0203.yaml", "Traffic out, per GiB", "Traffic out, each GiB")
    assert made(workspace, monkeypatch) == 1
    edit(workspace / "prisma.yaml", "issuer:\n", "issuer:\n  paper: letter\n")
    assert made(workspace, monkeypatch) == pdfs_of(workspace)


def test_a_pdf_that_is_not_the_one_remembered_is_made_again(
    workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = workspace / OCTOBER / STATEMENT
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert made(workspace, monkeypatch) == 1
    (workspace / OCTOBER / STATEMENT).unlink()
    assert made(workspace, monkeypatch) == 1
    assert contents(workspace / OCTOBER) == contents(example / OCTOBER)


def test_a_copied_workspace_knows_its_pdfs(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = shutil.copytree(workspace, tmp_path / "copied")
    assert made(copied, monkeypatch) == 0


@pytest.mark.parametrize("damage", ["no SQLite", "no manifest", "open to others"])
def test_what_cannot_be_trusted_is_not_asked(workspace: Path, damage: str) -> None:
    assert found_again(workspace) == pdfs_of(workspace)
    if damage == "no SQLite":
        (workspace / ".prisma-cache/validate.sqlite").write_bytes(b"x" * 9000)
    elif damage == "no manifest":
        (workspace / OCTOBER / "manifest.json").write_bytes(b"[]")
    else:
        (workspace / ".prisma-cache").chmod(0o777)
    assert found_again(workspace) == 0
