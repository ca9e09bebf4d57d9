"""A request in words for the page of a CI job: nothing from records is markup, nobody's address is shown."""

from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.writers.request_summary import LINES_MAX, append_summary, request_summary

FINDING = Finding(code="x", message="m", remedy="r", source="s")


def test_summary() -> None:
    assert request_summary(["A-1 + Jane"], [FINDING]) == (
        "### What this request changes\n\n- A-1 + Jane\n\n**Errors:** 1. **Warnings:** 0.\n\n"
    )


def test_nothing_changed() -> None:
    assert "\n\nNothing.\n\n" in request_summary([], [])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![x](https://evil.example/a)", "&#33;&#91;x&#93;&#40;https&#58;&#47;&#47;evil.example&#47;a&#41;"),
        ("<img src=x>", "&#60;img src=x&#62;"),
        ("@everyone", "&#64;everyone"),
        ("a\n# b", "a\\x0a&#35; b"),
        ("jane@acme.example", "…"),
        ("&lt;b", "&#38;lt;b"),
    ],
)
def test_what_comes_from_records_is_no_markup(text: str, shown: str) -> None:
    shown = shown.replace("\\", "&#92;")
    assert f"- {shown}\n" in request_summary([text], [])


def test_long_request_is_cut() -> None:
    text = request_summary(["x"] * (LINES_MAX + 5), [])
    assert text.count("\n- x") == LINES_MAX
    assert "- and 5 more\n" in text


def test_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match="cannot be written"):
        append_summary(tmp_path, [], [])
