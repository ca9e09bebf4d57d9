"""Every code that a finding can have is explained in docs/codes.md, and nothing else is."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.base.findings import Finding
from prisma_batch.checks.changes.registry import CHANGES
from prisma_batch.checks.registry import CROSS_FILE, PER_FILE
from prisma_batch.jobs.new_documents import NEW_DOCUMENT_CODES
from prisma_batch.readers.places import PLACE_CODES
from prisma_batch.readers.strict_yaml import parse

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "codes.md"
CODE = re.compile(r"[a-z]+(?:-[a-z0-9]+)*")
HYPHENATED = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
# Functions that take a code, by what they are called in this code base: their first argument, or one with hyphens.
TAKES_A_CODE = re.compile(r"finding|fault|refus|^Refusal$", re.IGNORECASE)
ENTRY = re.compile(
    r"^### (?P<code>\S+)\n\n(?P<meaning>[^\n]+(?:\n[^\n]+)*)\n\n"
    r"```(?:yaml|text)\n# wrong\n(?P<wrong>.+?)\n# right\n(?P<right>.+?)\n```\n\n"
    r"To do: (?P<remedy>[^\n]+(?:\n[^\n]+)*)\n",
    re.MULTILINE | re.DOTALL,
)


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Yield what a module uses as codes: literal arguments, keys of catalogues; ``*`` stands for a computed part."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from map(_literal, _codes_of_call(node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict) and "CATALOGUE" in ast.unparse(node):
            yield from map(_literal, (key for key in node.value.keys if key))


def _codes_of_call(call: ast.Call) -> Iterator[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if TAKES_A_CODE.search(name):
        yield from call.args[:1]
        yield from (argument for argument in call.args[1:] if HYPHENATED.fullmatch(_literal(argument)))
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "code")


def _literal(expression: ast.expr) -> str:
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    if isinstance(expression, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in expression.values)
    return ""


def constant(tree: ast.AST, name: str) -> dict[str, Any]:
    """Return the keys of a module's dict with its values, None where they are no literals."""
    (found,) = (node.value for node in ast.walk(tree) if _assigns(node, name))
    return {_literal(key): getattr(value, "value", None) for key, value in zip(found.keys, found.values, strict=True)}


def _assigns(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target) == name
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name


def schema_codes() -> set[str]:
    """Return the codes of the keywords that the schemas use."""
    tree = ast.parse((ROOT / "prisma_batch/readers/schemas.py").read_text("utf-8"))
    named, spoken = constant(tree, "_CODES"), constant(tree, "_MESSAGES")
    used = {
        keyword for path in (ROOT / "schemas").iterdir() for keyword in keywords(json.loads(path.read_text("utf-8")))
    }
    return {named.get(keyword, f"schema-{keyword.lower()}") for keyword in (named.keys() | spoken.keys()) & used}


def keywords(schema: Any) -> Iterator[str]:
    """Yield every key in a schema; names of properties among them do no harm."""
    if isinstance(schema, dict):
        yield from schema
        for inner in schema.values():
            yield from keywords(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from keywords(inner)


@cache
def used_codes() -> frozenset[str]:
    """Return every code that is written out somewhere."""
    paths = sorted((ROOT / "prisma_batch").rglob("*.py"))
    written = {code for path in paths for code in codes_in(ast.parse(path.read_text("utf-8")))}
    registered = {code for entry in (*PER_FILE, *CROSS_FILE, *CHANGES) for code in entry.codes}
    found = {code for code in written if CODE.fullmatch(code)}
    return frozenset(found | registered | set(PLACE_CODES) | set(NEW_DOCUMENT_CODES) | schema_codes())


@cache
def computed_codes() -> tuple[re.Pattern[str], ...]:
    """Return a pattern for each code with a computed part."""
    paths = sorted((ROOT / "prisma_batch").rglob("*.py"))
    written = {code for path in paths for code in codes_in(ast.parse(path.read_text("utf-8")))}
    parts = (code.split("*") for code in sorted(written) if CODE.fullmatch(code.replace("*", "x")) and "*" in code)
    return tuple(re.compile("[a-z-]+".join(map(re.escape, part))) for part in parts)


def entries() -> dict[str, re.Match[str]]:
    return {entry["code"]: entry for entry in ENTRY.finditer(PAGE.read_text("utf-8"))}


def test_every_section_says_what_a_code_means_and_what_to_do() -> None:
    headings = re.findall(r"^### ([a-z0-9-]+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert headings == list(entries())
    assert [code for code, entry in entries().items() if entry["wrong"] == entry["right"]] == []


def test_every_code_has_a_section() -> None:
    assert used_codes() - entries().keys() == set()


def test_computed_codes_have_sections() -> None:
    assert [pattern.pattern for pattern in computed_codes() if not any(map(pattern.fullmatch, entries()))] == []


def test_sections_are_about_codes_that_exist() -> None:
    others = entries().keys() - used_codes()
    assert {code for code in others if not any(pattern.fullmatch(code) for pattern in computed_codes())} == set()


def test_codes_of_examples_have_sections() -> None:
    found = {
        line.rpartition(" ")[2]
        for path in (ROOT / "tests/examples").rglob("expected.txt")
        for line in path.read_text("utf-8").splitlines()
    }
    assert found - entries().keys() == set()


def test_faults_of_yaml_are_shown_as_they_are() -> None:
    """The samples about YAML have the fault that they are a sample of."""
    about_yaml = PAGE.read_text("utf-8").partition("## Files and their places")[0]
    samples = [entry for entry in ENTRY.finditer(about_yaml) if "```yaml" in entry[0]]
    wrong = {entry["code"]: parse(entry["wrong"].encode(), "") for entry in samples}
    assert {code: found.code for code, found in wrong.items() if isinstance(found, Finding)} == {
        code: code for code in wrong
    }
    assert [entry["code"] for entry in samples if isinstance(parse(entry["right"].encode(), ""), Finding)] == []
    assert len(samples) > 10


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ('Finding(code="a-b", message="m")', ["a-b"]),
        ('Finding(code=f"a-{b}", message="m")', ["a-*"]),
        ('X = Refusal("a-b", "m", "r")', ["a-b"]),
        ('_finding("a-b", source)', ["a-b"]),
        ('self._refuse_at("a-b", text)', ["a-b"]),
        ('_finding(item, "a-b", "m")', ["", "a-b"]),
        ('_CATALOGUE = {"a-b": ("m", "r"), "c": ("m", "r")}', ["a-b", "c"]),
        ('message("a-b")', []),
    ],
)
def test_codes_are_found(text: str, codes: list[str]) -> None:
    assert list(codes_in(ast.parse(text))) == codes
