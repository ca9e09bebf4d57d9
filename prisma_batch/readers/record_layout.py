"""Read how a record is laid out: the parser's events, and between them the comments that the parser leaves out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs do not say that they re-export it
from yaml.events import CollectionEndEvent, CollectionStartEvent, ScalarEvent, SequenceStartEvent, StreamEndEvent

from prisma_batch.records.layout import Block, Entry, Layout, Node, Scalar


@dataclass(slots=True)
class _Token:
    """An event with its characters, the comments and blank lines above it by column, and the comment behind it."""

    event: Any
    written: str = ""
    before: list[tuple[int, str]] = field(default_factory=list)
    comment: str = ""

    @property
    def is_scalar(self) -> bool:
        return isinstance(self.event, ScalarEvent)

    @property
    def is_literal(self) -> bool:
        return self.is_scalar and self.event.style in {"|", ">"}

    @property
    def starts_flow(self) -> bool:
        return isinstance(self.event, CollectionStartEvent) and bool(self.event.flow_style)

    @property
    def column(self) -> int:
        column: int = self.event.start_mark.column
        return column


def read_layout(content: bytes) -> Layout:
    """Return the layout of a record; ``strict_yaml.parse`` has read it as a mapping."""
    return _Reader(content.decode().replace("\r\n", "\n")).layout()


class _Reader:
    """Builds the layout from tokens; ``_pending`` are comments and blank lines that nothing has taken yet."""

    def __init__(self, text: str) -> None:
        self._tokens = iter(list(_tokens(text)))
        self._pending: list[tuple[int, str]] = []

    def layout(self) -> Layout:
        start = self._next()
        while not isinstance(start.event, CollectionStartEvent):
            start = self._next()
        header = self._taken()
        root, comments = self._block(start, in_flow=False)
        for token in self._tokens:
            self._pending += token.before
        after = (*root.after, *_alone(comments), *self._taken())
        return Layout(header=header, root=Block(is_list=root.is_list, entries=root.entries, after=after))

    def _next(self) -> _Token:
        token = next(self._tokens)
        self._pending += token.before
        return token

    def _taken(self) -> tuple[str, ...]:
        lines = tuple(line for _, line in self._pending)
        self._pending.clear()
        return lines

    def _taken_inside(self, column: int, next_column: int) -> tuple[str, ...]:
        """Take the comments that still belong to a block: as far right as its entries, and more than what follows."""
        count = 0
        for number, (place, line) in enumerate(self._pending, 1):
            if line and (place < column or place <= next_column):
                break
            count = number if line else count
        lines = tuple(line for _, line in self._pending[:count])
        del self._pending[:count]
        return lines

    def _block(self, start: _Token, *, in_flow: bool) -> tuple[Block, list[str]]:
        """Return a mapping or list, and the comments behind its brackets."""
        flow, is_list = start.starts_flow, isinstance(start.event, SequenceStartEvent)
        read = self._item if is_list else self._pair
        entries = []
        while not isinstance((token := self._next()).event, CollectionEndEvent):
            entries.append(read(token, in_flow=in_flow or flow))
        # What stands between brackets without anything else goes to what follows.
        ending = (0, -1) if flow and entries else (start.column, token.column)
        block = Block(is_list=is_list, entries=tuple(entries), flow=flow, after=self._taken_inside(*ending))
        return block, [start.comment, token.comment]

    def _item(self, token: _Token, *, in_flow: bool) -> Entry:
        before = self._taken()
        value, comments = self._node(token, in_flow=in_flow)
        return _entry(None, value, before, comments)

    def _pair(self, key: _Token, *, in_flow: bool) -> Entry:
        before = self._taken()
        token = self._next()
        if token.is_scalar or token.starts_flow:
            before += self._taken()
        value, comments = self._node(token, in_flow=in_flow)
        return _entry(_scalar(key, one_line=True), value, before, [key.comment, *comments])

    def _node(self, token: _Token, *, in_flow: bool) -> tuple[Node, list[str]]:
        if token.is_scalar:
            return _scalar(token, one_line=in_flow), [token.comment]
        return self._block(token, in_flow=in_flow)


def _entry(key: Scalar | None, value: Node, before: tuple[str, ...], comments: list[str]) -> Entry:
    # A line has room for one comment: what stood behind a key or bracket on a line of its own moves above.
    *others, comment = [comment for comment in comments if comment] or [""]
    return Entry(key=key, value=value, before=before + _alone(others), comment=comment)


def _alone(comments: list[str]) -> tuple[str, ...]:
    """Return comments that stood behind something as lines of their own."""
    return tuple(comment.strip() for comment in comments if comment)


def _scalar(token: _Token, *, one_line: bool) -> Scalar:
    value = token.event.value
    if token.is_literal:
        return _literal(token, one_line=one_line)
    lines = tuple(line.strip(" \t") for line in token.written.split("\n"))
    if len(lines) == 1:
        lines = (token.written or ("null" if one_line else ""),)
    elif token.event.style == '"' or (one_line and "" in lines):
        # Escapes may hold spaces at the end of a line. JSON strings are YAML strings in double quotes.
        lines = (json.dumps(value, ensure_ascii=False),)
    elif one_line:
        lines = (" ".join(lines),)
    return Scalar(value=value, lines=lines)


def _literal(token: _Token, *, one_line: bool) -> Scalar:
    # Its final line breaks count for nothing: see strict_yaml.parse.
    value = token.event.value.rstrip("\n")
    if one_line:
        return Scalar(value=value, lines=(json.dumps(value, ensure_ascii=False),))
    head, *below = token.written.split("\n")
    style = head[0] + "".join(sign for sign in head.partition("#")[0] if sign in "+-")
    return Scalar(value=value, lines=(style, *_unindented(below, value)), literal=True)


def _unindented(lines: list[str], value: str) -> list[str]:
    """Return the lines of a literal text without its indentation, and without the blank lines below it."""
    first = next((line for line in lines if line.strip(" ")), "")
    # What the value has of it is no indentation.
    width = _leading(first) - _leading(value.lstrip("\n"))
    below = [line[width:] for line in lines]
    while below and not below[-1]:
        below.pop()
    return below


def _leading(text: str) -> int:
    return len(text) - len(text.lstrip(" "))


def _tokens(text: str) -> Iterator[_Token]:
    """Yield every event with the comments around it."""
    cursor, owner, owner_end = 0, None, 0
    for event in _events(text):
        token = _Token(event)
        start: int = event.start_mark.index
        for place, line in _gap_lines(text, cursor, start):
            if owner and line and "\n" not in text[owner_end:place]:
                owner.comment = _spaces(text[owner_end:place]) + line
            else:
                token.before.append((_column(text, place), line))
        cursor = max(cursor, start)
        if _is_written(event):
            _read_written(token, text[start : event.end_mark.index])
            cursor = owner_end = start + len(token.written)
            owner = token
        yield token


def _events(text: str) -> Iterator[Any]:
    parser = CParser(text)
    event = None
    while not isinstance(event, StreamEndEvent):
        event = parser.get_event()
        yield event


def _is_written(event: Any) -> bool:
    """Say whether an event has characters of its own: a scalar or a bracket."""
    width: int = event.end_mark.index - event.start_mark.index
    if isinstance(event, CollectionEndEvent):
        return width > 0
    return isinstance(event, ScalarEvent) or bool(getattr(event, "flow_style", False))


def _read_written(token: _Token, written: str) -> None:
    if not token.is_literal:
        token.written = written
        return
    head, *below = written.split("\n")
    # Blank lines below a text are no part of it.
    token.written = "\n".join([head, *below[: len(_unindented(below, token.event.value.rstrip("\n")))]])
    before, sign, comment = head.partition("#")
    token.comment = _spaces(before) + sign + comment.rstrip() if sign else ""


def _gap_lines(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield the comments and blank lines between two tokens, each with its index; the rest is dashes and the like."""
    place = start
    for line in text[start:end].split("\n"):
        comment = line.find("#")
        if comment >= 0:
            yield place + comment, line[comment:].rstrip()
        elif place + len(line) < end and not line.strip() and text[max(place - 1, 0) : place] in {"", "\n"}:
            yield place, ""
        place += len(line) + 1


def _spaces(between: str) -> str:
    """Return the spaces that set a comment off: at least two, and more where they align it."""
    spaces = between[len(between.rstrip()) :]
    return spaces if len(spaces) > 1 and "\t" not in spaces else "  "


def _column(text: str, place: int) -> int:
    """Return the column in which the line of a place begins: with a comment, or with the dash before it."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return len(line) - len(line.lstrip())
