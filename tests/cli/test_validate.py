"""The command line of ``validate``: exit statuses, what goes where, and what never shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from prisma_batch import __version__
from prisma_batch.cli import main as cli

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A copy of the workspace without findings."""
    return shutil.copytree(EXAMPLES / "_base", tmp_path / "workspace")


def prisma_batch(cwd: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "prisma_batch", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(EXAMPLES.parents[1]), **environment},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def spoil(workspace: Path) -> None:
    customer = workspace / "contacts" / "ACME-001.yaml"
    customer.write_text(customer.read_text().replace("uma.vale@acme.example", "uma.vale@acme"))


def test_fine_workspace_exits_0(workspace: Path) -> None:
    finished = prisma_batch(workspace, "validate", "--as-of", "2026-11-30")
    assert finished.stdout == ""
    assert finished.stderr == "12 files checked, 0 errors, 0 warnings\n"
    assert finished.returncode == 0


def test_errors_exit_1_with_what_to_do(workspace: Path) -> None:
    spoil(workspace)
    finished = prisma_batch(workspace, "validate", "--as-of", "2026-11-30")
    assert finished.stdout == (
        "contacts/ACME-001.yaml:18:7: email-invalid: this is no e-mail address that mail can be sent to\n"
        "    write one address such as name@domain.example, without a name or brackets around it\n"
    )
    assert finished.stderr == "12 files checked, 1 error, 0 warnings\n"
    assert finished.returncode == 1


def test_warnings_exit_0(workspace: Path) -> None:
    (workspace / "schemas").mkdir()
    (workspace / "schemas" / "usage.schema.json").write_text("{}", encoding="utf-8")
    finished = prisma_batch(workspace, "validate", "--as-of", "2026-11-30")
    assert finished.stdout.startswith("schemas/usage.schema.json:1:1: schema-drift: ")
    assert "(warning)" in finished.stdout
    assert finished.stderr == "12 files checked, 0 errors, 1 warning\n"
    assert finished.returncode == 0


def test_as_of_defaults_to_today(workspace: Path) -> None:
    customer = workspace / "contacts" / "ACME-001.yaml"
    lapsed = "email: uma.vale@acme.example\n      valid_to: 2020-01-01"
    customer.write_text(customer.read_text().replace("email: uma.vale@acme.example", lapsed))
    assert prisma_batch(workspace, "validate", "--as-of", "2020-01-01").stdout.count("2020-01-02") == 1
    finished = prisma_batch(workspace, "validate")
    assert "contact-gap" in finished.stdout
    assert "2020" not in finished.stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-C", "invoices", "validate"), "not a workspace"),
        (("-C", "absent", "validate"), "does not exist"),
        (("validate", "absent.yaml"), "no record at absent.yaml"),
        (("validate", "../workspace"), ""),
        (("validate", ".."), "no record at .."),
        (("validate", "--as-of", "20261130"), "YYYY-MM-DD"),
        (("validate", "--as-of", "2026-02-30"), "YYYY-MM-DD"),
        (("validate", "--format", "xml"), "xml"),
        (("vaildate",), "No such command"),
    ],
    ids=str,
)
def test_wrong_usage_exits_2(workspace: Path, arguments: tuple[str, ...], told: str) -> None:
    finished = prisma_batch(workspace, *arguments)
    assert finished.returncode == (2 if told else 0)
    assert finished.stdout == ""
    assert told in finished.stderr
    assert "Traceback" not in finished.stderr


def test_nothing_to_check_is_not_a_pass(workspace: Path) -> None:
    for folder in ("agreements", "cases", "contacts", "invoices", "payments", "usage"):
        shutil.rmtree(workspace / folder)
    finished = prisma_batch(workspace, "validate")
    assert (finished.returncode, "no records to check" in finished.stderr) == (2, True)


def test_directory_option_works_as_in_git(workspace: Path) -> None:
    spoil(workspace)
    inside = prisma_batch(workspace, "validate", "contacts/ACME-001.yaml")
    outside = prisma_batch(workspace.parent, "-C", "workspace", "validate", "contacts/ACME-001.yaml")
    assert inside.stdout == outside.stdout != ""
    assert inside.stderr == outside.stderr == "1 file checked, 1 error, 0 warnings\n"


def test_json_has_every_field(workspace: Path) -> None:
    spoil(workspace)
    (finding,) = json.loads(prisma_batch(workspace, "validate", "--format", "json").stdout)
    assert finding == {
        "file": "contacts/ACME-001.yaml",
        "line": 18,
        "column": 7,
        "severity": "error",
        "code": "email-invalid",
        "message": "this is no e-mail address that mail can be sent to",
        "remedy": "write one address such as name@domain.example, without a name or brackets around it",
        "pointer": "/contacts/usage_reporting/0/email",
    }


@pytest.mark.parametrize("output_format", ["text", "github"])
def test_names_of_files_start_no_command(workspace: Path, output_format: str) -> None:
    (workspace / "contacts" / "a\n::error::b\u202e.yaml").write_text("{}")
    (workspace / "contacts" / "##[error]c.yml").write_text("")
    finished = prisma_batch(workspace, "validate", "--format", output_format)
    starts = "::error file=contacts/" if output_format == "github" else ("contacts/", "    ")
    assert all(line.startswith(starts) for line in finished.stdout.splitlines())
    assert "##[" not in finished.stdout
    assert "\u202e" not in finished.stdout


def test_output_does_not_depend_on_the_machine(workspace: Path) -> None:
    spoil(workspace)
    (workspace / "contacts" / "é.yml").write_text("")
    (workspace / "contacts" / "Z.yml").write_text("")
    machines = [
        {
            "TZ": "Pacific/Kiritimati",
            "LC_ALL": "C",
            "PYTHONHASHSEED": "1",
        },
        {"TZ": "America/Adak", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "2"},
        {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONIOENCODING": "latin-1"},
    ]
    outputs = {prisma_batch(workspace, "validate", "--as-of", "2026-11-30", **machine).stdout for machine in machines}
    assert len(outputs) == 1
    assert outputs.pop().count("\n") == 6


def test_neither_pandas_nor_pyarrow_is_imported(workspace: Path) -> None:
    command = (
        "import sys; from prisma_batch.cli.main import main; main(['validate'], standalone_mode=False);"
        "print(*sorted({'pandas', 'numpy', 'pyarrow', 'babel'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES.parents[1])}
    started = [sys.executable, "-c", command]
    finished = subprocess.run(started, cwd=workspace, env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout == "\n"


def test_starting_imports_little(repository: Path) -> None:
    command = (
        "import sys; import prisma_batch.cli.main, prisma_batch.cli.validate;"
        "print(*sorted({'pandas', 'pyarrow', 'babel', 'jsonschema', 'yaml', 'phonenumbers'} & set(sys.modules)))"
    )
    started = [sys.executable, "-c", command]
    finished = subprocess.run(started, cwd=repository, capture_output=True, text=True, check=True)
    assert finished.stdout == "\n"


def test_version() -> None:
    assert CliRunner().invoke(cli.main, ["--version"]).output == f"prisma-batch, version {__version__}\n"


def test_bug_exits_3_with_a_log_and_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = "import click\n@click.command()\ndef fails():\n    raise KeyError('jane@acme.example')\n"
    (tmp_path / "command_with_a_bug.py").write_text(module, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(cli.COMMANDS, "fails", "command_with_a_bug:fails")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    result = CliRunner().invoke(cli.main, ["fails"])
    matched = re.fullmatch(r"prisma-batch: this is a bug \(KeyError\); what happened is in (\S+)\n", result.stderr)
    assert result.exit_code == 3
    assert matched
    assert "jane@acme.example" in Path(matched[1]).read_text(encoding="utf-8")
