"""The page of fields that are not used yet: it names fields that exist, and every field that nothing mentions."""

import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.readers.places import RECORD_KINDS

PAGE = "docs/fields-not-yet-used.md"
NAMED = re.compile(r"^\| `([a-z_-]+\.[a-z_.*-]+)` \|", re.MULTILINE)
SCHEMAS = sorted({kind.schema for kind in RECORD_KINDS.values() if kind.schema})
Node = Mapping[str, Any]


def fields_below(schema: Node, node: Node, path: str) -> Iterator[str]:
    """Yield the path of every property, such as ``agreements.rates.pricing.tiers``."""
    if "$ref" in node:
        yield from fields_below(schema, schema["$defs"][node["$ref"].rpartition("/")[2]], path)
    for name, inner in node.get("properties", {}).items():
        yield f"{path}.{name}"
        yield from fields_below(schema, inner, f"{path}.{name}")
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            yield from fields_below(schema, node[key], path)


def schema_fields(repository: Path) -> list[str]:
    schemas = {name: json.loads((repository / "schemas" / f"{name}.schema.json").read_bytes()) for name in SCHEMAS}
    return [field for name, schema in schemas.items() for field in fields_below(schema, schema, name)]


def mentioned(repository: Path) -> set[str]:
    """The names that code and templates read: as attributes, or as the keys of open mappings."""
    code = [*(repository / "prisma_batch").rglob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in [*code, *(repository / "templates").rglob("*.j2")]]
    attributes = {name.rstrip("_") for text in texts for name in re.findall(r"\.([a-z]\w*)", text)}
    keys = {name for text in texts for name in re.findall(r"\"([a-z]\w*)\"", text)}
    return attributes | keys


def on_page(field: str, named: list[str]) -> bool:
    parts = field.split(".")
    return any(fnmatchcase(".".join(parts[:depth]), name) for name in named for depth in range(2, len(parts) + 1))


def forgotten(fields: list[str], named: list[str], names: set[str]) -> list[str]:
    return [field for field in fields if field.rpartition(".")[2] not in names and not on_page(field, named)]


def test_named_fields_exist(repository: Path) -> None:
    named = NAMED.findall((repository / PAGE).read_text(encoding="utf-8"))
    fields = schema_fields(repository)
    assert len(named) > 5
    assert len(named) == len(set(named))
    assert [name for name in named if not any(fnmatchcase(field, name) for field in fields)] == []


def test_fields_that_nothing_mentions_are_on_the_page(repository: Path) -> None:
    named = NAMED.findall((repository / PAGE).read_text(encoding="utf-8"))
    assert forgotten(schema_fields(repository), named, mentioned(repository)) == []


@pytest.mark.parametrize(
    ("named", "missing"),
    [
        ([], ["agreements.commitments.purpose"]),
        (["agreements.commitments"], []),
        (["agreements.*.purpose"], []),
        (["agreements.commit"], ["agreements.commitments.purpose"]),
    ],
)
def test_a_forgotten_field_is_found(named: list[str], missing: list[str]) -> None:
    fields = ["agreements.account", "agreements.commitments.purpose"]
    assert forgotten(fields, named, {"account"}) == missing
