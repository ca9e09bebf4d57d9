"""Records as rows that JSON can hold, and back: lists in the order of their fields, without names."""

import json
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_Read = Callable[[Any], Any]

_WRITTEN_AS_TEXT: dict[Any, _Read] = {date: date.fromisoformat, Decimal: Decimal}


def row_text(value: Any) -> bytes:
    """Return dataclasses, named tuples, lists, dates, decimals and plain values as one JSON text in ASCII."""
    return json.dumps(value, default=_plain, separators=(",", ":")).encode()


@cache
def reader_of(hint: Any) -> _Read:
    """Return the function that makes a value of this type of what ``json.loads`` returns for its row.

    Raises (the function): KeyError, TypeError, ValueError or ArithmeticError for a row of something else.
    """
    return _reader(hint) or _as_it_is


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return [getattr(value, field.name) for field in fields(value)]


def _as_it_is(row: Any) -> Any:
    return row


def _reader(hint: Any) -> _Read | None:
    """Return what reads a type, or None where its row is the value itself."""
    origin, args = get_origin(hint), get_args(hint)
    if hint in _WRITTEN_AS_TEXT:
        return _WRITTEN_AS_TEXT[hint]
    if origin in (Union, types.UnionType):
        return _optional(_reader(next(arg for arg in args if arg is not type(None))))
    if origin is tuple:
        return _tuple(args)
    if is_dataclass(hint) or hasattr(hint, "_fields"):
        return _record(hint)
    if origin is Literal or hint in (str, int, bool):
        return None
    raise TypeError(f"rows cannot hold {hint!r}")


def _optional(read: _Read | None) -> _Read | None:
    return read and (lambda row: None if row is None else read(row))


def _tuple(args: tuple[Any, ...]) -> _Read:
    if args[-1] is not Ellipsis:
        readers = [reader_of(arg) for arg in args]
        return lambda row: tuple(read(item) for read, item in zip(readers, row, strict=True))
    read = _reader(args[0])
    return tuple if read is None else lambda row: tuple(map(read, row))


def _record(record: Any) -> _Read:
    hints = get_type_hints(record)
    names = [field.name for field in fields(record)] if is_dataclass(record) else list(record._fields)
    converted = [(index, read) for index, name in enumerate(names) if (read := _reader(hints[name]))]
    positional = not is_dataclass(record)

    def construct(row: list[Any]) -> Any:
        for index, read in converted:
            row[index] = read(row[index])
        return record(*row) if positional else record(**dict(zip(names, row, strict=True)))

    return construct
