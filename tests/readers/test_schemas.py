"""Schemas: plain words, no values, and a gate that never changes what is said."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.base.findings import Finding
from prisma_batch.readers import strict_yaml
from prisma_batch.readers.places import RECORD_KINDS, kind_of
from prisma_batch.readers.resources import resource_folder, schema_names
from prisma_batch.readers.schemas import authority_findings, drift, passes_gate, schema_findings
from prisma_batch.readers.trees import WorkingTree

EXAMPLES = Path(__file__).parents[1] / "examples"
RECORDS = sorted(path for path in EXAMPLES.rglob("*.yaml") if "yaml-syntax" not in path.parts)
CONTACT: dict[str, Any] = {"first_name": "Jane", "last_name": "Doe", "email": "jane@acme.example"}
CUSTOMER: dict[str, Any] = {
    "account": "ACME-001",
    "name": "Acme",
    "partner": "northwind",
    "language": "en",
    "contacts": {"billing": [CONTACT], "statement": [CONTACT], "usage_reporting": [CONTACT]},
}
ANNOUNCEMENT: dict[str, Any] = {
    "id": "ANN-1",
    "date": "2026-11-01",
    "audience": {"everyone": True},
    "subject": {"en": "Maintenance"},
    "text": {"en": "On Sunday"},
}


def said(name: str, document: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.pointer) for finding in schema_findings(name, document, "a.yaml")]


def drifted(root: Path) -> list[Finding]:
    tree = WorkingTree(root)
    return list(drift(tree, tree.files()))


def test_every_kind_has_a_packaged_schema() -> None:
    assert sorted(kind.schema for kind in RECORD_KINDS.values() if kind.schema) == schema_names()


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("contacts", {}, []),
        ("contacts", {"account": "acme"}, [("schema-pattern", "/account")]),
        ("contacts", {"account": 7}, [("schema-type", "/account")]),
        ("contacts", {"vat": 1, "tel": 2}, [("schema-unknown-key", "/tel"), ("schema-unknown-key", "/vat")]),
        ("contacts", {"a/b~": 1}, [("schema-unknown-key", "/a~1b~0")]),
        ("contacts", {"contacts": {}}, [("last-contact", "/contacts")]),
        ("contacts", {"name": "a" * 251}, [("schema-max-length", "/name")]),
        ("announcements", {"audience": {}}, [("schema-min-keys", "/audience")]),
        ("announcements", {"audience": {"accounts": ["A", "A"]}}, [("schema-unique", "/audience/accounts")]),
        ("announcements", {"audience": {"everyone": False}}, [("schema-const", "/audience/everyone")]),
        (
            "announcements",
            {"audience": {"everyone": True, "accounts": ["A"]}},
            [("schema-not-allowed", "/audience/accounts")],
        ),
        ("announcements", {"subject": {"english": "a"}}, [("schema-key", "/subject/english")]),
        ("announcements", {"date": "30 February"}, [("schema-pattern", "/date")]),
        ("announcements", {"date": "2026-02-30"}, [("schema-format", "/date")]),
    ],
)
def test_codes_and_pointers(name: str, change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    document = CUSTOMER if name == "contacts" else ANNOUNCEMENT
    assert said(name, document | change) == expected


@pytest.mark.parametrize("document", [None, [], "text", 7, True])
def test_document_that_is_no_mapping(document: Any) -> None:
    assert said("contacts", document) == [("schema-type", "")]


def test_missing_keys_are_each_named_once() -> None:
    document = {key: value for key, value in CUSTOMER.items() if key not in ("name", "partner")}
    messages = [finding.message for finding in schema_findings("contacts", document, "a.yaml")]
    assert messages == ["`name` is missing", "`partner` is missing"]


def test_last_contact_says_what_the_contract_says() -> None:
    document = CUSTOMER | {"contacts": CUSTOMER["contacts"] | {"statement": []}}
    (finding,) = schema_findings("contacts", document, "a.yaml")
    assert finding.message == "unable to remove this contact until another contact is added to this type"
    assert (finding.code, finding.pointer) == ("last-contact", "/contacts/statement")


@pytest.mark.parametrize("key", ["account", "name", "partner", "language", "secret@acme.example"])
def test_no_value_is_shown(key: str) -> None:
    value = "secret@acme.example\n"
    for finding in schema_findings("contacts", CUSTOMER | {key: value}, "a.yaml"):
        assert "secret" not in finding.message + finding.remedy


def test_a_place_without_a_description_names_what_is_there() -> None:
    document = {"policies": {"not_receivable": [{"text_contains": "interest"}]}}
    [remedy] = {
        found.remedy for found in schema_findings("prisma", document, "prisma.yaml") if "min-keys" in found.code
    }
    assert remedy == "compare with the schema, under schemas/"


def test_gate_changes_nothing() -> None:
    for path in RECORDS:
        relative = path.relative_to(EXAMPLES)
        source = "/".join(relative.parts[1 if relative.parts[0] == "_base" else 2 :])
        kind, parsed = kind_of(source), strict_yaml.parse(path.read_bytes(), source)
        assert not isinstance(parsed, Finding)
        schema = RECORD_KINDS[kind].schema if kind else None
        if schema:
            judged = authority_findings(schema, parsed.value, source)
            assert schema_findings(schema, parsed.value, source) == judged
            assert passes_gate(schema, parsed.value) == (not judged)


def test_drift(tmp_path: Path) -> None:
    assert drifted(tmp_path) == []
    shutil.copytree(resource_folder("schemas"), tmp_path / "schemas")
    assert drifted(tmp_path) == []
    with (tmp_path / "schemas" / "cases.schema.json").open("a", encoding="utf-8") as copied:
        copied.write("\n")
    (finding,) = drifted(tmp_path)
    assert (finding.code, finding.source, finding.severity) == (
        "schema-drift",
        "schemas/cases.schema.json",
        "warning",
    )
