"""The second clock: what was known at a commit, whatever has come in since."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.jobs.recipes import SEPTEMBER, contents, edit, invoice, prisma_batch, published, rows, write


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Mira", "-c", "user.email=mira@issuer.example")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def then_and_now(tmp_path: Path, example: Path) -> Path:
    """The example in a folder of a repository, with a late invoice and another contact committed since ``then``."""
    root = shutil.copytree(example, tmp_path / "repository" / "records")
    shutil.rmtree(root / "reports")
    git(tmp_path / "repository", "init", "--quiet")
    git(tmp_path / "repository", "add", ".")
    git(tmp_path / "repository", "commit", "--quiet", "-m", "then")
    git(tmp_path / "repository", "tag", "then")
    write(root, {"invoices/NORD-201/LATE-1.yaml": invoice("NORD-201", "LATE-1", "2026-10-10", "77.00")})
    edit(root / "contacts/NORD-201.yaml", "Jannis", "Johannes")
    git(tmp_path / "repository", "add", ".")
    git(tmp_path / "repository", "commit", "--quiet", "-m", "now")
    return root


def test_a_run_publishes_what_it_would_have_then(then_and_now: Path, tmp_path: Path, example: Path) -> None:
    before = contents(then_and_now)
    published(then_and_now, "run", "2026-09", "--known-at", "then", "--out", str(tmp_path / "known"))
    assert contents(tmp_path / "known") == contents(example / SEPTEMBER)
    assert contents(then_and_now) == before
    published(then_and_now, "run", "2026-09", "--out", str(tmp_path / "today"), "--tables-only")
    assert "LATE-1" in {row["document"] for row in rows(tmp_path / "today" / "open_items.csv")}


def test_explanations_take_the_commit(then_and_now: Path) -> None:
    balances = [
        published(then_and_now, "explain", "2026-09/NORD-201", "--period", "2026-09", *known).count("LATE-1")
        for known in ((), ("--known-at", "then"))
    ]
    assert balances[0] > 0 == balances[1]
    told = published(then_and_now, "explain", "INV-2026-0101", "--period", "2026-09", "--known-at", "then")
    commit = subprocess.run(["git", "rev-parse", "then"], cwd=then_and_now, capture_output=True, check=True, text=True)
    assert f"@{commit.stdout[:10]}" in told
    assert "changed since" not in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--known-at", "then"], "--out"),
        (["--known-at", "nowhere", "--out", "x"], "there is no commit nowhere"),
        (["--known-at", "linked", "--out", "x"], "usage/2026-10/link.csv, which is no plain file"),
    ],
)
def test_what_cannot_be_known_is_refused(then_and_now: Path, arguments: list[str], message: str) -> None:
    (then_and_now / "usage/2026-10/link.csv").symlink_to("/etc/passwd")
    (then_and_now / "link").symlink_to("prisma.yaml")  # no record: it is left out
    git(then_and_now, "add", ".")
    git(then_and_now, "commit", "--quiet", "-m", "linked")
    git(then_and_now, "tag", "linked")
    result = prisma_batch(then_and_now, "run", "2026-09", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (then_and_now / "x").exists()
