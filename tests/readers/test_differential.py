"""jsonschema and jsonschema-rs accept the same documents: the packaged examples, generated ones, and mutations of them.

Mutations stay within what strict YAML can read: no text ends with a line break, integers have 64 bits, floats are none.
"""

import copy
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.repositories import write_repository
from prisma_batch.readers import strict_yaml
from prisma_batch.readers.places import RECORD_KINDS, kind_of
from prisma_batch.readers.resources import resource_folder, schema_names
from prisma_batch.readers.schemas import authority_findings, passes_gate
from prisma_batch.readers.trees import WorkingTree

MUTANTS_COUNT = 400
EXAMPLES = Path(__file__).parents[1] / "examples" / "_base"
WORDS = """
0 1 -1 00 1.0 1e3 +1 -0 0.00 .5 5. 1_000 999999999999999999999999999999 1.234567 A a é ß 日本 😀 A- -A A--B ACME-001
2026-02-28 2026-02-29 2028-02-29 2026-13-01 2026-00-10 0000-01-01 9999-12-31 2026-1-1 20260101 2026-W01-1 2026-10 09:00
2026-01-01T00:00:00Z 2026-01-01T24:00:00Z 2016-12-31T23:59:60Z 2026-01-01T00:00:00+24:00 2026-01-01T00:00:00
EUR eur EURO NL nl a@b.example a@@b +31201234567 +0 month_end invoice other true null
"""
TEXTS = [*WORDS.split(), "", " ", "a b", "a\nb", "x" * 33, "x" * 300, "\u0663", "2026-01-0\u0661", "2026\u201301-01"]
VALUES = [None, True, False, 0, 1, -1, 2**63 - 1, -(2**63) + 1, 31, 32, 16, [], {}, [None], [[]], {"": None}, {"x": 1}]


def documents_in(root: Path) -> Iterator[tuple[str, Any]]:
    tree = WorkingTree(root)
    for file in tree.files():
        kind = kind_of(file.path)
        schema = RECORD_KINDS[kind].schema if kind else None
        content = tree.read(file.path) if schema else None
        if schema and isinstance(content, bytes):
            parsed = strict_yaml.parse(content, file.path)
            assert isinstance(parsed, strict_yaml.Document)
            yield schema, parsed.value


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    """Documents that are right, by schema: those of the examples, and generated ones."""
    generated = tmp_path_factory.mktemp("generated") / "workspace"
    write_repository(generated, 200, seed=7)
    by_schema = defaultdict(list)
    for root in (EXAMPLES, resource_folder("example"), generated):
        for schema, document in documents_in(root):
            by_schema[schema].append(document)
    return by_schema


class Mutator:
    """Changes a document at random in one to three places."""

    def __init__(self, schema: str, documents: list[Any]) -> None:
        self.chance = random.Random(schema)  # noqa: S311 - the same mutations every time
        self.documents = documents
        self.keys = sorted({key for document in documents for key in keys_in(document)})

    def mutant(self) -> Any:
        document = copy.deepcopy(self.chance.choice(self.documents))
        for _ in range(self.chance.randint(1, 3)):
            parents = [value for value in values_in(document) if isinstance(value, dict | list) and value]
            if parents:
                self._change(self.chance.choice(parents))
        return document

    def _change(self, parent: Any) -> None:
        place = self.chance.choice(list(parent) if isinstance(parent, dict) else range(len(parent)))
        changes: list[Callable[[Any, Any], None]] = [self._drop, self._replace, self._replace, self._edit, self._edit]
        self.chance.choice([*changes, self._add])(parent, place)

    def _drop(self, parent: Any, place: Any) -> None:
        del parent[place]

    def _replace(self, parent: Any, place: Any) -> None:
        others = [*TEXTS, *VALUES, *values_in(self.chance.choice(self.documents))]
        parent[place] = copy.deepcopy(self.chance.choice(others))

    def _edit(self, parent: Any, place: Any) -> None:
        text = parent[place]
        if isinstance(text, str):
            at = self.chance.randint(0, len(text))
            edited = text[:at] + self.chance.choice([*"0aA-. +\u0660é\n", ""]) + text[at + self.chance.randint(0, 1) :]
            parent[place] = edited.rstrip("\n")
        elif isinstance(text, int):
            parent[place] = str(text) if self.chance.random() < 0.5 else text * self.chance.choice([-1, 0, 1000])
        else:
            self._replace(parent, place)

    def _add(self, parent: Any, place: Any) -> None:
        if isinstance(parent, dict):
            parent[self.chance.choice([*self.keys, "unknown", ""])] = self.chance.choice([*TEXTS, *VALUES])
        else:
            parent.append(copy.deepcopy(parent[place]))


def keys_in(value: Any) -> Iterator[str]:
    for inner in values_in(value):
        if isinstance(inner, dict):
            yield from inner


def values_in(value: Any) -> Iterator[Any]:
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from values_in(inner)


@pytest.mark.parametrize("schema", schema_names())
def test_right_documents_pass_both(documents: dict[str, list[Any]], schema: str) -> None:
    assert documents[schema]
    for document in documents[schema]:
        assert passes_gate(schema, document)
        assert authority_findings(schema, document, "a.yaml") == []


@pytest.mark.parametrize("schema", schema_names())
def test_mutants_pass_both_or_neither(documents: dict[str, list[Any]], schema: str) -> None:
    mutator = Mutator(schema, documents[schema])
    refused = 0
    for _ in range(MUTANTS_COUNT):
        mutant = mutator.mutant()
        findings = authority_findings(schema, mutant, "a.yaml")
        assert passes_gate(schema, mutant) == (not findings), mutant
        refused += bool(findings)
    assert MUTANTS_COUNT / 2 < refused < MUTANTS_COUNT  # both answers were compared


@pytest.mark.parametrize("document", [None, True, 0, "", [], {}, [{}], 2**200, -(2**200), float(1), "\ud800"])
@pytest.mark.parametrize("schema", schema_names())
def test_what_is_no_record_passes_neither(schema: str, document: Any) -> None:
    assert not passes_gate(schema, document)
    assert authority_findings(schema, document, "a.yaml")
