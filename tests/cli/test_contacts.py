"""``contacts``: what transcripts do not show. Hostile text, several commands at once, files for other programs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from prisma_batch.cli.main import main
from prisma_batch.readers.strict_yaml import Document, parse

ROOT = Path(__file__).parents[2]
WORKSPACE = Path(__file__).parent / "transcripts" / "_workspace"
ACME = "contacts/ACME-001.yaml"
AT = ("--at", "2026-11-20")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return shutil.copytree(WORKSPACE, tmp_path / "workspace")


def contacts(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["-C", str(workspace), "contacts", *arguments])


def add(workspace: Path, first_name: str, last_name: str = "Doe", email: str = "x@acme.example") -> Result:
    person = ("--email", email, "--first-name", first_name, "--last-name", last_name)
    return contacts(workspace, "add", "ACME-001", "--type", "statement", *person, *AT)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "no",
            "007",
            "1e3",
            "~",
            "null",
            "2026-01-01",
            "x: y",
            "x #y",
            "- x",
            "*x",
            "&x",
            "!x",
            "{x}",
            "[x]",
            "'",
            '"',
        ),
        *("\\n", "日本", "Zoe\u0308", "=1+1", "@SUM(A1)", "::error::x", "##[error]x", "$(id)", "a" * 250, "🙂"),
    ],
)
def test_text_is_written_as_text(workspace: Path, name: str) -> None:
    result = add(workspace, name)
    assert result.exit_code == 0, result.output
    parsed = parse((workspace / ACME).read_bytes(), ACME)
    assert isinstance(parsed, Document)
    written = parsed.value["contacts"]["statement"][1]["first_name"]
    assert written == name.replace("e\u0308", "ë")
    assert "\n::error" not in result.stderr
    assert "##[" not in result.stderr


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a ",
        "a\nb",
        "a\tb",
        "a\x00b",
        "a\x1bb",
        "a\u202eb",
        "a\u200bb",
        "a\u2028b",
        "a\x85b",
        "a" * 251,
    ],
    ids=ascii,
)
def test_text_that_no_record_holds_is_refused(workspace: Path, name: str) -> None:
    before = (workspace / ACME).read_bytes()
    result = add(workspace, name)
    assert (result.exit_code, "refused: " in result.stderr) == (1, True), result.output
    assert "\x1b" not in result.output
    assert (workspace / ACME).read_bytes() == before


def test_arguments_that_are_no_text_are_wrong_usage(workspace: Path) -> None:
    result = add(workspace, "\udcff")
    assert (result.exit_code, "not UTF-8" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "email",
    [
        *(
            "a@acme.example\r\nBcc: b@x.example",
            "a@acme.example,b@x.example",
            "a@x)<b@y>",
            "a@@b.example",
            "a@localhost",
        ),
        *("a@127.0.0.1", "A <a@acme.example>", "a(comment)@acme.example", f"{'a' * 250}@acme.example", "", "@", "a"),
    ],
    ids=ascii,
)
def test_addresses_that_no_mail_reaches_are_refused(workspace: Path, email: str) -> None:
    result = add(workspace, "Jane", email=email)
    assert (result.exit_code, "refused: " in result.stderr) == (1, True), result.output
    assert not email or email not in result.output or email in {"@", "a"}


@pytest.mark.parametrize("email", ["jörg@bücher.example", "o'hara+x@acme.example", "X@ACME.example"])
def test_unusual_addresses_are_accepted(workspace: Path, email: str) -> None:
    assert add(workspace, "Jane", email=email).exit_code == 0
    assert (
        contacts(workspace, "remove", "ACME-001", "--type", "statement", "--email", email.lower(), *AT).exit_code == 0
    )


def test_a_domain_of_mixed_scripts_is_told(workspace: Path) -> None:
    result = add(workspace, "Jane", email="jane@\u0430cme.example")
    assert (result.exit_code, "warning: email-confusable: " in result.stderr) == (0, True)


def test_a_closed_account_may_be_left_uncovered(workspace: Path) -> None:
    agreement = workspace / "agreements" / "ACME-001.yaml"
    removal = ("remove", "ACME-001", "--type", "billing", "--email", "jane.doe@acme.example", *AT)
    assert contacts(workspace, *removal).exit_code == 1
    text = agreement.read_text(encoding="utf-8")
    agreement.write_text(text.replace("currency:", "closed_on: 2027-01-01\ncurrency:"), encoding="utf-8")
    assert contacts(workspace, *removal).exit_code == 0


def test_a_record_reached_through_a_link_is_not_changed(workspace: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    (workspace / ACME).rename(outside)
    (workspace / ACME).symlink_to(outside)
    before = outside.read_bytes()
    result = add(workspace, "Jane")
    assert (result.exit_code, "refused: symlink: " in result.stderr) == (1, True)
    assert outside.read_bytes() == before


def test_several_commands_at_once_lose_nothing(workspace: Path) -> None:
    def start(number: int) -> subprocess.Popen[bytes]:
        person = ["--email", f"p{number}@acme.example", "--first-name", "P", "--last-name", "Q"]
        command = [sys.executable, "-m", "prisma_batch", "contacts", "add", "ACME-001", "--type", "statement", *person]
        return subprocess.Popen(
            command, cwd=workspace, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
        )

    started = [start(number) for number in range(4)]
    assert [process.wait() for process in started] == [0, 0, 0, 0]
    parsed = parse((workspace / ACME).read_bytes(), ACME)
    assert isinstance(parsed, Document)
    emails = {contact["email"] for contact in parsed.value["contacts"]["statement"]}
    assert emails == {"jane.doe@acme.example", *(f"p{number}@acme.example" for number in range(4))}


def test_pandas_is_not_imported(workspace: Path) -> None:
    command = (
        "import sys; from prisma_batch.cli.main import main;"
        "main(['contacts', 'verify', 'ACME-001', '--email', 'jane.doe@acme.example'], standalone_mode=False);"
        "print(*sorted({'pandas', 'numpy', 'pyarrow', 'babel'} & set(sys.modules)))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    started = [sys.executable, "-c", command]
    finished = subprocess.run(started, cwd=workspace, env=environment, capture_output=True, text=True, check=True)
    assert finished.stdout == "\n"


def test_cells_that_calculate_are_text(workspace: Path) -> None:
    assert add(workspace, "=1+1", "@SUM").exit_code == 0
    listed = contacts(workspace, "list", "--format", "csv", *AT).stdout
    assert ",'=1+1,'@SUM,x@acme.example" in listed


def test_cards_are_folded_and_escaped(workspace: Path) -> None:
    assert add(workspace, "Zoë; é" * 12, "a\\b, c").exit_code == 0
    result = contacts(workspace, "export", "--partner", "northwind", "--format", "vcard", *AT)
    lines = result.stdout_bytes.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    text = result.stdout_bytes.decode().replace("\r\n ", "")
    assert "\r\nFN:" + r"Zoë\; é" * 12 + r" a\\b\, c" + "\r\n" in text
    assert text.count("BEGIN:VCARD") == text.count("END:VCARD") == 3


def test_a_workspace_without_contacts_lists_none(tmp_path: Path) -> None:
    shutil.copy(WORKSPACE / "prisma.yaml", tmp_path)
    result = contacts(tmp_path, "list")
    assert (result.exit_code, result.output) == (0, "")
    assert contacts(tmp_path, "list", "--format", "json").stdout == "[]\n"
    created = contacts(
        tmp_path,
        *("create", "ACME-001", "--name", "Acme", "--partner", "northwind", "--email", "a@acme.example"),
        *("--first-name", "A", "--last-name", "B"),
    )
    assert created.exit_code == 0, created.output
    assert contacts(tmp_path, "show", "ACME-001").exit_code == 0


def test_an_edit_before_the_first_check_leaves_room_for_its_cache(workspace: Path) -> None:
    assert add(workspace, "Uma").exit_code == 0
    CliRunner().invoke(main, ["-C", str(workspace), "validate", "--as-of", "2026-11-20"])
    assert {path.name for path in (workspace / ".prisma-cache").iterdir()} >= {".gitignore", "validate.sqlite"}
