"""Numbers of usual form, taken as integers without a detour; whatever is unusual is left to slower, exact readers."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel.chunks import Ints
from prisma_batch.rating.kernel.entries import largest

_POINT, _MINUS, _SLASH, _ZERO, _NINE = b".-/09"
_DIGITS_MAX = 18  # more might leave 64 bits
_INT64_DIGITS = 19
_ROWS_AT_ONCE = 16_384  # what is worked on stays in a processor's cache
_DIGITS_READ_MAX = 24
# Of eight characters the last 0, 1, 2 … as digits: an ASCII digit is 0x30 and its value.
_LAST_DIGITS = np.array([0x0F0F0F0F0F0F0F0F >> 8 * (8 - n) << 8 * (8 - n) for n in range(9)], dtype=np.uint64)
_JOINS = tuple(
    (np.uint64(width), np.uint64(factor), np.uint64(kept))
    for width, factor, kept in ((8, 10, 0x00FF00FF00FF00FF), (16, 100, 0x0000FFFF0000FFFF), (32, 10_000, 0xFFFFFFFF))
)
_POWERS = 10 ** np.arange(_DIGITS_MAX + 1, dtype=np.int64)

Bytes = npt.NDArray[np.uint8]
Offsets = npt.NDArray[np.int32]
# Which numbers are negative, and how many digits follow each point: -1 without one.
Layout: TypeAlias = tuple[npt.NDArray[np.bool_], Ints]
Words = npt.NDArray[np.uint64]


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
    layout = _same_layout(text, starts, ends) or _layout(text, starts, ends)
    if layout is None or int(layout[1].max()) > scale:
        return None
    is_negative, decimals = layout
    places = np.maximum(decimals, 0)
    lengths = ends - starts - (decimals >= 0) - is_negative
    if int((lengths + scale - places).max()) > _DIGITS_MAX:
        return None
    whole_ends = ends - places - (decimals >= 0)
    integers: Ints = _number(text, whole_ends, lengths - places) * _POWERS[scale]
    integers += _number(text, ends, places) * _POWERS.take(scale - places)
    return np.negative(integers, out=integers, where=is_negative) if is_negative.any() else integers


def _same_layout(text: Bytes, starts: Offsets, ends: Offsets) -> Layout | None:
    """Return the layout of numbers with as many decimals as the first has, none of them negative; else None."""
    first = text[: ends[0]].tobytes()
    decimals = len(first) - 1 - first.rfind(b".")
    points, is_point = ends - (decimals + 1), text == _POINT
    if not decimals or (points <= starts).any() or not is_point[points].all():
        return None
    if np.count_nonzero(is_point) > len(ends) or not _are_between(text, _POINT, _NINE) or (text == _SLASH).any():
        return None
    return np.zeros(len(ends), dtype=np.bool_), np.full(len(ends), decimals)


def _layout(text: Bytes, starts: Offsets, ends: Offsets) -> Layout | None:
    if not _is_plain(text, starts, ends):
        return None
    is_negative = text[starts] == _MINUS
    decimals = _decimals(np.flatnonzero(text == _POINT), starts + is_negative, ends)
    return None if decimals is None else (is_negative, decimals)


def _is_plain(text: Bytes, starts: Offsets, ends: Offsets) -> bool:
    """Say whether all texts are of digits, points and minuses, end with a digit and have a minus only in front."""
    if (ends <= starts).any() or not _are_between(text, _MINUS, _NINE) or (text == _SLASH).any():
        return False
    if not _are_between(text[ends - 1], _ZERO, _NINE) or (text[starts] == _POINT).any():
        return False
    return bool(np.count_nonzero(text == _MINUS) == np.count_nonzero(text[starts] == _MINUS))


def _are_between(text: Bytes, first: int, last: int) -> bool:
    return bool(text.min() >= first and text.max() <= last)


def _decimals(points: Ints, digits_start: Offsets, ends: Offsets) -> npt.NDArray[np.int64] | None:
    """Return how many digits follow each text's point, -1 without one; None where a text has two or begins with one."""
    decimals = np.full(len(ends), -1, dtype=np.int64)
    if len(points) == len(ends) and (points > digits_start).all() and (points < ends).all():
        return ends - 1 - points
    rows = np.searchsorted(ends, points, side="right")
    if (np.diff(rows) == 0).any() or (points <= digits_start[rows]).any():
        return None
    decimals[rows] = ends[rows] - 1 - points
    return decimals


def _number(text: Bytes, ends: Ints, counts: Ints) -> Ints:
    """Return the number that so many digits before each end make: eight of them are read as one word."""
    padded = np.concatenate((np.zeros(_DIGITS_READ_MAX, dtype=np.uint8), text))
    # A word begins at every byte.
    words = np.ndarray((len(padded) - 7,), dtype="<u8", buffer=padded, strides=(1,))
    number = np.zeros(len(ends), dtype=np.int64)
    for read in range(0, int(counts.max()), 8):
        digits = words[ends + (_DIGITS_READ_MAX - 8 - read)] & _LAST_DIGITS.take(counts - read, mode="clip")
        number += _of_eight(digits).view(np.int64) * _POWERS[read]
    return number


def _of_eight(digits: Words) -> Words:
    """Return the number of eight digits, a byte each, the first of them the lowest: neighbours join, three times."""
    for width, factor, kept in _JOINS:
        digits = digits * factor + (digits >> width)
        digits &= kept
    return digits
