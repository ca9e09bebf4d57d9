"""Numbers of usual form, taken as integers without a detour; whatever is unusual is left to slower, exact readers."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel.chunks import Ints
from prisma_batch.rating.kernel.entries import largest

_MINUS, _POINT, _ZERO, _NINE = b"-.09"
_DIGITS_MAX = 18  # more might leave 64 bits
_INT64_DIGITS = 19
_LOOKED_AT = 1_000

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]


def plain_integers(array: Any, scale: int) -> Ints | None:
    """Return numbers × 10^scale, or None where one of them is not plain, finer than the scale or too large.

    Args:
        array: an Arrow array of text, integers or decimals.
    """
    if not len(array):
        return np.empty(0, dtype=np.int64)
    if array.null_count:
        return None
    if pa.types.is_string(array.type):
        return _of_text(array, scale)
    if pa.types.is_decimal128(array.type) and array.type.precision <= _DIGITS_MAX:
        return _at_scale(_lower_words(array), (array.type.precision, array.type.scale), scale)
    if pa.types.is_signed_integer(array.type):
        return _at_scale(array.cast(pa.int64()).to_numpy(), (_INT64_DIGITS, 0), scale)
    return None


def text_of(array: Any) -> tuple[Bytes, Offsets]:
    """Return the characters of a text array without nulls, and where each text begins, with the end of the last."""
    _, offsets_buffer, text_buffer = array.buffers()
    offsets = np.frombuffer(offsets_buffer, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(text_buffer or b"", dtype=np.uint8)[offsets[0] : offsets[-1]]
    return text, offsets - offsets[0]


def _lower_words(decimals: Any) -> Ints:
    # A decimal128 is two little-endian words; up to 18 digits the lower one says it all.
    return np.frombuffer(decimals.buffers()[1], dtype="<i8")[2 * decimals.offset :][: 2 * len(decimals)][0::2]


def _at_scale(integers: Ints, declared: tuple[int, int], scale: int) -> Ints | None:
    precision, own = declared
    if own > scale:
        quotients, rests = np.divmod(integers, np.int64(10 ** (own - scale)))
        return None if rests.any() else quotients
    factor = 10 ** (scale - own)
    if 10**precision * factor > INT64_MAX and largest(integers) * factor > INT64_MAX:
        return None
    return integers.copy() if factor == 1 else integers * np.int64(factor)


def _of_text(array: Any, scale: int) -> Ints | None:
    """Read digits with at most one point between them and at most one leading minus."""
    text, offsets = text_of(array)
    # Of characters like these alone, Arrow still takes ".5" and "1."; a slash lies between them, but Arrow refuses it.
    if not len(text) or text.min() < _MINUS or text.max() > _NINE:
        return None
    try:
        decimals = _same_decimals(text, offsets)
        if decimals is not None and decimals <= _DIGITS_MAX:
            digits = pc.binary_replace_slice(array, -decimals - 1, -decimals, "") if decimals else array
            return _at_scale(digits.cast(pa.int64()).to_numpy(), (_INT64_DIGITS, decimals), scale)
        if _is_point_at_edge(text, offsets):
            return None
        return _lower_words(array.cast(pa.decimal128(_DIGITS_MAX, scale))).copy()
    except pa.ArrowInvalid:
        return None


def _same_decimals(text: Bytes, offsets: Offsets) -> int | None:
    """Return how many digits follow the point of every number, 0 where there is no point at all; else None."""
    first, points = text[: offsets[1]].tobytes(), np.count_nonzero(text == _POINT)
    if not points:
        return 0
    decimals = len(first) - 1 - first.rfind(b".")
    places = offsets[1:] - np.int32(decimals + 1)
    # As many points as numbers: if one has none at its place, another has two, of which Arrow refuses one. That takes
    # long, and so some are looked at before: where they are not alike it shows soon.
    if points != len(places) or (places <= offsets[:-1]).any() or (text.take(places[:_LOOKED_AT]) != _POINT).any():
        return None
    return decimals if text.min() > _MINUS or text.take(places - 1).min() >= _ZERO else None


def _is_point_at_edge(text: Bytes, offsets: Offsets) -> bool:
    """Say whether a number may begin or end with a point, or have nothing between its minus and a point."""
    starts, last = offsets[:-1], offsets[1:] - 1
    if (last < starts).any() or (text.take(starts) == _POINT).any() or (text.take(last) == _POINT).any():
        return True
    return bool(((text[:-1] == _MINUS) & (text[1:] == _POINT)).any())
