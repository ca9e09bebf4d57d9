"""The scripts of the workflows, run as a runner runs them: on real repositories, with the real program."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.workflow_jobs import ROOT, Job, git

EXAMPLE = ROOT / "tests/examples/_base"
MEMBER, STRANGER = "1001", "1002"
CUSTOMER = "contacts/ACME-001.yaml"
FORM = """\
### Account

ACME-001

### What should change

{change}

### Contact types

Billing

### E-mail

{email}

### First name

Mira

### Last name

Stone
"""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def repository(folder: Path) -> Path:
    """Make a repository of the workspace without findings."""
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Records")
    return folder


def merged_request(folder: Path, old: str, new: str, file: str = CUSTOMER) -> Path:
    """Make a repository whose HEAD merges a request that edits a file into a base that went on meanwhile."""
    repository(folder)
    git(folder, "switch", "--quiet", "--create", "request")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    git(folder, "commit", "--quiet", "--all", "--message", "Change")
    git(folder, "switch", "--quiet", "main")
    (folder / "NOTES.md").write_text("Somebody else's change", encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Meanwhile")
    git(folder, "merge", "--quiet", "--no-ff", "--message", "Merged", "request")
    return folder


def validated(job: Job, **inputs: str) -> subprocess.CompletedProcess[str]:
    given = {"RECORDS": "head", "BASE": "HEAD^1", "ACTOR": MEMBER, "FORMAT": "github"} | inputs
    return job.run("action.yml", "Validate the records", job.temp, **given)


def test_an_honest_request_passes_and_is_told_in_words(job: Job) -> None:
    merged_request(job.workspace / "head", "first_name: Uma", "first_name: Una")
    finished = validated(job)
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "ACME-001" in job.summary.read_text("utf-8")
    assert "vale@acme" not in job.summary.read_text("utf-8")


def test_a_wrong_request_is_annotated_without_personal_data(job: Job) -> None:
    merged_request(job.workspace / "head", "email: uma.vale@acme.example", "email: uma.vale@acme")
    finished = validated(job)
    assert finished.returncode == 1
    assert finished.stdout.startswith("::error file=contacts/ACME-001.yaml,line=18,col=7,title=email-invalid::")
    assert "uma" not in finished.stdout + finished.stderr + job.summary.read_text("utf-8")


@pytest.mark.parametrize(("actor", "status"), [(MEMBER, 1), (STRANGER, 0), ("", 0)])
def test_who_asks_decides(job: Job, actor: str, status: int) -> None:
    merged_request(job.workspace / "head", "first_period: 2026-10", "first_period: 2026-09", "prisma.yaml")
    finished = validated(job, ACTOR=actor)
    assert finished.returncode == status
    assert ("settings-change" in finished.stdout) == bool(status)


def test_without_a_base_the_records_are_checked(job: Job) -> None:
    merged_request(job.workspace / "head", "partner: northwind", "partner: southwind")
    finished = validated(job, BASE="", ACTOR="", FORMAT="junit")
    assert finished.returncode == 1
    assert '<failure type="unknown-partner"' in finished.stdout
    assert job.summary.read_text() == ""


@pytest.mark.parametrize("hostile", ["; touch pwned", "$(touch pwned)", "--help", "`touch pwned`"])
def test_inputs_are_no_commands(job: Job, hostile: str) -> None:
    repository(job.workspace / "head")
    for name in ("RECORDS", "BASE", "ACTOR", "FORMAT"):
        assert validated(job, **{name: hostile}).returncode == 2
    assert [path.name for path in job.temp.iterdir()] == ["prisma-batch"]


def test_code_of_the_request_is_not_run(job: Job) -> None:
    head = merged_request(job.workspace / "head", "first_name: Uma", "first_name: Una")
    for module in ("yaml", "click", "jsonschema", "prisma_batch", "sitecustomize", "conftest"):
        (head / f"{module}.py").write_text("raise SystemExit('the request was run')", encoding="utf-8")
    git(head, "add", "--all")
    git(head, "commit", "--quiet", "--message", "Code")
    finished = validated(job, BASE="HEAD^1^1")
    assert finished.returncode == 1
    assert "title=code-change" in finished.stdout
    assert "was run" not in finished.stdout + finished.stderr


def sent_form(job: Job, body: str | None, author: str) -> subprocess.CompletedProcess[str]:
    """Run the step that makes a commit of a form."""
    if not shutil.which("jq"):
        pytest.skip("jq is not installed: apt-get install jq")
    repository(job.workspace)
    job.event.write_text(json.dumps({"issue": {"body": body}}), encoding="utf-8")
    step = "Change the record, and judge the change as one by the author"
    environment = {"AUTHOR_ID": author, "ISSUE": "12"}
    return job.run(".github/workflows/contact-form.yml", step, job.workspace, **environment)


def test_a_form_becomes_a_commit_that_says_who_asked(job: Job) -> None:
    body = FORM.format(change="Add this contact", email="mira.stone@acme.example")
    finished = sent_form(job, body, MEMBER)
    assert (finished.returncode, job.output.read_text()) == (0, "accepted=true\n"), finished.stdout
    assert "mira.stone@acme.example" in (job.workspace / CUSTOMER).read_text("utf-8")
    assert git(job.workspace, "show", "--name-only", "--format=", "HEAD") == CUSTOMER
    trailers = git(job.workspace, "log", "-1", "--format=%(trailers:key=Requested-By-Id,valueonly,separator=%2C)")
    assert trailers == MEMBER
    said = finished.stdout + git(job.workspace, "log", "-1", "--format=%B")
    assert "mira" not in said.casefold()


@pytest.mark.parametrize(
    ("body", "author", "code"),
    [
        (FORM.format(change="Add this contact", email="mira.stone@acme.example"), STRANGER, "foreign-account"),
        (FORM.format(change="Remove this contact", email="jane.doe@acme.example"), MEMBER, "last-contact"),
        (FORM.format(change="Add this contact", email="mira.stone@acme"), MEMBER, "email-invalid"),
        (FORM.format(change="Add this contact", email="$(pwned)@acme.example"), MEMBER, "email-invalid"),
        (FORM.format(change="Add this contact", email="a@b.example\n\n### Account\n\nX"), MEMBER, "form-question"),
        ("'; touch pwned #", MEMBER, "form-question"),
        (None, MEMBER, "form-missing"),
    ],
)
def test_a_form_that_is_refused_leaves_nothing(job: Job, body: str | None, author: str, code: str) -> None:
    finished = sent_form(job, body, author)
    assert (finished.returncode, job.output.read_text()) == (0, "")
    assert f": {code}: " in finished.stdout
    assert git(job.workspace, "log", "--format=%s") == "Records"
    assert git(job.workspace, "status", "--porcelain") == ""
    assert "stone" not in finished.stdout.casefold()
