"""Adds chunks up, by month and, for the keys whose price depends on days, by day; combines what several added up."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel import entries
from prisma_batch.rating.kernel.books import Book, Interval, Item, ItemBook, day_codes, month_codes
from prisma_batch.rating.kernel.chunks import Codes, Ints, Numbered, UsageChunk
from prisma_batch.rating.kernel.dense import DenseCells
from prisma_batch.rating.kernel.entries import Entries

DENSE_CELLS_MAX = 6_000_000
_PENDING_MAX = 2_000_000
PLACE_BITS = 40

Key = tuple[str, str, str]
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True, slots=True)
class PartialTotals:
    """What some of the chunks add up to.

    ``entries`` are by position in ``accounts``, ``items`` and ``intervals``; ``rows`` counts the rows by part, program
    and first day of the month; ``control`` is the sum of all quantities by scale, added up apart from the cells.
    """

    accounts: tuple[str, ...]
    items: tuple[Item, ...]
    intervals: tuple[Interval, ...]
    entries: Entries
    rows: Mapping[tuple[int, str, int], int]
    control: Mapping[int, int]


def partial_totals(
    chunks: Iterable[UsageChunk], daily: AbstractSet[Key], dense_cells_max: int = DENSE_CELLS_MAX
) -> PartialTotals:
    """Add up chunks; which path a chunk takes, dense or sparse, never shows in the result.

    Args:
        chunks: any chunks of the input, each once, in any order.
        daily: account, program and SKU of the keys that are totalled by day.
        dense_cells_max: up to so many cells are kept for every account, item and interval.
    """
    totals = _Totals(daily, dense_cells_max)
    for chunk in chunks:
        if len(chunk.quantity_scaled):
            totals.add(chunk)
    return totals.partial()


def combined(partials: Sequence[PartialTotals]) -> PartialTotals:
    """Add up what several added up; positions are those of sorted texts, whatever the order of the parts was."""
    accounts = sorted({account for partial in partials for account in partial.accounts})
    items = sorted({item for partial in partials for item in partial.items})
    intervals = sorted({interval for partial in partials for interval in partial.intervals})
    control: Counter[int] = Counter()
    rows: Counter[tuple[int, str, int]] = Counter()
    for partial in partials:
        control.update(partial.control)
        rows.update(partial.rows)
    return PartialTotals(
        accounts=tuple(accounts),
        items=tuple(items),
        intervals=tuple(intervals),
        entries=entries.merged([_moved(partial, accounts, items, intervals) for partial in partials]),
        rows=dict(sorted(rows.items())),
        control=dict(control),
    )


def _moved(
    partial: PartialTotals, accounts: Sequence[str], items: Sequence[Item], intervals: Sequence[Interval]
) -> Entries:
    """Return entries by position in other lists, in no order."""
    if partial.accounts == tuple(accounts) and partial.items == tuple(items) and partial.intervals == tuple(intervals):
        return partial.entries
    codes = entries.unpacked(partial.entries.keys)
    moves = (_places(partial.accounts, accounts), _places(partial.items, items), _places(partial.intervals, intervals))
    keys = entries.packed(*(move.take(code) for move, code in zip(moves, codes, strict=True)))
    return partial.entries._replace(keys=keys)


def _places(values: Sequence[Value], among: Sequence[Value]) -> Ints:
    place = {value: number for number, value in enumerate(among)}
    return np.array([place[value] for value in values], dtype=np.int64)


class _Totals:
    def __init__(self, daily: AbstractSet[Key], dense_cells_max: int) -> None:
        self._accounts, self._items, self._intervals = Book[str](), ItemBook(), Book[Interval]()
        self._daily = _DailyKeys(daily)
        self._dense, self._dense_cells_max, self._bound, self._latest = DenseCells(), dense_cells_max, 0, -1
        self._sparse: list[Entries] = []
        self._rows: Counter[tuple[int, str, int]] = Counter()
        self._control: Counter[int] = Counter()

    def add(self, chunk: UsageChunk) -> None:
        accounts = Numbered(self._accounts.of_dictionary(chunk.account.distinct), chunk.account.codes)
        items = self._items.codes(chunk)
        months = month_codes(self._intervals, chunk.day)
        most = entries.largest(chunk.quantity_scaled)
        self._control[chunk.scale] += entries.exact_sum(chunk.quantity_scaled, most)
        self._count(chunk, months)
        place = (chunk.part << PLACE_BITS) + chunk.first_row
        by_day = self._daily.rows(self._accounts, self._items, accounts, items)
        if by_day is None:
            self._add_months((months, accounts, items), (chunk.quantity_scaled, most), (place, None))
            return
        rows = np.flatnonzero(by_day)
        days = day_codes(self._intervals, chunk.day)
        keys = entries.packed(accounts.at(rows), items[rows], days[rows])
        self._add_sparse(entries.of_rows(keys, chunk.quantity_scaled[rows], place + rows))
        rest = np.flatnonzero(~by_day)
        months = months if isinstance(months, int) else months[rest]
        if len(rest):
            accounts = Numbered(accounts.numbers, accounts.codes[rest])
            self._add_months((months, accounts, items[rest]), (chunk.quantity_scaled[rest], most), (place, rest))

    def partial(self) -> PartialTotals:
        return PartialTotals(
            accounts=tuple(self._accounts.numbers),
            items=tuple(self._items.numbers),
            intervals=tuple(self._intervals.numbers),
            entries=entries.merged([self._dense.taken(), *self._sparse]) if self._sparse else self._dense.taken(),
            rows=dict(self._rows),
            control=dict(self._control),
        )

    def _add_months(
        self, codes: tuple[Codes | int, Numbered, Codes], measured: tuple[Ints, int], places: tuple[int, Ints | None]
    ) -> None:
        """Add rows; ``measured`` are the quantities and what none of them exceeds."""
        quantities, most = measured
        sizes = (len(self._intervals), len(self._accounts), len(self._items))
        entries.check_sizes(sizes[1], sizes[2], sizes[0])
        bound = most * len(quantities)
        if self._dense.room(sizes) > self._dense_cells_max or bound > INT64_MAX:
            rows = np.arange(len(quantities), dtype=np.int64) if places[1] is None else places[1]
            intervals, accounts, items = codes
            keys = entries.packed(accounts.at(slice(None)), items, intervals)
            self._add_sparse(entries.of_rows(keys, quantities, places[0] + rows))
            return
        # No sum of cells can leave 64 bits, and the first row met is the first: else what there is is put aside.
        if self._bound + bound > INT64_MAX or places[0] < self._latest:
            self._add_sparse(self._dense.taken())
            self._dense, self._bound = DenseCells(), 0
        self._bound, self._latest = self._bound + bound, places[0]
        self._dense.fit(sizes)
        self._dense.add(*codes, quantities, places)

    def _add_sparse(self, added: Entries) -> None:
        self._sparse.append(added)
        if len(self._sparse) > 1 and sum(len(each.keys) for each in self._sparse[1:]) > max(
            _PENDING_MAX, len(self._sparse[0].keys)
        ):
            self._sparse = [entries.merged(self._sparse)]

    def _count(self, chunk: UsageChunk, months: Codes | int) -> None:
        programs, intervals = chunk.program.distinct, tuple(self._intervals.numbers)
        if len(programs) == 1 and isinstance(months, int):
            self._rows[chunk.part, programs[0], intervals[months].first_day] += len(chunk.quantity_scaled)
            return
        counts = np.bincount(chunk.program.codes.astype(np.int64) * len(intervals) + months)
        for pair in np.flatnonzero(counts).tolist():
            program, interval = divmod(pair, len(intervals))
            self._rows[chunk.part, programs[program], intervals[interval].first_day] += int(counts[pair])


class _DailyKeys:
    """Which rows are totalled by day."""

    def __init__(self, keys: AbstractSet[Key]) -> None:
        self._keys = keys
        self._known = (0, 0)
        self._by_account = self._by_item = np.empty(0, dtype=np.bool_)
        self._pairs: Ints = np.empty(0, dtype=np.int64)

    def rows(
        self, accounts: Book[str], items: Book[Item], account_codes: Numbered, item_codes: Codes
    ) -> npt.NDArray[np.bool_] | None:
        """Return a mask of the rows, or None where there are none."""
        if not self._keys:
            return None
        if self._known != (len(accounts), len(items)):
            self._learn(accounts, items)
        by_day: npt.NDArray[np.bool_] = account_codes.valued(self._by_account) & self._by_item.take(item_codes)
        maybe = np.flatnonzero(by_day)
        if not len(maybe):
            return None
        by_day[maybe] = np.isin(entries.packed(account_codes.at(maybe), item_codes[maybe], 0), self._pairs)
        return by_day if by_day.any() else None

    def _learn(self, accounts: Book[str], items: Book[Item]) -> None:
        numbers: dict[tuple[str, str], list[int]] = {}
        for item, number in items.numbers.items():
            numbers.setdefault((item.program, item.sku), []).append(number)
        pairs = [
            (accounts.numbers[account], number)
            for account, program, sku in self._keys
            if account in accounts.numbers
            for number in numbers.get((program, sku), ())
        ]
        both = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        self._known = (len(accounts), len(items))
        self._by_account, self._by_item = np.zeros(len(accounts), dtype=np.bool_), np.zeros(len(items), dtype=np.bool_)
        self._by_account[both[:, 0]] = self._by_item[both[:, 1]] = True
        self._pairs = entries.packed(both[:, 0], both[:, 1], 0)
