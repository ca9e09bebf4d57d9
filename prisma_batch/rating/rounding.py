"""Division of whole columns, rounded once: the counterpart of ``base.money.divide`` for arrays."""

from typing import Any, TypeAlias

import numpy as np

# int64 where it is proved to hold, else Python integers in an object array.
Integers: TypeAlias = Any


def divide_each(numerators: Integers, denominators: Integers, rounding: str) -> Integers:
    """Divide by positive integers and round each quotient once, mirror-symmetric."""
    quotients, twice = abs(numerators) // denominators, 2 * (abs(numerators) % denominators)
    if rounding != "down":
        half_goes_up = (quotients % 2 == 1) | (rounding == "half_up")
        quotients = quotients + ((twice > denominators) | ((twice == denominators) & half_goes_up))
    return np.where(numerators < 0, -quotients, quotients)
