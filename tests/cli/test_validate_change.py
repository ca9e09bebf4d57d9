"""``validate --base``: what is printed where, what it exits with, and that nothing of the request is run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repositories import ACME, NORTHWIND, SOUTH, GitRepository, customer, entry, replaced

PROJECT = Path(__file__).parents[2]
AS_OF = ("--as-of", "2026-11-30")


def prisma_batch(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prisma_batch", "-C", str(cwd), *arguments],
        cwd=PROJECT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def checked(repository: GitRepository, *arguments: str) -> subprocess.CompletedProcess[str]:
    return prisma_batch(repository.folder, "validate", "--base", "main", *AS_OF, *arguments)


def test_refusal(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path, {SOUTH: customer("SOUTH-001", "northwind", "Stella")})
    repository.commit({SOUTH: replaced(f"  billing:\n{entry('Stella')}", "  billing: []\n")})
    finished = checked(repository, "--actor", NORTHWIND)
    assert finished.stdout == (
        "contacts/SOUTH-001.yaml:5:3: last-contact: SOUTH-001, billing: unable to remove this contact until another"
        " contact is added to this type (removed: contacts/SOUTH-001.yaml:6 on the base)\n"
        "    add the other contact first, in the same request or an earlier one\n"
    )
    assert finished.stderr == "judged as a member of northwind\n13 files checked, 1 error, 0 warnings\n"
    assert finished.returncode == 1


def test_honest_request(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path, {SOUTH: None})
    repository.commit({ACME: replaced("Jane", "Janet")})
    finished = checked(repository)
    assert (finished.returncode, finished.stdout) == (0, "")
    assert finished.stderr == (
        "ownership was not judged: name who asks by --actor\n12 files checked, 0 errors, 0 warnings\n"
    )


def test_work_tree_is_not_looked_at(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({ACME: replaced("Jane", "Janet")})
    (tmp_path / "contacts").mkdir()
    (tmp_path / ACME).write_text("a: b: c", encoding="utf-8")
    assert checked(repository, "--actor", NORTHWIND).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--base", "absent"), "there is no commit absent in this repository"),
        (("--base", "main", "--actor", ""), "--actor is the number"),
        (("--base", "main", ACME), "leave the paths out"),
        (("--actor", NORTHWIND), "name what it is against by --base"),
        (("--summary", "summary.md"), "name what it is against by --base"),
        (("--base", "main", "--summary", "absent/summary.md"), "the summary cannot be written"),
    ],
)
def test_wrong_usage_exits_2(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    finished = prisma_batch(repository.folder, "validate", *arguments)
    assert (finished.returncode, finished.stdout) == (2, "")
    assert told in finished.stderr


def test_outside_git_exits_2(tmp_path: Path) -> None:
    finished = prisma_batch(tmp_path, "validate", "--base", "main")
    assert (finished.returncode, "no git repository" in finished.stderr) == (2, True)


@pytest.mark.parametrize(("output_format", "name"), [("text", "Bo Vale"), ("github", "B&#46; V&#46;")])
def test_summary_is_appended(output_format: str, name: str, tmp_path: Path) -> None:
    repository = GitRepository(tmp_path / "repository")
    repository.commit({ACME: replaced(entry("Ben"), entry("Bo")), "[x](y).md": "new"})
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n", encoding="utf-8")
    checked(repository, "--format", output_format, "--summary", str(summary))
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# Before\n### What this request changes\n\n- &#91;x&#93;&#40;y&#41;")
    assert f"- ACME-001&#58; + {name} as billing contact\n".replace("&#46;", ".") in text
    assert text.endswith("**Errors:** 0. **Warnings:** 1.\n\n")
    assert "@" not in text


def test_output_holds_no_address(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    repository.commit({"contacts/ACME-009.yaml": customer("ACME-009", "southwind", "Jane").replace("@vale", "@@vale")})
    for output_format in ("text", "github", "json"):
        finished = checked(repository, "--actor", NORTHWIND, "--format", output_format)
        assert finished.returncode == 1
        assert "vale.example" not in finished.stdout + finished.stderr
    found = {finding["code"] for finding in json.loads(finished.stdout)}
    assert found >= {"foreign-partner", "schema-pattern"}


PLANTED = (
    *("conftest.py", "yaml.py", "sitecustomize.py", "usercustomize.py", "click.py", "json.py", "subprocess.py"),
    *("prisma_batch/__init__.py", "prisma_batch/__main__.py", "prisma_batch/cli/main.py", "jsonschema/__init__.py"),
)


@pytest.fixture
def attacked(tmp_path: Path) -> GitRepository:
    """A repository whose HEAD, checked out, holds programs under names that Python and git look for."""
    marker = tmp_path / "ran"
    repository = GitRepository(tmp_path / "repository")
    program = ("100755", f"#!/bin/sh\ntouch {marker}\n")
    repository.commit(
        {path: f"open({str(marker)!r}, 'w').close()\n" for path in PLANTED}
        | {"git": program, "less": program, ".gitattributes": "* filter=x diff=x\n"}
    )
    repository.git("reset", "--quiet", "--hard", "request")
    for setting in ("filter.x.clean", "filter.x.smudge", "diff.x.textconv", "core.fsmonitor", "core.pager"):
        repository.git("config", setting, str(repository.folder / "git"))
    return repository


@pytest.fixture
def script(tmp_path: Path) -> str:
    """The console script, as it is made when the package is installed."""
    path = tmp_path / "bin" / "prisma-batch"
    path.parent.mkdir()
    path.write_text("import sys\nfrom prisma_batch.cli.main import main\nsys.exit(main())\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("by_script", [True, False])
def test_nothing_of_the_request_is_run(
    by_script: bool, inside: bool, attacked: GitRepository, script: str, tmp_path: Path
) -> None:
    if inside and not by_script:
        pytest.skip("python -m imports from the current folder first: docs/pull-requests.md says so")
    started = [sys.executable, *([script] if by_script else ["-m", "prisma_batch"])]
    cwd = attacked.folder if inside else tmp_path
    finished = subprocess.run(
        [
            *started,
            "-C",
            str(attacked.folder),
            "validate",
            "--base",
            "main",
            "--actor",
            NORTHWIND,
            *AS_OF,
            "--format",
            "json",
        ],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert finished.returncode == 1, finished.stderr
    refused = {finding["file"]: finding["code"] for finding in json.loads(finished.stdout)}
    assert {refused[path] for path in PLANTED} == {"code-change"}
    assert not (tmp_path / "ran").exists()


def test_neither_pandas_nor_pyarrow_is_imported(tmp_path: Path) -> None:
    repository = GitRepository(tmp_path)
    invoice = repository.files["invoices/ACME-001/INV-1.yaml"][1].replace("INV-1", "INV-2")
    repository.commit({"invoices/ACME-001/INV-2.yaml": invoice, ACME: replaced("Jane", "Janet")})
    command = (
        "import sys; from prisma_batch.cli.main import main;"
        "main(['validate', '--base', 'main', '--as-of', '2026-11-30'], standalone_mode=False);"
        "print(*sorted({'pandas', 'numpy', 'pyarrow', 'babel'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    started = [sys.executable, "-c", command]
    finished = subprocess.run(started, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout.splitlines()[-1] == ""
