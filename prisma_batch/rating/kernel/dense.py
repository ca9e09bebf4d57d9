"""Cells for every account and item that were met: rows are added in place, without sorting."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from prisma_batch.rating.kernel.chunks import Codes, Ints, Numbered
from prisma_batch.rating.kernel.entries import INTERVAL_BITS, Entries, of_sums, packed

Shape = tuple[int, int, int]
Number = TypeVar("Number", bound=np.generic)


class DenseCells:
    """Totals as int64 in a box of intervals × accounts × items, which grows; the caller proves that sums fit."""

    def __init__(self) -> None:
        self._shape: Shape = (0, 0, 0)
        self._starts: Ints = np.empty(0, dtype=np.int64)  # of each account's cells in the first interval
        self._sums: Ints = np.empty(0, dtype=np.int64)
        self._first: Ints = np.empty(0, dtype=np.int64)  # place of the first row of each cell that was seen
        self._seen: npt.NDArray[np.bool_] = np.empty(0, dtype=np.bool_)

    def room(self, sizes: Shape) -> int:
        """Return how many cells there have to be for so many intervals, accounts and items."""
        intervals, accounts, items = self._grown(sizes)
        return intervals * accounts * items

    def add(
        self,
        intervals: Codes | int,
        accounts: Numbered,
        items: Codes,
        quantities: Ints,
        places: tuple[int, Ints | None],
    ) -> None:
        """Add rows to their cells; ``places`` is that of the first row, with the distances from it if not 0, 1, 2."""
        cell = accounts.valued(self._starts)
        cell += items
        if self._shape[0] > 1:
            cell += np.int64(self._shape[1] * self._shape[2]) * intervals
        np.add.at(self._sums, cell, quantities)
        # No cell lies outside: wrapping only saves the check.
        fresh = np.flatnonzero(~self._seen.take(cell, mode="wrap"))
        if len(fresh):
            fresh = fresh[::-1]  # written backwards, the first row of a cell stays: that takes no sorting
            met = cell[fresh]
            self._first[met] = places[0] + (fresh if places[1] is None else places[1][fresh])
            self._seen[met] = True

    def fit(self, sizes: Shape) -> None:
        """Make room for so many intervals, accounts and items."""
        if all(size <= place for size, place in zip(sizes, self._shape, strict=True)):
            return
        old, new = self._shape, self._grown(sizes)
        self._sums, self._first = _enlarged(self._sums, old, new), _enlarged(self._first, old, new)
        self._seen = _enlarged(self._seen, old, new)
        self._starts = np.arange(new[1], dtype=np.int64) * new[2]
        self._shape = new

    def taken(self) -> Entries:
        """Return what was added, keys in no order."""
        cells = np.flatnonzero(self._seen)
        sums, first = self._sums.take(cells), self._first.take(cells)
        # A cell is row × items + item, and keys are linear in the item: no cell has to be divided.
        rows, width = np.arange(self._shape[0] * self._shape[1]), self._shape[2]
        intervals, accounts = np.divmod(rows, max(1, self._shape[1]))
        keys = np.repeat(packed(accounts, -width * rows, intervals), self._seen.reshape(len(rows), width).sum(axis=1))
        cells <<= INTERVAL_BITS
        keys += cells
        return of_sums(keys, sums, first)

    def _grown(self, sizes: Shape) -> Shape:
        # Once there are cells, an eighth more than needed: a few new accounts do not move all of them each time.
        first, second, third = (
            place if size <= place else size + place // 8 for size, place in zip(sizes, self._shape, strict=True)
        )
        return first, second, third


def _enlarged(box: npt.NDArray[Number], old: Shape, new: Shape) -> npt.NDArray[Number]:
    larger = np.zeros(new, dtype=box.dtype)
    larger[tuple(slice(0, size) for size in old)] = box.reshape(old)
    return larger.reshape(-1)
