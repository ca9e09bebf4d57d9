"""Findings in print: nothing hidden, and nothing that a runner takes for a command."""

import json

import pytest

from prisma_batch.base.findings import Finding
from prisma_batch.writers.findings import findings_text
from prisma_batch.writers.visible import masked, visible

FINDING = Finding(code="a-code", message="100 %", remedy="do this", source="a,b:c.yaml", line=2, column=3)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, é, 漢字", "plain, é, 漢字"),
        ("a\nb\rc\x1b[31m", "a\\x0ab\\x0dc\\x1b[31m"),
        ("a\u202eb\u2028c\ufeff", "a\\u202eb\\u2028c\\ufeff"),
        ("\udcff", "\\udcff"),
        ("::error::x", "\\x3a:error::x"),
        ("  ::error::x", "  \\x3a:error::x"),
        ("see ##[error]x", "see ##\\x5berror]x"),
        ("a::b", "a::b"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("jane.doe+billing@acme.example is there", "… is there"),
        ("zoë@bücher.example, (o'neil@acme.example)", "…, (…)"),
        ("call +31 (20) 123-4567 or +31201234568", "call … or …"),
        ("NL91ABNA0417164300 and NL91 ABNA 0417 1643 00", "… and …"),
        ('such as "+31201234567" or name@domain.example', 'such as "+31201234567" or name@domain.example'),
        (
            "INV-2026-00123 of ACME-001, + 340.49 EUR on 2026-11-10",
            "INV-2026-00123 of ACME-001, + 340.49 EUR on 2026-11-10",
        ),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_text() -> None:
    assert findings_text([FINDING], "text") == "a,b:c.yaml:2:3: a-code: 100 %\n    do this\n"


def test_file_without_place_is_shown_at_its_beginning() -> None:
    finding = Finding(code="c", message="m", remedy="r", source="a.yaml", severity="warning")
    assert findings_text([finding], "text") == "a.yaml:1:1: c: m (warning)\n    r\n"
    assert findings_text([finding], "github") == "::warning file=a.yaml,line=1,col=1,title=c::m: r\n"


def test_github_escapes_values() -> None:
    assert findings_text([FINDING], "github") == (
        "::error file=a%2Cb%3Ac.yaml,line=2,col=3,title=a-code::100 %25: do this\n"
    )


def test_invented_key_is_not_in_the_pointer() -> None:
    finding = Finding(code="schema-unknown-key", message="m", remedy="r", source="a.yaml", pointer="/contacts/Jane Doe")
    assert json.loads(findings_text([finding], "json"))[0]["pointer"] == "/contacts"


def test_json_is_ascii() -> None:
    finding = Finding(code="c", message="é\u202e", remedy="r", source="a.yaml")
    text = findings_text([finding], "json")
    assert text.isascii()
    assert json.loads(text)[0]["message"] == "é\u202e"
    assert json.loads(findings_text([], "json")) == []
