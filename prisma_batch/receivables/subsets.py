"""Which of some amounts add up to a sum: counted, so that only the one possible answer is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Sums: TypeAlias = NDArray[np.int64]

MOST_ITEMS = 24
_MOST_IN_TABLE = 12
# One accidental answer in so many questions: of n amounts there are 2^n sums, and they spread over their total.
_RARITY = 1000


@dataclass(frozen=True, slots=True)
class SubsetSums:
    """The sums of all subsets of up to 24 amounts; bits of codes are positions.

    Few amounts have a table of the sums that only one subset has; of more, each half is kept and searched.
    """

    count: int
    codes: Mapping[int, int]
    low: Sums
    high: Sums
    order: Sums

    @classmethod
    def of(cls, amounts: Sequence[int]) -> "SubsetSums":
        """Prepare to search among amounts whose absolute sum stays within int64."""
        half = len(amounts) // 2
        low, high = _all_sums(amounts[:half]), _all_sums(amounts[half:])
        order = np.argsort(high, kind="stable")
        codes = _unique_codes(amounts) if len(amounts) <= _MOST_IN_TABLE else {}
        return cls(len(amounts), codes, low, high[order], order)

    def only(self, target: int) -> tuple[int, ...]:
        """Return the positions of the only subset with this sum; nothing where there is none, or another one."""
        code = self.codes.get(target, 0) if self.count <= _MOST_IN_TABLE else self._searched(target)
        return tuple(position for position in range(self.count) if code >> position & 1)

    def _searched(self, target: int) -> int:
        wanted = target - self.low
        first = np.searchsorted(self.high, wanted, "left")
        counts = np.searchsorted(self.high, wanted, "right") - first
        if int(counts.sum()) != 1:
            return 0
        at = int(counts.argmax())
        return at | int(self.order[first[at]]) << (self.count // 2)


def can_tell(amounts: Sequence[int]) -> bool:
    """Say whether a sum found among amounts is hardly an accident: there are far fewer subsets than possible sums."""
    if not 1 < len(amounts) <= MOST_ITEMS:
        return False
    step = gcd(*amounts)
    return step > 0 and 2 ** len(amounts) * _RARITY <= sum(map(abs, amounts)) // step


def _all_sums(amounts: Sequence[int]) -> Sums:
    sums = np.zeros(1, dtype=np.int64)
    for amount in amounts:
        sums = np.concatenate([sums, sums + amount])
    return sums


def _unique_codes(amounts: Sequence[int]) -> dict[int, int]:
    sums, codes, counts = np.unique(_all_sums(amounts), return_index=True, return_counts=True)
    alone = counts == 1
    return dict(zip(sums[alone].tolist(), codes[alone].tolist(), strict=True))
