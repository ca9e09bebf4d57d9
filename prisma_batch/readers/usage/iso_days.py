"""Days as ISO writes them: one text, or a column whose days lie in one month, read without a look at each text."""

import re
from calendar import monthrange
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from prisma_batch.rating.kernel.chunks import CodedDays
from prisma_batch.readers.usage.plain_numbers import text_of

_EPOCH = date(1970, 1, 1)
_DAY, _MONTH = len("2026-10-01"), len("2026-10-")
_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def iso_day(text: str) -> date | None:
    """Read ``YYYY-MM-DD``; None for anything else."""
    if not _ISO_DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def days_of_a_month(array: Any) -> CodedDays | None:
    """Return days of one month, which may occur or not; None where another text is among them.

    Args:
        array: an Arrow array of any type.
    """
    if not pa.types.is_string(array.type) or array.null_count:
        return None
    text, offsets = text_of(array)
    first = iso_day(text[:_MONTH].tobytes().decode("ascii", "replace") + "01")
    if first is None or (np.diff(offsets) != _DAY).any():
        return None
    months = np.ndarray(len(array), dtype="<u8", buffer=text, strides=(_DAY,))
    # What is no digit becomes more than 9: there is no sign to fall below 0.
    tens, ones = (text[place::_DAY] - np.uint8(ord("0")) for place in (_MONTH, _MONTH + 1))
    days = tens * np.uint8(10) + ones
    length = monthrange(first.year, first.month)[1]
    if (months != months[0]).any() or tens.max() > 3 or ones.max() > 9 or days.min() < 1 or days.max() > length:
        return None
    codes = days.astype(np.int32)
    codes -= 1
    day = (first - _EPOCH).days
    return CodedDays(codes=codes, distinct=np.arange(day, day + length, dtype=np.int32))
