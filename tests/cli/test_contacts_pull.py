"""``contacts pull``: a partner's own repository on disk, taken over as if it were a pull request by that partner."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prisma_batch.cli.main import main

WORKSPACE = Path(__file__).parent / "transcripts" / "_workspace"
ACME, BOLT = "contacts/ACME-001.yaml", "contacts/BOLT-001.yaml"
REPORT = "usage/2026-10/ACME-001.microsoft-spla.yaml"
REPORT_TEXT = """\
account: ACME-001
program: microsoft-spla
period: 2026-10
submitted_on: 2026-11-04
zero_usage: true
"""


def git(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_NAME": "tests", f"GIT_{role}_EMAIL": "tests@prisma.example"}
    finished = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return finished.stdout.strip()


def commit(folder: Path, files: Mapping[str, str]) -> str:
    """Write files and commit everything; returns the commit's id."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "change")
    return git(folder, "rev-parse", "HEAD")


def repository(folder: Path, files: Mapping[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder, files)
    return folder


@pytest.fixture
def partner(tmp_path: Path) -> Path:
    """Northwind's own repository: its contact file, and files that nobody takes over."""
    files = {ACME: (WORKSPACE / ACME).read_text(encoding="utf-8"), "README.md": "ours\n", "prisma.yaml": "evil: true\n"}
    return repository(tmp_path / "northwind", files)


@pytest.fixture
def records(tmp_path: Path, partner: Path) -> Path:
    """Finance's repository, which names northwind's by a path relative to it."""
    assert partner.name == "northwind"
    return repository(shutil.copytree(WORKSPACE, tmp_path / "finance"), {})


def pull(records: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        main, ["-C", str(records), "contacts", "pull", "northwind", "--at", "2026-11-20", *arguments]
    )


def with_phone(text: str, phone: str = "+31201234599") -> str:
    return text.replace("+31201234567", phone)


def test_changes_are_taken_with_their_commit(records: Path, partner: Path) -> None:
    text = with_phone((partner / ACME).read_text(encoding="utf-8"))
    changed = commit(partner, {ACME: text, REPORT: REPORT_TEXT})
    result = pull(records)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [
        "northwind: 2 changes pulled",
        "",
        "ACME-001: ~ J. D. as billing contact: telephone changed",
        "ACME-001: + usage report for microsoft-spla, 2026-10 (no usage)",
        "",
        "Pulled-From: ../northwind",
        "Pulled-Ref: main",
        f"Pulled-Commit: {changed}",
    ]
    assert (records / ACME).read_text(encoding="utf-8") == text
    assert (records / REPORT).read_text(encoding="utf-8") == REPORT_TEXT
    assert json.loads((records / ".prisma/pulls/northwind.json").read_bytes()) == {
        "commit": changed,
        "ref": "main",
        "repository": "../northwind",
    }
    git(records, "add", "--all")
    assert set(git(records, "diff", "--cached", "--name-only").split()) == {
        ACME,
        REPORT,
        ".prisma/pulls/northwind.json",
    }


def test_pulling_again_changes_nothing(records: Path, partner: Path) -> None:
    assert pull(records).exit_code == 0
    commit(records, {})
    result = pull(records)
    assert (result.exit_code, result.stderr) == (0, "nothing to change\n")
    assert git(records, "status", "--porcelain") == ""
    assert partner.is_dir()


def test_a_commit_of_the_history_can_be_named(records: Path, partner: Path) -> None:
    text = (partner / ACME).read_text(encoding="utf-8")
    older = commit(partner, {ACME: with_phone(text)})
    newer = commit(partner, {ACME: with_phone(text, "+31201234500")})
    assert pull(records, "--at-commit", older).exit_code == 0
    assert "+31201234599" in (records / ACME).read_text(encoding="utf-8")
    commit(records, {})
    assert pull(records, "--at-commit", newer[:12]).exit_code == 0
    assert "+31201234500" in (records / ACME).read_text(encoding="utf-8")
    commit(records, {})
    going_back = pull(records, "--at-commit", older)
    assert "note: this commit does not continue the one pulled last" in going_back.stderr


def test_what_the_partner_lacks_stays(records: Path, partner: Path) -> None:
    (partner / ACME).unlink()
    commit(partner, {"contacts/README.md": "empty\n"})
    result = pull(records)
    assert result.exit_code == 0
    assert f"note: {ACME} is not in the partner's repository and stays as it is" in result.stderr
    assert (records / ACME).read_bytes() == (WORKSPACE / ACME).read_bytes()


def new_record(account: str, partner: str = "northwind") -> str:
    return (WORKSPACE / ACME).read_text(encoding="utf-8").replace("ACME-001", account).replace("northwind", partner)


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [
        (BOLT, (WORKSPACE / BOLT).read_text(encoding="utf-8").replace("+4930123456", "+4930123457"), "foreign-account"),
        (ACME, new_record("ACME-001", "southgate"), "owner-change"),
        ("contacts/BOLT-002.yaml", new_record("BOLT-002"), "account-prefix"),
        ("contacts/ACME-002.yaml", new_record("ACME-002", "southgate"), "foreign-partner"),
        (ACME, new_record("ACME-001").replace("jane.doe@acme.example", "jane"), "schema-pattern"),
        (ACME, new_record("ACME-001").replace("uma.vale@acme.example", "uma@acme"), "email-invalid"),
        (
            ACME,
            new_record("ACME-001").replace("      verified_on", "      valid_to: 2026-12-01\n      verified_on"),
            "contact-gap",
        ),
        (ACME, new_record("ACME-001") + "account: ACME-001\n", "duplicate-key"),
        ("usage/2026-10/BOLT-001.microsoft-spla.yaml", REPORT_TEXT.replace("ACME", "BOLT"), "foreign-account"),
    ],
    ids=lambda value: value.rpartition("/")[2] if "\n" not in value else "",
)
def test_what_a_request_could_not_change_is_refused(
    records: Path, partner: Path, path: str, text: str, code: str
) -> None:
    commit(partner, {REPORT: REPORT_TEXT, path: text})
    result = pull(records)
    assert (result.exit_code, f" {code}: " in result.stderr) == (1, True), result.output
    assert git(records, "status", "--porcelain") == ""


def test_links_are_refused(records: Path, partner: Path) -> None:
    (partner / ACME).unlink()
    (partner / ACME).symlink_to("/etc/passwd")
    commit(partner, {})
    result = pull(records)
    assert (result.exit_code, " symlink: " in result.stderr) == (1, True), result.output


def test_nothing_that_is_not_committed_is_overwritten(records: Path, partner: Path) -> None:
    text = (partner / ACME).read_text(encoding="utf-8")
    commit(partner, {ACME: with_phone(text), REPORT: REPORT_TEXT})
    (records / ACME).write_text(text + "# mine\n", encoding="utf-8")
    result = pull(records)
    assert (result.exit_code, "refused: uncommitted-change: " in result.stderr) == (1, True), result.output
    assert (records / ACME).read_text(encoding="utf-8").endswith("# mine\n")
    assert not (records / REPORT).exists()


def test_a_submitted_report_is_not_changed(records: Path, partner: Path) -> None:
    commit(partner, {REPORT: REPORT_TEXT})
    assert pull(records).exit_code == 0
    commit(records, {})
    commit(partner, {REPORT: REPORT_TEXT.replace("2026-11-04", "2026-11-05")})
    result = pull(records)
    assert (result.exit_code, " usage-report-changed: " in result.stderr) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("url: ../northwind", "url: ../absent", "cannot be fetched"),
        ("ref: main", "ref: absent", "cannot be fetched"),
        ("\n    repository: {url: ../northwind, ref: main}", "", "names no repository for northwind"),
    ],
)
def test_what_cannot_be_fetched_is_a_wrong_configuration(records: Path, old: str, new: str, told: str) -> None:
    settings = (records / "prisma.yaml").read_text(encoding="utf-8")
    commit(records, {"prisma.yaml": settings.replace(old, new)})
    result = pull(records)
    assert (result.exit_code, told in result.stderr) == (2, True), result.output


@pytest.mark.parametrize("name", ["0" * 40, "main", "HEAD", "--all", "abc"])
def test_a_commit_of_no_history_is_refused(records: Path, name: str) -> None:
    result = pull(records, f"--at-commit={name}")
    assert (result.exit_code, "no such commit" in result.stderr) == (2, True), result.output


def test_a_commit_of_our_own_is_none_of_the_partner(records: Path) -> None:
    result = pull(records, "--at-commit", git(records, "rev-parse", "HEAD"))
    assert (result.exit_code, "no such commit" in result.stderr) == (2, True)


def test_unknown_partner_is_refused(records: Path) -> None:
    result = CliRunner().invoke(main, ["-C", str(records), "contacts", "pull", "nobody"])
    assert (result.exit_code, "unknown-partner" in result.stderr) == (1, True)


def test_records_outside_git_are_a_wrong_configuration(records: Path) -> None:
    shutil.rmtree(records / ".git")
    result = pull(records)
    assert (result.exit_code, "git" in result.stderr) == (2, True), result.output


def test_records_below_a_folder_of_their_repository(tmp_path: Path, records: Path, partner: Path) -> None:
    shutil.rmtree(records / ".git")
    above = tmp_path / "above"
    shutil.copytree(records, above / "records")
    settings = (above / "records/prisma.yaml").read_text(encoding="utf-8")
    repository(above, {"records/prisma.yaml": settings.replace("../northwind", str(partner))})
    commit(partner, {REPORT: REPORT_TEXT})
    result = pull(above / "records")
    assert result.exit_code == 0, result.output
    assert (above / "records" / REPORT).is_file()


def test_hooks_and_settings_of_the_partner_do_not_run(records: Path, partner: Path, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    for hook in ("post-upload-pack", "post-checkout", "pre-receive", "post-update"):
        (partner / ".git" / "hooks" / hook).write_text(f"#!/bin/sh\ntouch {marker}\n", encoding="utf-8")
        (partner / ".git" / "hooks" / hook).chmod(0o755)
    commit(partner, {".gitattributes": "* filter=evil\n", REPORT: REPORT_TEXT})
    git(partner, "config", "filter.evil.smudge", f"touch {marker}")
    assert pull(records).exit_code == 0
    assert not marker.exists()


def test_a_secret_in_an_address_is_not_shown(records: Path, partner: Path) -> None:
    settings = (records / "prisma.yaml").read_text(encoding="utf-8")
    address = f"file://user:hunter2@{partner}"
    commit(records, {"prisma.yaml": settings.replace("url: ../northwind", f'url: "{address}"')})
    result = pull(records)
    assert "hunter2" not in result.output
