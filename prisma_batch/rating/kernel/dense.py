"""Cells for every account and item that were met: rows are added in place, without sorting."""

import numpy as np
import numpy.typing as npt

from prisma_batch.rating.kernel.chunks import Codes, Ints
from prisma_batch.rating.kernel.entries import Entries, merged, of_sums, packed, unpacked

Shape = tuple[int, int, int]


class DenseCells:
    """Totals as int64 in a box of intervals × accounts × items, which grows; the caller proves that sums fit."""

    def __init__(self) -> None:
        self._shape: Shape = (0, 0, 0)
        self._sums: Ints = np.empty(0, dtype=np.int64)
        self._seen: npt.NDArray[np.bool_] = np.empty(0, dtype=np.bool_)
        self._row: Codes = np.empty(0, dtype=np.int32)  # of the chunk that is being added
        self._met: list[tuple[Ints, Ints]] = []  # keys in the order in which they were first met, and where

    def room(self, sizes: Shape) -> int:
        """Return how many cells there have to be for so many intervals, accounts and items."""
        intervals, accounts, items = self._grown(sizes)
        return intervals * accounts * items

    def add(
        self, intervals: Codes | int, accounts: Codes, items: Codes, quantities: Ints, places: tuple[int, Ints | None]
    ) -> None:
        """Add rows to their cells; ``places`` is that of the first row, with the distances from it if not 0, 1, 2."""
        # There are fewer cells than 2^31; indices are widened where they are used, block by block.
        cell = accounts * np.int32(self._shape[2])
        cell += items
        cell += np.int32(self._shape[1] * self._shape[2]) * intervals
        np.add.at(self._sums, cell, quantities)
        fresh = np.flatnonzero(~self._seen.take(cell))
        if len(fresh):
            met = cell[fresh]
            # Written backwards, so that the first row of a cell stays: that takes no sorting.
            self._row[met[::-1]] = fresh[::-1]
            is_first = self._row.take(met) == fresh
            met, rows = met[is_first], fresh[is_first]
            self._seen[met] = True
            self._met.append((self._keys(met), places[0] + (rows if places[1] is None else places[1][rows])))

    def fit(self, sizes: Shape) -> None:
        """Make room for so many intervals, accounts and items."""
        if all(size <= place for size, place in zip(sizes, self._shape, strict=True)):
            return
        old, new = self._shape, self._grown(sizes)
        corner = tuple(slice(0, size) for size in old)
        sums, seen = np.zeros(new, dtype=np.int64), np.zeros(new, dtype=np.bool_)
        sums[corner], seen[corner] = self._sums.reshape(old), self._seen.reshape(old)
        self._shape, self._sums, self._seen = new, sums.reshape(-1), seen.reshape(-1)
        self._row = np.empty(len(self._sums), dtype=np.int32)

    def taken(self) -> Entries:
        """Return what was added, keys in no order, and start anew."""
        if not self._met:
            return merged(())
        keys, first = (np.concatenate(column) for column in zip(*self._met, strict=True))
        accounts, items, intervals = unpacked(keys)
        sums = self._sums[(intervals * self._shape[1] + accounts) * self._shape[2] + items]
        self._sums[:], self._seen[:], self._met = 0, False, []
        return of_sums(keys, sums, first)

    def _keys(self, cells: Codes) -> Ints:
        rest, items = np.divmod(cells, self._shape[2])
        intervals, accounts = np.divmod(rest, self._shape[1])
        return packed(accounts, items, intervals)

    def _grown(self, sizes: Shape) -> Shape:
        # An eighth more than needed, so that a few new accounts do not move all cells each time.
        first, second, third = (
            place if size <= place else size + size // 8 for size, place in zip(sizes, self._shape, strict=True)
        )
        return first, second, third
