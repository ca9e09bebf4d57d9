"""Division of whole columns, rounded once: the counterpart of ``base.money.divide`` for arrays."""

from typing import Any, TypeAlias

import numpy as np

# int64 where it is proved to hold, else Python integers in an object array.
Integers: TypeAlias = Any


def divide_each(numerators: Integers, denominators: Integers, rounding: str) -> Integers:
    """Divide by positive integers and round each quotient once, mirror-symmetric."""
    magnitudes = abs(numerators)
    quotients = magnitudes // denominators
    if rounding != "down":
        twice = 2 * (magnitudes - quotients * denominators)
        goes_up = twice >= denominators
        if rounding == "half_even":
            goes_up &= (twice != denominators) | (quotients % 2 == 1)
        quotients = quotients + goes_up
    return np.where(numerators < 0, -quotients, quotients)
