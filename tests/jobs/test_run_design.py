"""The issuer's logo, paper and fonts: inputs of a run; what is missing of them is said before anything is published."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.recipes import SEPTEMBER, edit, prisma_batch, published, rows
from tests.writers.printed import font_with

CHINESE = "北方"
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><rect width="40" height="10"/></svg>'


def issuer(root: Path, line: str) -> None:
    edit(root / "prisma.yaml", "  finance_email:", f"  {line}\n  finance_email:")


def renamed(root: Path, account: str, name: str) -> None:
    record = root / "contacts" / f"{account}.yaml"
    text = record.read_text(encoding="utf-8")
    record.write_text(re.sub(r"(?m)^name: .*$", f"name: {name}", text), encoding="utf-8")


def manifest(root: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((root / SEPTEMBER / "manifest.json").read_bytes())
    return content


def test_a_character_that_no_font_has_costs_one_pdf_and_its_page_goes_out(records: Path) -> None:
    renamed(records, "COLL-001", f"Collines {CHINESE}")
    published(records, "run", "2026-09")
    folder = records / SEPTEMBER / "statements"
    assert not (folder / "COLL-001.pdf").exists()
    assert CHINESE in (folder / "COLL-001.html").read_text(encoding="utf-8")
    assert (folder / "COLL-002.pdf").is_file()
    summary = (records / SEPTEMBER / "summary.md").read_text(encoding="utf-8")
    assert "**missing-glyph** (warning): contacts/COLL-001.yaml: no font has the character U+5317" in summary
    listed = {row["key"]: row["attachments"] for row in rows(records / SEPTEMBER / "outbox.csv")}
    sent = listed["statement_of_account.COLL-001.2026-09"]
    assert sent == "statement-COLL-001-2026-09.html statement-COLL-001-2026-09.csv"
    page = (records / SEPTEMBER / "site/accounts/COLL-001/index.html").read_text(encoding="utf-8")
    assert "statements/COLL-001.pdf" not in page


def test_a_font_of_the_workspace_has_it_and_is_an_input(records: Path) -> None:
    renamed(records, "COLL-001", f"Collines {CHINESE}")
    (records / "fonts").mkdir()
    (records / "fonts/chinese.ttf").write_bytes(font_with(CHINESE))
    issuer(records, "fonts: fonts")
    published(records, "run", "2026-09")
    assert (records / SEPTEMBER / "statements/COLL-001.pdf").is_file()
    assert "fonts/chinese.ttf" in [item["path"] for item in manifest(records)["inputs"]]


def test_the_logo_stands_on_every_page_and_is_an_input(records: Path) -> None:
    (records / "logo.svg").write_text(LOGO, encoding="utf-8")
    issuer(records, "logo: logo.svg")
    published(records, "run", "2026-09")
    mails = (records / SEPTEMBER / "outbox").glob("*.html")  # bring no picture along
    for page in {*(records / SEPTEMBER).rglob("*.html")} - {*mails}:
        assert '<img class="logo" src="data:image/svg+xml;base64,' in page.read_text(encoding="utf-8")
    assert "logo.svg" in [item["path"] for item in manifest(records)["inputs"]]


@pytest.mark.parametrize(
    ("line", "code"),
    [("logo: absent.svg", "file-not-found"), ("fonts: absent", "no-fonts"), ("fonts: usage", "no-fonts")],
)
def test_what_is_named_must_be_there(records: Path, line: str, code: str) -> None:
    issuer(records, line)
    result = prisma_batch(records, "run", "2026-09")
    assert result.exit_code == 1, result.output
    assert f": {code}: " in result.stdout
    assert not (records / SEPTEMBER).exists()


def test_what_is_no_font_is_named(records: Path) -> None:
    (records / "fonts").mkdir()
    (records / "fonts/broken.ttf").write_bytes(b"no font")
    issuer(records, "fonts: fonts")
    result = prisma_batch(records, "run", "2026-09")
    assert result.exit_code == 2
    assert "fonts/broken.ttf is no font" in result.stderr
    assert not (records / SEPTEMBER).exists()


def test_tables_alone_need_no_logo(records: Path) -> None:
    issuer(records, "logo: absent.svg")
    published(records, "run", "2026-09", "--tables-only")
