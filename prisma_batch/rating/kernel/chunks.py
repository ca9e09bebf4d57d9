"""What readers hand to the kernel: columns as codes, quantities as integers."""

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Codes: TypeAlias = npt.NDArray[np.int32]
Ints: TypeAlias = npt.NDArray[np.int64]
Value = TypeVar("Value", bound=np.generic)


class Numbered(NamedTuple):
    """A column of codes whose texts have numbers: that of row i is ``numbers[codes[i]]``."""

    numbers: Codes
    codes: Codes

    def at(self, rows: Any) -> Codes:
        """Return the numbers of some rows."""
        found: Codes = self.numbers.take(self.codes[rows])
        return found

    def valued(self, values: npt.NDArray[Value]) -> npt.NDArray[Value]:
        """Return in each row the value of its number; few texts and many rows: each text is looked up once."""
        return values.take(self.numbers).take(self.codes)


@dataclass(frozen=True, kw_only=True, slots=True)
class Coded:
    """A text column: ``distinct[codes[i]]`` is the text of row i. A value may occur in no row."""

    codes: Codes
    distinct: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CodedDays:
    """A column of days: ``distinct[codes[i]]`` is the day of row i, in days since 1970."""

    codes: Codes
    distinct: Codes


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageChunk:
    """Rows that follow one another in one part of the input, quantities at one scale.

    ``part`` numbers the parts of the whole input (files in order, then places in the file); ``first_row`` counts from 0
    within the part.
    """

    part: int
    first_row: int
    account: Coded
    program: Coded
    sku: Coded
    unit: Coded
    day: CodedDays
    quantity_scaled: Ints
    scale: int
