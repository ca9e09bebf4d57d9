"""Strict YAML: one reading of a record, whatever parser reads it, or one finding that says where and what to do.

Built on the events of PyYAML's C parser, which carry marks; its composer follows aliases and crashes on deep nesting.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not say that they re-export it
from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.readers.yaml_characters import checked_text, refuse_at, value_fault
from prisma_batch.readers.yaml_faults import DEPTH_MAX, YamlFault
from prisma_batch.readers.yaml_scalars import AMBIGUOUS, NO_SUCH_DAY, is_plain_key, plain_value

_NextEvent: TypeAlias = Callable[[], Any]
_Places: TypeAlias = dict[str, tuple[int, int]]

_QUOTES = ("'", '"')
_TAG_WITH_ESCAPES = re.compile(r"!\S*%")
# Words in what the parser says, first match wins, and the code that tells people more than "not valid YAML".
_CODES_BY_WORD = {"directive": "directive", "tag": "tag", "anchor": "alias", "alias": "alias"}


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a YAML file: dicts with text keys, lists, str, int, bool and None; dates and times stay text."""

    value: Any


def parse(content: bytes, source: str) -> Document | Finding:
    """Read one YAML document, or return the first fault as a finding with its line and column.

    Text of a block scalar (``|`` or ``>``) loses its final line breaks, so that no value ever ends with one.

    Args:
        content: the bytes of the file; its size is the caller's to check (``files.read_record`` does).
        source: the path that the finding names.
    Source: CONTRACT.md §2 (YAML rules); YAML 1.1 type repository; YAML 1.2.2 §10.3 (core schema).
    """
    try:
        text = checked_text(content)
        return Document(_build(text))
    except YamlFault as fault:
        return fault.finding(source)


def locate(content: bytes, pointers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return line and column (from 1) for JSON pointers into a file.

    The place is that of the key in a mapping, and of the item in a sequence.
    A pointer that leads nowhere gets the place of its nearest ancestor that exists, so that a missing key is shown at
    its parent. In a file that does not parse, every pointer gets the place of the fault.
    """
    parsed = parse(content, "")
    if isinstance(parsed, Finding):
        return dict.fromkeys(pointers, (parsed.line or 1, parsed.column or 1))
    next_event: _NextEvent = CParser(content).get_event
    root = _root(next_event)
    places = {"": _place(root)}
    _place_children(next_event, root, "", places)
    return {wanted: places[_nearest(wanted, places)] for wanted in pointers}


def _nearest(wanted: str, places: _Places) -> str:
    while wanted not in places:
        wanted = wanted.rpartition("/")[0]
    return wanted


def _place_children(next_event: _NextEvent, parent: Any, path: str, places: _Places) -> None:
    if isinstance(parent, MappingStartEvent):
        while not isinstance(key := next_event(), MappingEndEvent):
            child = path + pointer(_without_final_breaks(key))
            places[child] = _place(key)
            _place_children(next_event, next_event(), child, places)
    elif isinstance(parent, SequenceStartEvent):
        count = 0
        while not isinstance(item := next_event(), SequenceEndEvent):
            child = path + pointer(count)
            places[child] = _place(item)
            _place_children(next_event, item, child, places)
            count += 1


def _refuse(code: str, event: Any) -> NoReturn:
    raise YamlFault(code, *_place(event))


def _place(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _root(next_event: _NextEvent) -> Any:
    """Return the event that begins the first document's value, or the end of a stream without documents."""
    next_event()
    start = next_event()
    return next_event() if isinstance(start, DocumentStartEvent) else start


def _build(text: str) -> Any:
    try:
        return _Builder(text).document()
    except YAMLError as error:
        _refuse_syntax(error, text)
    except UnicodeDecodeError:
        # Percent escapes in a tag that are not UTF-8: the parser does not say where.
        found = _TAG_WITH_ESCAPES.search(text)
        refuse_at("tag", text, found.start() if found else 0)


def _refuse_syntax(error: Any, text: str) -> NoReturn:
    mark, opened = error.problem_mark, error.context_mark
    if opened and mark.index >= len(text):
        # What is never closed is shown where it opens, not at the end of the file.
        mark = opened
    # The parser speaks in fixed phrases, which never quote the file.
    phrase = f"{error.context or ''} {error.problem}"
    code = next((code for word, code in _CODES_BY_WORD.items() if word in phrase), "yaml-syntax")
    raise YamlFault(code, mark.line + 1, mark.column + 1, error.problem if code == "yaml-syntax" else "")


class _Builder:
    """Turns the events of one text into values."""

    def __init__(self, text: str) -> None:
        self._next: _NextEvent = CParser(text).get_event
        self._all_nfc = text.isascii() or unicodedata.is_normalized("NFC", text)

    def document(self) -> Any:
        root = _root(self._next)
        if isinstance(root, StreamEndEvent):
            raise YamlFault("empty-document", 1, 1)
        value = self._node(root, 1)
        if value is None:
            _refuse("empty-document", root)
        self._next()
        after = self._next()
        if isinstance(after, DocumentStartEvent):
            _refuse("second-document", after)
        return value

    # Here the time of a whole check goes: few calls, and types compared by identity, which the parser's events allow.

    def _node(self, event: Any, depth: int) -> Any:
        """Build the node that an event begins; depth counts the collections it lies in, and itself."""
        if type(event) is ScalarEvent:
            return self._scalar(event)
        _check_properties(event)
        if depth > DEPTH_MAX:
            _refuse("too-deep", event)
        if type(event) is MappingStartEvent:
            return self._mapping(depth)
        items = []
        while type(item := self._next()) is not SequenceEndEvent:
            items.append(self._node(item, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Any]:
        mapping: dict[str, Any] = {}
        next_event = self._next
        while type(event := next_event()) is not MappingEndEvent:
            key = self._key(event)
            if key in mapping:
                _refuse("duplicate-key", event)
            value = next_event()
            mapping[key] = self._scalar(value) if type(value) is ScalarEvent else self._node(value, depth + 1)
        return mapping

    def _key(self, event: Any) -> str:
        if type(event) is not ScalarEvent:
            _check_properties(event)
            _refuse("key-not-text", event)
        key: str = event.value
        if event.style or event.tag is not None or event.anchor is not None or not self._all_nfc:
            self._check_scalar(event)
        if event.style:
            return _without_final_breaks(event)
        if key == "<<":
            _refuse("alias", event)
        if not is_plain_key(key):
            _refuse("key-not-text", event)
        return key

    def _scalar(self, event: Any) -> Any:
        """Return the value of a scalar; a plain one is text only where YAML 1.1 and 1.2 agree on that."""
        if event.style or event.tag is not None or event.anchor is not None or not self._all_nfc:
            self._check_scalar(event)
        if event.style:
            return _without_final_breaks(event)
        value = plain_value(event.value)
        if value is AMBIGUOUS:
            _refuse("ambiguous-scalar", event)
        if value is NO_SUCH_DAY:
            _refuse("impossible-time", event)
        return value

    def _check_scalar(self, event: Any) -> None:
        _check_properties(event)
        text = event.value
        # Escapes and folded lines: what the file does not show may still be in the value.
        if event.style in _QUOTES and not (text.isascii() and text.isprintable()):
            if code := value_fault(text):
                _refuse(code, event)
        elif not self._all_nfc and not unicodedata.is_normalized("NFC", text):
            _refuse("not-nfc", event)


def _check_properties(event: Any) -> None:
    if isinstance(event, AliasEvent) or event.anchor is not None:
        _refuse("alias", event)
    if event.tag is not None:
        _refuse("tag", event)


def _without_final_breaks(event: Any) -> str:
    text: str = event.value
    return text if event.style in _QUOTES else text.rstrip("\n")
