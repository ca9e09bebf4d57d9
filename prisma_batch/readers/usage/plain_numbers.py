"""Numbers of usual form, taken as integers without a detour; whatever is unusual is left to slower, exact readers."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel.chunks import Ints
from prisma_batch.rating.kernel.entries import largest

_POINT, _MINUS, _SLASH, _ZERO, _NINE = b".-/09"
_DIGITS_MAX = 18  # more might leave 64 bits
_INT64_DIGITS = 19
_ROWS_AT_ONCE = 16_384  # what is worked on stays in a processor's cache
_POWERS = 10 ** np.arange(_DIGITS_MAX + 1, dtype=np.int64)

Bytes = npt.NDArray[np.uint8]


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
        return _of_texts(array, scale)
    if pa.types.is_decimal128(array.type) and array.type.precision <= _DIGITS_MAX:
        # A decimal128 is two little-endian words; up to 18 digits the lower one says it all.
        words = np.frombuffer(array.buffers()[1], dtype="<i8")[2 * array.offset :][: 2 * len(array)]
        return _at_scale(words[0::2], (array.type.precision, array.type.scale), scale)
    if pa.types.is_signed_integer(array.type):
        return _at_scale(array.cast(pa.int64()).to_numpy(), (_INT64_DIGITS, 0), scale)
    return None


def _at_scale(integers: Ints, declared: tuple[int, int], scale: int) -> Ints | None:
    precision, own = declared
    if own > scale:
        quotients, rests = np.divmod(integers, np.int64(10 ** (own - scale)))
        return None if rests.any() else quotients
    factor = 10 ** (scale - own)
    if 10**precision * factor > INT64_MAX and largest(integers) * factor > INT64_MAX:
        return None
    return integers.copy() if factor == 1 else integers * np.int64(factor)


def _of_texts(array: Any, scale: int) -> Ints | None:
    integers = np.empty(len(array), dtype=np.int64)
    for start in range(0, len(array), _ROWS_AT_ONCE):
        part = _of_text(array[start : start + _ROWS_AT_ONCE], scale)
        if part is None:
            return None
        integers[start : start + len(part)] = part
    return integers


def _of_text(array: Any, scale: int) -> Ints | None:
    """Read digits with at most one point and at most one leading minus."""
    _, offsets_buffer, text_buffer = array.buffers()
    if text_buffer is None:
        return None
    offsets = np.frombuffer(offsets_buffer, dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    text = np.frombuffer(text_buffer, dtype=np.uint8)[offsets[0] : offsets[-1]]
    starts, ends = offsets[:-1] - offsets[0], offsets[1:] - offsets[0]
    if not _is_plain(text, starts, ends):
        return None
    is_negative = text[starts] == _MINUS
    points = np.flatnonzero(text == _POINT)
    decimals = _decimals(points, starts + is_negative, ends)
    if decimals is None or int(decimals.max(initial=0)) > scale:
        return None
    has_point = decimals >= 0
    lengths = ends - starts - has_point - is_negative
    missing = scale - np.maximum(decimals, 0)
    if int((lengths + missing).max()) > _DIGITS_MAX:
        return None
    integers = _joined_digits(text, lengths) * _POWERS.take(missing)
    return np.negative(integers, out=integers, where=is_negative) if is_negative.any() else integers


def _is_plain(text: Bytes, starts: npt.NDArray[np.int32], ends: npt.NDArray[np.int32]) -> bool:
    """Say whether all texts are of digits, points and minuses, end with a digit and have a minus only in front."""
    if (ends <= starts).any() or not _are_between(text, _MINUS, _NINE) or (text == _SLASH).any():
        return False
    if not _are_between(text[ends - 1], _ZERO, _NINE) or (text[starts] == _POINT).any():
        return False
    return int((text == _MINUS).sum()) == int((text[starts] == _MINUS).sum())


def _are_between(text: Bytes, first: int, last: int) -> bool:
    return bool(text.min() >= first and text.max() <= last)


def _decimals(
    points: Ints, digits_start: npt.NDArray[np.int32], ends: npt.NDArray[np.int32]
) -> npt.NDArray[np.int64] | None:
    """Return how many digits follow each text's point, -1 without one; None where a text has two or begins with one."""
    decimals = np.full(len(ends), -1, dtype=np.int64)
    if len(points) == len(ends) and (points > digits_start).all() and (points < ends).all():
        return ends - 1 - points
    rows = np.searchsorted(ends, points, side="right")
    if (np.diff(rows) == 0).any() or (points <= digits_start[rows]).any():
        return None
    decimals[rows] = ends[rows] - 1 - points
    return decimals


def _joined_digits(text: Bytes, lengths: npt.NDArray[np.int64]) -> Ints:
    digits = text[text >= _ZERO]
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    joined = pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(digits))
    integers: Ints = pc.cast(joined, pa.int64()).to_numpy()
    return integers
