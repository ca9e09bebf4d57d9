"""Canonical text: what a record says and its comments stay, layout follows rules, and a second time changes nothing."""

import re

import pytest
from hypothesis import given, settings

from prisma_batch.readers.record_layout import read_layout
from prisma_batch.readers.strict_yaml import Document, parse
from prisma_batch.records.layout import in_blocks, in_schema_order
from prisma_batch.writers.record_text import record_text
from tests.writers.yaml_texts import yaml_texts

LONG = "x" * 60


def canonical(text: str) -> str:
    return record_text(read_layout(text.encode()))


def value_of(text: str) -> object:
    parsed = parse(text.encode(), "record.yaml")
    assert isinstance(parsed, Document), (parsed, text)
    return parsed.value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("a:   1\nb:\t2\n", "a: 1\nb: 2\n", id="spaces behind keys"),
        pytest.param("a: 1   \n", "a: 1\n", id="spaces at the end of a line"),
        pytest.param("a: 1", "a: 1\n", id="final line break"),
        pytest.param("a: 1\n\n\n", "a: 1\n", id="blank lines at the end"),
        pytest.param("\n\na: 1\n\n\n\nb: 2\n", "a: 1\n\nb: 2\n", id="blank lines between"),
        pytest.param("a:\n\n  b: 1\n", "a:\n  b: 1\n", id="blank line where a block begins"),
        pytest.param("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n", id="CRLF"),
        pytest.param("---\na: 1\n...\n", "a: 1\n", id="document markers"),
        pytest.param("a:\n    b:\n          c: 1\n", "a:\n  b:\n    c: 1\n", id="indentation"),
        pytest.param("a:\n- 1\n-   2\n", "a:\n  - 1\n  - 2\n", id="lists are indented"),
        pytest.param("a:\n  -\n    b: 1\n    c: 2\n", "a:\n  - b: 1\n    c: 2\n", id="a dash shares its line"),
        pytest.param("a:\n  - - 1\n    - 2\n", "a:\n  - - 1\n    - 2\n", id="lists of lists"),
        pytest.param("{a: 1, b: {c: 2}}\n", "a: 1\nb: {c: 2}\n", id="the record itself has no brackets"),
        pytest.param("{}\n", "{}\n", id="nothing"),
        pytest.param("a: [ 1,2 , 3, ]\nb: {c: 1,d: 2 }\n", "a: [1, 2, 3]\nb: {c: 1, d: 2}\n", id="spaces in brackets"),
        pytest.param("a: [1,\n    2]\n", "a: [1, 2]\n", id="brackets over lines"),
        pytest.param("a: {b, c: }\n", "a: {b: null, c: null}\n", id="nothing in brackets"),
        pytest.param("a: []\nb: {}\n", "a: []\nb: {}\n", id="empty brackets"),
        pytest.param(f"a: [{LONG}, {LONG}]\n", f"a:\n  - {LONG}\n  - {LONG}\n", id="too wide for brackets"),
        pytest.param(
            f"a: {{b: [{LONG}], c: {LONG}}}\n", f"a:\n  b: [{LONG}]\n  c: {LONG}\n", id="the inner ones may still fit"
        ),
        pytest.param("a: \"x\"\nb: 'x'\nc: x\n", "a: \"x\"\nb: 'x'\nc: x\n", id="quotes are the author's"),
        pytest.param("a: one\n   two\n", "a: one\n  two\n", id="plain text over lines"),
        pytest.param("a:\n  'one\n\n    two'\n", "a: 'one\n\n  two'\n", id="quoted text over lines"),
        pytest.param('a: "one\n  two \\\n  three"\n', 'a: "one two three"\n', id="double quotes over lines"),
        pytest.param("a: [one\n  two]\n", "a: [one two]\n", id="text over lines in brackets"),
        pytest.param("a: |\n      x\n        y\n\nb: 1\n", "a: |\n  x\n    y\n\nb: 1\n", id="literal text"),
        pytest.param("a: |1\n  x\n y\n", "a: |2\n   x\n  y\n", id="literal text that begins with spaces"),
        pytest.param("a: >-  # why\n   x\n", "a: >-  # why\n  x\n", id="folded text"),
        pytest.param("? a\n: 1\n", "a: 1\n", id="a key with a question mark"),
        pytest.param("? |\n  a\n: 1\n", '"a": 1\n', id="a literal key"),
        pytest.param("a:\nb: ~\n", "a:\nb: ~\n", id="nothing is the author's"),
        pytest.param("# m\n\n# n\na: 1\n", "# m\n\n# n\na: 1\n", id="comments above all"),
        pytest.param("a: 1 # c\nb: 2     # d\n", "a: 1  # c\nb: 2     # d\n", id="comments behind, aligned or not"),
        pytest.param("a: 1\t# c\n", "a: 1  # c\n", id="a tab before a comment"),
        pytest.param("a:  # c\n  b: 1\n", "a:  # c\n  b: 1\n", id="a comment behind the key of a block"),
        pytest.param("a:  # c\n  1  # d\n", "# c\na: 1  # d\n", id="a line has room for one comment"),
        pytest.param("a:\n  - # c\n    b: 1\n", "a:\n  # c\n  - b: 1\n", id="a comment behind a dash"),
        pytest.param("a: [1,  # c\n  2]\n", "a:\n  - 1  # c\n  - 2\n", id="a comment in brackets"),
        pytest.param("a: [1, 2\n  # c\n  ]\n", "a:\n  - 1\n  - 2\n  # c\n", id="a comment before a bracket"),
        pytest.param("a: [  # c\n  ]\n", "a: []  # c\n", id="a comment in empty brackets"),
        pytest.param("a: [\n  # c\n  ]\nb: 1\n", "a: []\n# c\nb: 1\n", id="a comment alone in brackets"),
        pytest.param("a:\n - 1\n # c\n# d\nb: 1\n", "a:\n  - 1\n  # c\n# d\nb: 1\n", id="comments below a list"),
        pytest.param(
            "a:\n- 1\n# c\nb: 1\n", "a:\n  - 1\n# c\nb: 1\n", id="a comment below a list that is not indented"
        ),
        pytest.param("a: 1\n# c", "a: 1\n# c\n", id="a comment at the end"),
        pytest.param("a: x#y\nb: '# z'\n", "a: x#y\nb: '# z'\n", id="no comments"),
    ],
)
def test_layout(written: str, expected: str) -> None:
    assert canonical(written) == expected
    assert canonical(expected) == expected
    assert value_of(written) == value_of(expected)


def comments_of(text: str) -> list[str]:
    return sorted(re.findall(r"# ?c[0-9]+", text))


@settings(max_examples=300, deadline=None)
@given(yaml_texts)
def test_meaning_and_comments_stay_and_twice_is_once(text: str) -> None:
    formatted = canonical(text)
    assert value_of(formatted) == value_of(text)
    assert comments_of(formatted) == comments_of(text)
    assert canonical(formatted) == formatted
    assert not re.search(r"[ \t]$", formatted, re.MULTILINE)


@settings(max_examples=100, deadline=None)
@given(yaml_texts)
def test_brackets_go_where_lines_are_wanted(text: str) -> None:
    formatted = record_text(in_blocks(read_layout(text.encode())))
    assert value_of(formatted) == value_of(text)
    assert comments_of(formatted) == comments_of(text)
    assert record_text(in_blocks(read_layout(formatted.encode()))) == formatted


SCHEMA = {
    "properties": {
        "id": {},
        "lines": {"items": {"$ref": "#/$defs/line"}},
        "by_name": {"additionalProperties": {"$ref": "#/$defs/line"}},
    },
    "$defs": {"line": {"properties": {"sku": {}, "quantity": {}}}},
}


def test_keys_come_in_the_order_of_the_schema_with_their_comments() -> None:
    text = """\
# head
by_name:
  second: {quantity: 1, sku: A}
  first: {other: 2, sku: A}
other: 1
lines:
  # the first
  - quantity: 1  # one
    # what it is
    sku: A
# the id
id: X  # x
"""
    assert (
        record_text(in_schema_order(read_layout(text.encode()), SCHEMA))
        == """\
# head
# the id
id: X  # x
lines:
  # the first
  # what it is
  - sku: A
    quantity: 1  # one
by_name:
  second: {sku: A, quantity: 1}
  first: {sku: A, other: 2}
other: 1
"""
    )
