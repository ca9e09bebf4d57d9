"""Records as YAML: the strict reader reads back what was written."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.readers.strict_yaml import Document, parse
from prisma_batch.writers.yaml_text import Flow, yaml_text

TEXTS = [
    *("no", "On", "y", "NULL", "true", "~", "", "007", "1E5", "1_000", "12:30", ".nan", "2026-10", "2026-10-01", "-"),
    *("a: b", "a #b", "#a", "- a", "a, b", "[a]", "{a}", "&a", "*a", "!a", "|", "> a", "%a", "@a", "`a", '"a"', "'a'"),
    *("a\\b", "é", "日本", "a  b", "key:", "Atlas Nimbus", "jane+x@acme.example", "GB/Month", "x" * 250),
]


def read_back(record: dict[str, Any]) -> Any:
    parsed = parse(yaml_text(record, "s.json").encode(), "record.yaml")
    assert isinstance(parsed, Document), parsed
    return parsed.value


@pytest.mark.parametrize("text", TEXTS)
def test_text_stays_text(text: str) -> None:
    record = {"a": text, "list": [text, {"b": text}], "flow": Flow({"c": text, "d": [text]}, "said"), "keys": {text: 1}}
    expected = {"a": text, "list": [text, {"b": text}], "flow": {"c": text, "d": [text]}, "keys": {text: 1}}
    if text:
        assert read_back(record) == expected


def test_layout() -> None:
    record = {
        "id": "ACME-001",
        "left_out": None,
        "day": date(2026, 10, 1),
        "price": Decimal("0.10"),
        "count": 3,
        "flag": True,
        "empty": {},
        "none": [],
        "rates": [{"sku": "A", "pricing": Flow({"model": "flat", "price": Decimal(2)}, "derived")}, {"sku": "B"}],
        "groups": {"one": [Flow({"a": 1})]},
    }
    assert yaml_text(record, "../schemas/x.schema.json") == (
        "# yaml-language-server: $schema=../schemas/x.schema.json\n"
        "id: ACME-001\n"
        "day: 2026-10-01\n"
        'price: "0.10"\n'
        "count: 3\n"
        "flag: true\n"
        "empty: {}\n"
        "none: []\n"
        "rates:\n"
        "  - sku: A\n"
        '    pricing: {model: flat, price: "2"}  # derived\n'
        "  - sku: B\n"
        "groups:\n"
        "  one:\n"
        "    - {a: 1}\n"
    )
