"""Numbers for the texts of chunks: accounts, items and intervals, in the order in which they are met."""

from collections.abc import Iterable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from prisma_batch.rating.kernel.chunks import CodedDays, Codes, UsageChunk

_TABLE_MAX = 1 << 22
_UNKNOWN = -1


class Item(NamedTuple):
    """What is used: of which program, in which unit, and at which scale its quantities are."""

    program: str
    sku: str
    unit: str
    scale: int


class Interval(NamedTuple):
    """A whole month or one day, in days since 1970, both days included."""

    first_day: int
    last_day: int


Value = TypeVar("Value", str, Item, Interval)


class _Numbers(dict[Value, int]):
    """A value that is asked for gets the next number: looked up without a line of Python for each."""

    def __missing__(self, value: Value) -> int:
        number = self[value] = len(self)
        return number


class Book(Generic[Value]):
    """Gives each value a number, and keeps it."""

    def __init__(self) -> None:
        self.numbers: dict[Value, int] = _Numbers()
        self._last: tuple[Sequence[Value], Codes] | None = None

    def __len__(self) -> int:
        return len(self.numbers)

    def numbered(self, values: Iterable[Value]) -> Codes:
        """Return the numbers of values."""
        if not self.numbers:
            # Those that are met first, often all of them, get numbers in their order: then totals need no sorting.
            values = tuple(values)
            for value in sorted(set(values)):
                self.numbers[value] = len(self.numbers)
        return np.fromiter(map(self.numbers.__getitem__, values), dtype=np.int32)

    def of_dictionary(self, values: Sequence[Value]) -> Codes:
        """Return the numbers of a dictionary; readers hand over the same object while it stays the same."""
        if self._last is None or self._last[0] is not values:
            self._last = (values, self.numbered(values))
        return self._last[1]


class ItemBook(Book[Item]):
    """Numbers the combinations of program, SKU and unit that occur; a table of them is kept from chunk to chunk."""

    def __init__(self) -> None:
        super().__init__()
        self._table = np.empty(0, dtype=np.int32)
        self._of: tuple[object, ...] = ()

    def codes(self, chunk: UsageChunk) -> Codes:
        """Return the number of each row's item."""
        columns = (chunk.program, chunk.sku, chunk.unit)
        size = len(chunk.program.distinct) * len(chunk.sku.distinct) * len(chunk.unit.distinct)
        folded = _folded(chunk, size)
        if size > _TABLE_MAX:
            distinct, places = np.unique_inverse(folded)
            return self._numbers_of(distinct, chunk)[places]
        of = (*(column.distinct for column in columns), chunk.scale)
        if len(self._of) != len(of) or any(old is not new for old, new in zip(self._of, of, strict=True)):
            self._of, self._table = of, np.full(size, _UNKNOWN, dtype=np.int32)
        codes: Codes = self._table.take(folded)
        if codes.min(initial=0) == _UNKNOWN:
            occurs = np.zeros(size, dtype=np.bool_)
            occurs[folded] = True
            missing = np.flatnonzero(occurs & (self._table == _UNKNOWN))
            self._table[missing] = self._numbers_of(missing, chunk)
            codes = self._table.take(folded)
        return codes

    def _numbers_of(self, folded: npt.NDArray[np.integer], chunk: UsageChunk) -> Codes:
        rest, units = np.divmod(folded, len(chunk.unit.distinct))
        programs, skus = np.divmod(rest, len(chunk.sku.distinct))
        triples = zip(programs.tolist(), skus.tolist(), units.tolist(), strict=True)
        return self.numbered(
            Item(chunk.program.distinct[p], chunk.sku.distinct[s], chunk.unit.distinct[u], chunk.scale)
            for p, s, u in triples
        )


def month_codes(book: Book[Interval], day: CodedDays) -> Codes | int:
    """Return the number of each row's month, or one number where all rows lie in one month."""
    if month_interval(int(day.distinct.min())) == (month := month_interval(int(day.distinct.max()))):
        return int(book.numbered([month])[0])
    return book.numbered(map(month_interval, day.distinct.tolist())).take(day.codes)


def day_codes(book: Book[Interval], day: CodedDays) -> Codes:
    """Return the number of each row's day."""
    return book.numbered(Interval(value, value) for value in day.distinct.tolist()).take(day.codes)


def month_interval(day: int) -> Interval:
    """Return the month that a day lies in."""
    month = np.datetime64(day, "D").astype("datetime64[M]")
    first, after = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]")
    return Interval(int(first.astype(np.int64)), int(after.astype(np.int64)) - 1)


def _folded(chunk: UsageChunk, size: int) -> npt.NDArray[np.integer]:
    """Return one number per combination of program, SKU and unit."""
    if len(chunk.program.distinct) == len(chunk.unit.distinct) == 1:
        return chunk.sku.codes
    width = np.int32 if size <= np.iinfo(np.int32).max else np.int64
    folded: npt.NDArray[np.integer] = chunk.program.codes.astype(width)
    folded *= len(chunk.sku.distinct)
    folded += chunk.sku.codes
    folded *= len(chunk.unit.distinct)
    folded += chunk.unit.codes
    return folded
