"""What readers hand to the kernel: columns as codes, quantities as integers."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Codes: TypeAlias = npt.NDArray[np.int32]
Ints: TypeAlias = npt.NDArray[np.int64]


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
