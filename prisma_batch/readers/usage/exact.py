"""Exact numbers and days from cells, column by column: text to decimal to integer, never through a float."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.rating.kernel.chunks import CodedDays, Ints
from prisma_batch.readers.csv_text import Refusal
from prisma_batch.readers.usage.cells import Cells, Mask
from prisma_batch.readers.usage.iso_days import days_of_a_month, iso_day
from prisma_batch.readers.usage.plain_numbers import plain_integers

EMPTY = Refusal("empty-cell", "the cell is empty", "fill it in at the source")
NOT_A_NUMBER = Refusal(
    "not-a-number",
    "not a plain decimal number",
    "write digits with a point, or as the layout of the file says: no thousands separators, plus signs or exponents",
)
TOO_LARGE = Refusal("number-too-large", "the number is too large", "check the unit; split the row")
NOT_A_DATE = Refusal("not-a-date", "not a calendar day", "write it as YYYY-MM-DD, or as the layout of the file says")

_EPOCH = date(1970, 1, 1)
_FIRST_DAY, _LAST_DAY = (date.min - _EPOCH).days, (date.max - _EPOCH).days
_DAYS_LISTED_MAX = 4000
_SAME_DAY = pa.dictionary(pa.int32(), pa.date32())
_WIDE = pa.decimal128(38, QUANTITY_SCALE_MAX)
_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_TOO_MANY_DIGITS = r"^-?0*[1-9][0-9]{26,}"  # 38 digits hold 26 before the point and 12 behind it
_EXPONENT = re.compile(r"-?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,3}")
_ISO_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})?")


def too_fine(scale: int, what: str = "number") -> Refusal:
    """Return the refusal of numbers with more decimals than their scale."""
    return Refusal(
        f"{what}-too-fine", f"finer than {scale} decimals", "export it with fewer decimals; nothing is rounded"
    )


def decimals(cells: Cells, column: str, *, empty_is_zero: bool = False) -> Any:
    """Return a column as decimals at scale 12; refused cells become 0 and a finding."""
    array = cells.number(column)
    if not pa.types.is_string(array.type):
        return _typed_decimals(cells, column, array, empty_is_zero)
    return _text_decimals(cells, column, pc.if_else(pc.equal(array, ""), "0", array) if empty_is_zero else array)


def without_exponents(array: Any) -> Any:
    """Return a column in which ``9.98E-7`` is written ``0.000000998``; one that is not text is returned as it is."""
    if not pa.types.is_string(array.type) or not pc.any(pc.match_substring_regex(array, "[eE]")).as_py():
        return array
    encoded = array.dictionary_encode()
    return pa.array([_plain(text) for text in encoded.dictionary.to_pylist()], pa.string()).take(encoded.indices)


def _plain(text: str) -> str:
    return f"{Decimal(text):f}" if _EXPONENT.fullmatch(text) else text


def integers(cells: Cells, column: str, scale: int) -> Ints:
    """Return a column as integers at a scale, refusing what is no number, finer, or leaves 64 bits."""
    found = plain_integers(cells.number(column), scale)
    return scaled(cells, column, decimals(cells, column), scale) if found is None else found


def significant_scale(numbers: Any, scales: tuple[int, ...]) -> int:
    """Return the first of the scales that holds every number exactly, else the last."""
    return next((scale for scale in scales if not _lost(numbers, scale).any()), scales[-1])


def scaled(cells: Cells, column: str, numbers: Any, scale: int) -> Ints:
    """Return decimals as integers at a scale, refusing what is finer or leaves 64 bits."""
    cells.refuse(column, _lost(numbers, scale), too_fine(scale, "quantity"))
    low, high = _halves(_at_scale(numbers, scale))
    integers = low.view(np.int64)
    cells.refuse(column, (high != integers >> 63) | (integers == np.iinfo(np.int64).min), TOO_LARGE)
    return integers


def exact_sums(numbers: Any, codes: Ints, groups: int) -> list[int]:
    """Add decimals at scale 12 by group, exactly: 32-bit limbs are added as int64 and joined as Python integers."""
    low, high = _halves(numbers)
    mask = 0xFFFFFFFF
    limbs = (low & np.uint64(mask), low >> np.uint64(32), high & mask, high >> 32)
    totals = [0] * groups
    for place, limb in enumerate(limbs):
        sums = np.zeros(groups, dtype=np.int64)
        np.add.at(sums, codes, limb.astype(np.int64))
        totals = [total + (int(part) << 32 * place) for total, part in zip(totals, sums, strict=True)]
    return totals


def days(cells: Cells, column: str, parse: Callable[[str], date | None]) -> CodedDays:
    """Return a column as days, each distinct text parsed once; a refused cell is a finding."""
    array = cells.arrays.get(column)
    if array is not None and pa.types.is_date32(array.type):
        return _typed_days(cells, column, array)
    if array is not None and array.type == _SAME_DAY:
        return CodedDays(codes=array.indices.to_numpy(), distinct=array.dictionary.view(pa.int32()).to_numpy())
    if array is not None and parse in (iso_day, utc_day) and (found := days_of_a_month(array)):
        return found
    coded = cells.text(column)
    parsed = [parse(text) for text in coded.distinct]
    wrong = np.array([day is None for day in parsed], dtype=np.bool_)
    if wrong.any():
        cells.refuse(column, wrong.take(coded.codes), NOT_A_DATE)
    values = [(day - _EPOCH).days if day else 0 for day in parsed]
    return CodedDays(codes=coded.codes, distinct=np.array(values, dtype=np.int32))


def _typed_days(cells: Cells, column: str, array: Any) -> CodedDays:
    if array.null_count:
        cells.refuse(column, mask_of(pc.is_null(array)), NOT_A_DATE)
        array = pc.fill_null(array, _EPOCH)
    values = array.cast(pa.int32()).to_numpy(zero_copy_only=False)
    first, last = int(values.min(initial=_LAST_DAY)), int(values.max(initial=_FIRST_DAY))
    if first < _FIRST_DAY or last > _LAST_DAY:
        wrong = (values < _FIRST_DAY) | (values > _LAST_DAY)
        cells.refuse(column, wrong, NOT_A_DATE)
        return CodedDays(codes=np.zeros(len(values), dtype=np.int32), distinct=np.zeros(1, dtype=np.int32))
    if last - first > _DAYS_LISTED_MAX:
        distinct, places = np.unique_inverse(values)
        return CodedDays(codes=places.astype(np.int32), distinct=distinct)
    return CodedDays(codes=values - np.int32(first), distinct=np.arange(first, last + 1, dtype=np.int32))


def utc_day(text: str) -> date | None:
    """Read the day of an ISO date or date-time in UTC; None for anything else, other offsets included."""
    if not _ISO_TIME.fullmatch(text):
        return iso_day(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.date() if not moment.utcoffset() or moment.utcoffset() == timedelta(0) else None


def mask_of(array: Any) -> Mask:
    """Return a Boolean Arrow array without nulls as a numpy mask."""
    mask: Mask = array.to_numpy(zero_copy_only=False).astype(np.bool_)
    return mask


def _typed_decimals(cells: Cells, column: str, array: Any, empty_is_zero: bool) -> Any:
    if not empty_is_zero:
        cells.refuse(column, mask_of(pc.is_null(array)), EMPTY)
    try:
        return pc.fill_null(array.cast(_WIDE), 0)
    except pa.ArrowInvalid:
        cells.found.refuse(column, [1], TOO_LARGE)
        return pa.array([0] * len(array), _WIDE)


def _text_decimals(cells: Cells, column: str, text: Any) -> Any:
    wrong = ~mask_of(pc.match_substring_regex(text, _NUMBER))
    large = ~wrong & mask_of(pc.match_substring_regex(text, _TOO_MANY_DIGITS))
    fine = ~wrong & mask_of(pc.match_substring_regex(text, rf"\.[0-9]{{{QUANTITY_SCALE_MAX}}}[0-9]*[1-9]"))
    empty = mask_of(pc.equal(text, ""))
    cells.refuse(column, empty, EMPTY)
    cells.refuse(column, wrong & ~empty, NOT_A_NUMBER)
    cells.refuse(column, large, TOO_LARGE)
    cells.refuse(column, fine & ~large, too_fine(QUANTITY_SCALE_MAX, "quantity"))
    usable = pc.if_else(pa.array(wrong | large | fine), "0", text)
    # Zeros beyond the twelfth decimal say nothing, but would not fit into 38 digits.
    short = pc.replace_substring_regex(usable, rf"(\.[0-9]{{{QUANTITY_SCALE_MAX}}})0+$", r"\1")
    return short.cast(_WIDE)


def _at_scale(numbers: Any, scale: int) -> Any:
    return pc.cast(numbers, pa.decimal128(38, scale), safe=False)


def _lost(numbers: Any, scale: int) -> Mask:
    return mask_of(pc.not_equal(_at_scale(numbers, scale).cast(_WIDE), numbers))


def _halves(numbers: Any) -> tuple[npt.NDArray[np.uint64], Ints]:
    # Arrow stores a decimal128 as two little-endian 64-bit words, the lower one first.
    words = np.frombuffer(numbers.buffers()[1], dtype="<u8")[2 * numbers.offset :][: 2 * len(numbers)]
    return words[0::2].copy(), words[1::2].copy().view(np.int64)
