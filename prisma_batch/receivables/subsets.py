"""Which of some amounts add up to a sum: counted, so that only the one possible answer is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

MOST_ITEMS = 24
# One accidental answer in so many questions: of n amounts there are 2^n sums, and they spread over their total.
_RARITY = 1000
_SEVERAL = -1
_SAFE = 2**61  # three of them fit into 64 bits
_PAIRS_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class SubsetSums:
    """The sums of all subsets of up to 24 amounts, in two halves of at most 4,096: a question asks every pair of them.

    ``high`` has the subset of each sum of the second half, as bits by position; a sum of several subsets is marked.
    """

    count: int
    low: Sequence[int]
    high: Mapping[int, int]

    @classmethod
    def of(cls, amounts: Sequence[int]) -> "SubsetSums":
        """Prepare to search among amounts."""
        half = len(amounts) // 2
        high: dict[int, int] = {}
        for code, total in enumerate(_all_sums(amounts[half:])):
            high[total] = _SEVERAL if total in high else code
        return cls(len(amounts), _all_sums(amounts[:half]), high)

    def only(self, target: int) -> tuple[int, ...]:
        """Return the positions of the only subset with this sum; nothing where there is none, or another one."""
        found, high = 0, self.high
        for code, total in enumerate(self.low):
            rest = high.get(target - total)
            if rest is not None:
                if found or rest == _SEVERAL:
                    return ()
                found = code | rest << (self.count // 2)
        return tuple(position for position in range(self.count) if found >> position & 1) if found else ()

    def can_be(self, targets: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say which of some sums can perhaps be made, in whichever and however many ways."""
        if max(*map(abs, self.low), *map(abs, self.high), int(targets.max())) > _SAFE:
            return np.ones(len(targets), dtype=bool)
        low, high = np.array(self.low), np.sort(np.fromiter(self.high, np.int64))
        found = np.zeros(len(targets), dtype=bool)
        step = max(1, _PAIRS_AT_ONCE // len(low))
        for start in range(0, len(targets), step):
            rests = np.subtract.outer(targets[start : start + step], low)
            places = np.searchsorted(high, rests).clip(max=len(high) - 1)
            found[start : start + step] = (high[places] == rests).any(axis=1)
        return found


def can_tell(amounts: Sequence[int]) -> bool:
    """Say whether a sum found among amounts is hardly an accident: there are far fewer subsets than possible sums."""
    if not 1 < len(amounts) <= MOST_ITEMS:
        return False
    step = gcd(*amounts)
    return step > 0 and 2 ** len(amounts) * _RARITY <= sum(map(abs, amounts)) // step


def _all_sums(amounts: Sequence[int]) -> list[int]:
    sums = [0]
    for amount in amounts:
        sums += [total + amount for total in sums]
    return sums
