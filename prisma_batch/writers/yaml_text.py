"""Writes records as YAML that every parser reads the same: text is quoted where it could be anything else."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_.@+/-]*(?: [A-Za-z0-9_.@+/-]+)*")
_WORDS = frozenset("y yes n no on off true false null".split())


@dataclass(frozen=True, slots=True)
class Flow:
    """A mapping or list that is written on one line, with a comment behind it where there is one."""

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
    return "".join(f"{line}\n" for line in _mapping(record))


def _mapping(record: Mapping[str, Any]) -> Iterator[str]:
    for key, value in record.items():
        if value is None:
            continue
        if isinstance(value, Mapping | list) and value:
            yield f"{_text(key)}:"
            yield from _indented(_mapping(value) if isinstance(value, Mapping) else _items(value))
        else:
            yield f"{_text(key)}: {_inline(value)}"


def _items(values: list[Any]) -> Iterator[str]:
    for value in values:
        first, *others = _mapping(value) if isinstance(value, Mapping) and value else [_inline(value)]
        yield f"- {first}"
        yield from _indented(others)


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _inline(value: Any) -> str:
    if isinstance(value, Flow):
        return _inline(value.value) + (f"  # {value.comment}" if value.comment else "")
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_inline(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
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
