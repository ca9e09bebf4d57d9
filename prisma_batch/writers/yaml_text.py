"""Writes records as YAML that every parser reads the same: text is quoted where it could be anything else."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from prisma_batch.records.layout import Block, Entry, Layout, Node, Scalar
from prisma_batch.writers.record_text import record_text

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@+/-]*(?: [A-Za-z0-9_.@+/-]+)*")
_WORDS = frozenset("y yes n no on off true false null".split())


@dataclass(frozen=True, slots=True)
class Flow:
    """A mapping or list that is written on one line where it fits, with a comment behind it where there is one."""

    value: Mapping[str, Any] | list[Any]
    comment: str = ""


def yaml_text(record: Mapping[str, Any], schema: str) -> str:
    """Return a record as the text of its file.

    Args:
        record: text, int, bool, date, Decimal (written quoted), list, mapping and Flow; None leaves its key out.
        schema: the path of its JSON Schema, relative to the file.
    """
    return f"# yaml-language-server: $schema={schema}\n{yaml_block(record)}"


def yaml_block(record: Mapping[str, Any]) -> str:
    """Return the lines of a mapping."""
    return record_text(Layout(root=_mapping(record, flow=False)))


def entry_of(value: Any, key: str | None = None) -> Entry:
    """Return the layout of a value as an entry: of a mapping under a key, or of a list."""
    comment = f"  # {value.comment}" if isinstance(value, Flow) and value.comment else ""
    return Entry(key=None if key is None else scalar_of(key), value=_node(value, flow=False), comment=comment)


def scalar_of(value: Any, quote: str = "") -> Scalar:
    """Return the layout of text, a number, a truth value or a day; ``quote`` is put around what needs none."""
    text = _written(value)
    return Scalar(value=str(value), lines=(text if text.startswith('"') else f"{quote}{text}{quote}",))


def _node(value: Any, *, flow: bool) -> Node:
    if isinstance(value, Flow):
        return _node(value.value, flow=True)
    if isinstance(value, Mapping):
        return _mapping(value, flow=flow)
    if isinstance(value, list):
        return Block(is_list=True, flow=flow, entries=tuple(entry_of(Flow(item) if flow else item) for item in value))
    return scalar_of(value)


def _mapping(record: Mapping[str, Any], *, flow: bool) -> Block:
    entries = (entry_of(Flow(value) if flow else value, key) for key, value in record.items() if value is not None)
    return Block(is_list=False, flow=flow, entries=tuple(entries))


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f'"{value:f}"'
    return str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    is_plain = _PLAIN.fullmatch(text) and text.casefold() not in _WORDS
    # JSON strings are YAML strings in double quotes.
    return text if is_plain else json.dumps(text, ensure_ascii=False)
