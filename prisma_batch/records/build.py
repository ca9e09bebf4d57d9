"""Build record dataclasses from documents that their schema has accepted."""

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from prisma_batch.base.periods import Period

T = TypeVar("T")
_Convert = Callable[[Any], Any]

_SCALARS: dict[Any, _Convert] = {
    str: str,
    int: int,
    bool: bool,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    Decimal: Decimal,
    Period: Period.parse,
}


def build(record: type[T], document: Mapping[str, Any], **extra: Any) -> T:
    """Build a record from a mapping; ``extra`` gives fields that the document does not hold, such as its source.

    The document has passed its schema, so shapes are right; values may still be impossible (30 February, year 0).

    Raises:
        ValueError: a value is impossible for its type.
    """
    built: T = _builder(record)(document, extra)  # type: ignore[arg-type] # a class is hashable
    return built


@cache
def _builder(record: Any) -> Callable[[Mapping[str, Any], Mapping[str, Any]], Any]:
    hints = get_type_hints(record)
    # A field named like a Python keyword ends in an underscore: `from_` reads `from`.
    names = {field.name.rstrip("_"): field.name for field in fields(record)}
    converters = {key: _converter(hints[name]) for key, name in names.items()}
    required = [f.name for f in fields(record) if f.default is MISSING and f.default_factory is MISSING]

    def construct(document: Mapping[str, Any], extra: Mapping[str, Any]) -> Any:
        values = {names[key]: converters[key](value) for key, value in document.items() if key in converters}
        values.update(extra)
        missing = [name for name in required if name not in values]
        if missing:
            raise ValueError(f"{record.__name__} lacks {', '.join(missing)}")
        return record(**values)

    return construct


def _converter(hint: Any) -> _Convert:
    origin, args = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if origin is Literal or hint is Any:
        return lambda value: value
    if origin in (Union, types.UnionType):
        return _converter(next(arg for arg in args if arg is not type(None)))
    if origin is tuple:
        item = _converter(args[0])
        return lambda values: tuple(map(item, values))
    if origin is not None and issubclass(origin, Mapping):
        item = _converter(args[1])
        return lambda values: {key: item(value) for key, value in values.items()}
    if is_dataclass(hint):
        return lambda value: _builder(hint)(value, {})  # type: ignore[arg-type] # as above
    raise TypeError(f"records cannot hold {hint!r}")
