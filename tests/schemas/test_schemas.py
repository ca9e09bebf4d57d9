"""The schemas hold what they promise editors and both validators; examples are found by themselves.

``examples/<schema>/pass/*.yaml`` fit their schema. ``examples/<schema>/fail/*.yaml`` are wrong in one way, which the
file name says; the first line says where: ``# fails-at: /lines/0/amount`` (``/`` is the record itself).
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import jsonschema_rs
import pytest
import yaml
from babel import Locale
from babel.core import get_global
from jsonschema import Draft202012Validator, FormatChecker

from prisma_batch.base.money import is_currency
from prisma_batch.readers.strict_yaml import Document, parse

HERE = Path(__file__).parent
SCHEMAS = Path(__file__).parents[2] / "schemas"
NAMES = [
    "agreements",
    "allocations",
    "announcements",
    "cases",
    "contacts",
    "incidents",
    "invoices",
    "price-lists",
    "prisma",
    "usage",
]
FORMATS = FormatChecker(formats=["date"])
MAPS_OF_SCHEMAS = ("properties", "$defs", "dependentSchemas")
LISTS_OF_SCHEMAS = ("allOf", "anyOf", "oneOf")
SINGLE_SCHEMAS = ("items", "contains", "additionalProperties", "propertyNames", "if", "then", "else", "not")
CONDITIONS = ("dependentSchemas", "allOf", "if", "then", "else", "not")
KEYWORDS = {
    *MAPS_OF_SCHEMAS,
    *LISTS_OF_SCHEMAS,
    *SINGLE_SCHEMAS,
    *("$schema", "$id", "$ref", "title", "description", "examples", "default", "type", "enum", "const", "required"),
    *("dependentRequired", "pattern", "format", "maxLength", "minLength", "minimum", "maximum"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
    "errorMessage",  # what the YAML language server says instead of its own words
}


HOSTILE: list[Any] = [
    *(None, True, False, 0, 1, -1, 28, 29, 366, 10**15, -(10**15), 1.0, 1.5, 1e300, [], {}, [1, 1.0], [1, True]),
    *("", " ", " a", "a ", "a\u00a0", "\u200b", "a\u2028b", "\ufeffa", "a\tb", "a\nb", "\x00", "\x7f", "\x85"),
    *("0", "-0", "00", "1.", ".5", "-1.5", "+1", "1e3", "1,5", "1_0", "NaN", "٣", "²", "１", "0.0", "100.00", "100.01"),
    *("9" * 15, "9" * 16, "0." + "9" * 12, "0." + "9" * 13, "x" * 250, "x" * 251, "😀" * 64, "😀" * 65, "é" * 254),
    *("2026-02-28", "2026-02-29", "2024-02-29", "0000-01-01", "2026-1-1", "20260101", "2026-W01-1", "２０２６-01-01"),
    *("2026-10", "2026-13", "2026-10-03T04:00:60Z", "2026-10-03T04:00:00z", "2026-10-03 04:00:00Z", "24:00-25:00"),
    *("a@b", "a@@b", "a@b,c@d", "a<b@c>", "a b@c", "a\u3000b@c", "ä@ö", "@", "a@", "İ@ı", "ſ", "K"),
    *("ACME-", "acme", "A", "../a", "/a", "a/../b.svg", "a.svg", "ext::sh", "file:///a", "-a", "https://"),
    *("https://a b", "#fff", "#ABCDEF", ["a", "a"], ["A", "B"]),
    *({"EUR": "1"}, {"eur": "1"}, {"EUR": 1}, {"en": "x"}, {"": "x"}, {"x": None}),
]


class PlainLoader(yaml.CSafeLoader):
    """Reads as YAML 1.2 editors do, with dates as text; floats stay floats, so that the schema must refuse them."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
# YAML 1.1 takes the key `on` for a truth value.
PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


@cache
def schema_of(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    return loaded


def children(node: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Yield ``(keyword, key, schema)`` for the schemas directly inside a schema."""
    for keyword, value in node.items():
        if keyword in MAPS_OF_SCHEMAS:
            yield from ((keyword, f"{keyword}/{key}", child) for key, child in value.items())
        elif keyword in LISTS_OF_SCHEMAS:
            yield from ((keyword, f"{keyword}/{index}", child) for index, child in enumerate(value))
        elif keyword in SINGLE_SCHEMAS:
            yield keyword, keyword, value


def subschemas(node: Any, place: str = "#", declares: bool = True) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Yield ``(place, schema, declares)`` for a schema and all inside it; conditions do not declare, they restrict."""
    if isinstance(node, bool):
        return
    yield place, node, declares
    for keyword, key, child in children(node):
        yield from subschemas(child, f"{place}/{key}", declares and keyword not in CONDITIONS)


def declared_properties(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for place, node, declares in subschemas(schema_of(name)):
        if declares:
            yield from ((f"{place}/{key}", child) for key, child in node.get("properties", {}).items())


def examples(kind: str) -> list[Any]:
    found = sorted(HERE.glob(f"examples/*/{kind}/*.yaml"))
    return [pytest.param(path, id=f"{path.parts[-3]}-{path.stem}") for path in found]


def example_files(name: str, kind: str) -> list[str]:
    return [str(path) for path in sorted((HERE / "examples" / name / kind).glob("*.yaml"))]


def places_of_errors(path: Path) -> tuple[set[str], set[str]]:
    """Return where jsonschema and jsonschema-rs find errors in an example."""
    record = yaml.load(path.read_text("utf-8"), PlainLoader)  # noqa: S506 - a safe loader
    schema = schema_of(path.parts[-3])
    slow = Draft202012Validator(schema, format_checker=FORMATS).iter_errors(record)
    fast = jsonschema_rs.Draft202012Validator(schema, validate_formats=True).iter_errors(record)
    return {place(error.absolute_path) for error in slow}, {place(error.instance_path) for error in fast}


def place(path: Any) -> str:
    return "/" + "/".join(map(str, path))


def check_jsonschema(name: str, files: list[str]) -> tuple[int, dict[str, Any]]:
    schema = str(SCHEMAS / f"{name}.schema.json")
    command = [sys.executable, "-m", "check_jsonschema", "--output-format", "json", "--schemafile", schema, *files]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    report: dict[str, Any] = json.loads(ended.stdout)
    return ended.returncode, report


def test_every_schema_file_is_named_here() -> None:
    assert sorted(path.name for path in SCHEMAS.iterdir()) == [f"{name}.schema.json" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_and_names_itself(name: str) -> None:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://prisma-batch.example/schemas/{name}.schema.json"


@pytest.mark.parametrize("name", NAMES)
def test_every_property_has_title_and_description(name: str) -> None:
    properties = [("#", schema_of(name)), *declared_properties(name)]
    assert [place for place, node in properties if not (node.get("title") and node.get("description"))] == []


@pytest.mark.parametrize("name", NAMES)
def test_only_known_keywords_and_no_format_but_date(name: str) -> None:
    """``multipleOf`` and other formats would divide the validators."""
    for place_, node, _ in subschemas(schema_of(name)):
        assert set(node) <= KEYWORDS, place_
        assert node.get("format", "date") == "date", place_


@pytest.mark.parametrize("name", NAMES)
def test_references_are_local_and_every_definition_is_used(name: str) -> None:
    references = {node["$ref"] for _, node, _ in subschemas(schema_of(name)) if "$ref" in node}
    assert references == {f"#/$defs/{key}" for key in schema_of(name)["$defs"]}


@pytest.mark.parametrize("name", NAMES)
def test_patterns_mean_the_same_everywhere(name: str) -> None:
    """Anchored, and without look-around, back-references, ``\\d``, ``\\w``, ``\\s`` or ``\\b``."""
    for place_, node, _ in subschemas(schema_of(name)):
        pattern = node.get("pattern", "^$")
        assert pattern.startswith("^"), place_
        assert pattern.endswith("$"), place_
        assert "(?" not in pattern, place_
        assert not re.search(r"\\[^xu]", pattern), place_


def test_currencies_are_the_same_everywhere_in_files_too_and_all_that_are_paid_with() -> None:
    (pattern,) = {schema_of(name)["$defs"]["currency"]["pattern"] for name in ("agreements", "invoices", "price-lists")}
    assert schema_of("prisma")["$defs"]["currency"]["pattern"] == pattern
    three_capitals = ("".join(letters) for letters in product(ascii_uppercase, repeat=3))
    assert [code for code in three_capitals if bool(re.search(pattern, code)) != is_currency(code)] == []
    used = get_global("territory_currencies").values()
    tender = {code for territory in used for code, _, until, is_tender in territory if is_tender and not until}
    assert [code for code in tender if not re.search(pattern, code)] == []
    assert [code for code in ("XYZ", "XXX", "XTS", "DEM", "EU", "EURO", "eur") if re.search(pattern, code)] == []


def test_countries_are_those_that_have_addresses() -> None:
    (pattern,) = {schema_of(name)["$defs"]["country"]["pattern"] for name in ("agreements", "prisma")}
    assert [code for code in ("XX", "ZZ", "EU", "UK", "EL", "XI", "nl", "NLD") if re.search(pattern, code)] == []
    territories = {code for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", code)}
    # What is reserved for parts of countries, groups of them and tests.
    others = set("AC CP CQ DG EA EU EZ IC QO TA UN XA XB ZZ".split())
    assert {code for code in territories if re.search(pattern, code)} == territories - others
    assert pattern.count("|") + 1 == len(territories - others)


@pytest.mark.parametrize("name", NAMES)
def test_objects_are_closed_and_everything_is_bounded(name: str) -> None:
    for place_, node, declares in subschemas(schema_of(name)):
        kinds = node.get("type", []) if declares else []
        if "object" in kinds:
            rest = node.get("additionalProperties")
            assert rest is False or (rest and set(node["propertyNames"]) & {"pattern", "$ref"}), place_
            assert rest is False or node["maxProperties"], place_
        if "array" in kinds:
            assert "maxItems" in node, place_
        if "string" in kinds:
            assert "maxLength" in node or is_bounded(node["pattern"]), place_
        if "integer" in kinds:
            assert {"minimum", "maximum"} <= set(node), place_


def is_bounded(pattern: str) -> bool:
    """Say whether a pattern repeats nothing without end; what stands in brackets does not repeat."""
    return not re.search(r"[*+]", re.sub(r"\[[^\]]*\]", "", pattern))


@pytest.mark.parametrize("name", NAMES)
def test_examples_and_defaults_in_the_schema_fit_it(name: str) -> None:
    for place_, node in declared_properties(name):
        alone = Draft202012Validator({**node, "$defs": schema_of(name)["$defs"]}, format_checker=FORMATS)
        shown = [*node.get("examples", []), *([node["default"]] if "default" in node else [])]
        assert all(alone.is_valid(value) for value in shown), place_


@pytest.mark.parametrize("name", NAMES)
def test_most_properties_show_an_example(name: str) -> None:
    """Objects and lists of objects show the examples of what is in them."""
    leaves = [node for _, node in declared_properties(name) if "properties" not in node and "items" not in node]
    assert sum("examples" in node for node in leaves) > 0.7 * len(leaves)


@pytest.mark.parametrize("name", NAMES)
def test_every_schema_has_examples(name: str) -> None:
    assert len(example_files(name, "pass")) >= 2
    assert len(example_files(name, "fail")) >= 6


@pytest.mark.parametrize("path", examples("pass"))
def test_pass_example_fits(path: Path) -> None:
    assert places_of_errors(path) == (set(), set())


@pytest.mark.parametrize("path", examples("pass"))
def test_pass_example_is_strict_yaml(path: Path) -> None:
    strict = parse(path.read_bytes(), path.name)
    assert isinstance(strict, Document), strict
    schema = schema_of(path.parts[-3])
    assert list(Draft202012Validator(schema, format_checker=FORMATS).iter_errors(strict.value)) == []


@pytest.mark.parametrize("path", examples("fail"))
def test_fail_example_fails_where_it_says(path: Path) -> None:
    first_line = path.read_text("utf-8").partition("\n")[0]
    expected = {first_line.removeprefix("# fails-at: ")}
    assert places_of_errors(path) == (expected, expected)


@pytest.mark.parametrize("name", NAMES)
def test_both_validators_agree_on_hostile_values(name: str) -> None:
    """What reaches a schema has passed strict YAML, so no text here ends with a line break."""
    for place_, node in declared_properties(name):
        alone = {**node, "$defs": schema_of(name)["$defs"]}
        slow = Draft202012Validator(alone, format_checker=FORMATS)
        fast = jsonschema_rs.Draft202012Validator(alone, validate_formats=True)
        assert [value for value in HOSTILE if slow.is_valid(value) != fast.is_valid(value)] == [], place_


@pytest.mark.parametrize("name", NAMES)
def test_another_program_accepts_the_pass_examples(name: str) -> None:
    status, report = check_jsonschema(name, example_files(name, "pass"))
    assert (status, report["status"]) == (0, "ok"), report


@pytest.mark.parametrize("name", NAMES)
def test_another_program_refuses_every_fail_example(name: str) -> None:
    files = example_files(name, "fail")
    status, report = check_jsonschema(name, files)
    assert status == 1
    assert {error["filename"] for error in report["errors"]} == set(files), report
    assert report["parse_errors"] == []
