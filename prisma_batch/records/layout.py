"""A record as its file is laid out: keys and values as they are written, with the comments around them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias


@dataclass(frozen=True, kw_only=True, slots=True)
class Scalar:
    """A key or value: what it says as text, and the lines in which the file says it, without their indentation.

    One line of nothing is a value left out. Lines after the first are those of a text that goes on; of a text that is
    ``literal`` (written below ``|`` or ``>``) they keep spaces of their own.
    """

    value: str
    lines: tuple[str, ...]
    literal: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A mapping or a list, ``flow`` where the file writes it in brackets; ``after`` are comments below its entries."""

    is_list: bool
    entries: tuple["Entry", ...]
    flow: bool = False
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A key with its value, or an item of a list, which has no key.

    ``before`` holds the comments above it, empty text for a blank line; ``comment`` is the one behind it on its line,
    with the spaces that set it off.
    """

    value: "Node"
    key: Scalar | None = None
    before: tuple[str, ...] = ()
    comment: str = ""

    @property
    def name(self) -> str:
        return self.key.value if self.key else ""


Node: TypeAlias = Scalar | Block


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A whole file: the comments above its first key, and its mapping."""

    root: Block
    header: tuple[str, ...] = field(default=())


def in_schema_order(layout: Layout, schema: Mapping[str, Any]) -> Layout:
    """Sort the keys of every mapping as its JSON Schema lists them; keys that it does not list come last, as they are.

    The comments above and behind a key go with it.
    """
    return replace(layout, root=_in_order(layout.root, schema, schema))


def in_blocks(layout: Layout) -> Layout:
    """Take every mapping and list out of its brackets, so that a comparison of versions shows a field a line."""
    return replace(layout, root=_in_blocks(layout.root))


def _in_blocks(node: Any) -> Any:
    if isinstance(node, Scalar):
        return node
    entries = tuple(replace(entry, value=_in_blocks(entry.value)) for entry in node.entries)
    return replace(node, entries=entries, flow=False)


def _in_order(node: Any, field_schema: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if isinstance(node, Scalar):
        return node
    resolved = _resolved(field_schema, schema)
    known = resolved.get("properties", {})
    rest = resolved.get("items" if node.is_list else "additionalProperties") or {}
    entries = [
        replace(entry, value=_in_order(entry.value, known.get(entry.name, rest), schema)) for entry in node.entries
    ]
    return replace(node, entries=tuple(sorted(entries, key=lambda entry: rank(entry.name, known))))


def rank(name: str, names: Mapping[str, Any] | Sequence[str]) -> int:
    """Return the place of a name among others; one that is not among them comes last."""
    return next((place for place, other in enumerate(names) if other == name), len(names))


def _resolved(field_schema: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = str(field_schema.get("$ref", ""))
    found: Mapping[str, Any] = schema["$defs"][reference.removeprefix("#/$defs/")] if reference else field_schema
    return found
