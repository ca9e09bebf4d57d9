"""Totals by key as sorted arrays, and how they are added: exactly, in any order."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.kernel.chunks import Ints

# A key is account, item and interval as numbers, side by side in 63 bits: keys sort as the table they become.
ACCOUNT_BITS, ITEM_BITS, INTERVAL_BITS = 24, 24, 15
_LOW_BITS = 32
_LOW_MASK = (1 << _LOW_BITS) - 1


Numbers: TypeAlias = npt.NDArray[np.signedinteger]


class Entries(NamedTuple):
    """A total per key; keys are distinct, and ascending where entries were merged.

    A total is ``high`` × 2^32 + ``low``: either high is 0, or 0 ≤ low < 2^32, as it is before totals are added, which
    so do not leave 64 bits. ``first`` is the place of the first row: part × 2^40 + row.
    """

    keys: Ints
    low: Ints
    high: Ints
    first: Ints


def packed(accounts: Numbers, items: Numbers, intervals: Numbers | int) -> Ints:
    """Return keys of numbers."""
    keys = accounts.astype(np.int64)
    keys <<= ITEM_BITS
    keys += items
    keys <<= INTERVAL_BITS
    keys += intervals
    return keys


def unpacked(keys: Ints) -> tuple[Ints, Ints, Ints]:
    """Return account, item and interval numbers of keys."""
    items = keys >> INTERVAL_BITS
    items &= (1 << ITEM_BITS) - 1
    return keys >> (ITEM_BITS + INTERVAL_BITS), items, keys & ((1 << INTERVAL_BITS) - 1)


def check_sizes(accounts: int, items: int, intervals: int) -> None:
    """Raise AmountOverflow where there are more of them than keys can tell apart."""
    if intervals >> INTERVAL_BITS or accounts >> ACCOUNT_BITS or items >> ITEM_BITS:
        raise AmountOverflow("usage has more accounts, SKUs or months than one run can hold: split it by account")


def largest(quantities: Ints) -> int:
    """Return the largest quantity without its sign, as a Python integer."""
    return max(int(quantities.max(initial=0)), -int(quantities.min(initial=0)))


def exact_sum(quantities: Ints, most: int | None = None) -> int:
    """Add quantities up, whatever their size; ``most`` is the largest of them where that is known."""
    if (largest(quantities) if most is None else most) * len(quantities) <= INT64_MAX:
        return int(quantities.sum())
    return (int((quantities >> _LOW_BITS).sum()) << _LOW_BITS) + int((quantities & _LOW_MASK).sum())


def of_sums(keys: Ints, sums: Ints, first: Ints) -> Entries:
    """Return entries of int64 totals whose keys are distinct."""
    return Entries(keys, sums, np.broadcast_to(np.int64(0), len(sums)), first)


def of_rows(keys: Ints, quantities: Ints, places: Ints) -> Entries:
    """Add up rows by key."""
    return grouped(of_sums(keys, quantities, places))


def merged(several: Sequence[Entries]) -> Entries:
    """Add entries up by key."""
    if not several:
        nothing = np.empty(0, dtype=np.int64)
        return Entries(nothing, nothing, nothing, nothing)
    if len(several) == 1:
        return grouped(several[0])
    return grouped(Entries(*(np.concatenate(column) for column in zip(*several, strict=True))))


def int64_sums(entries: Entries) -> Ints:
    """Return the totals as int64.

    Raises:
        AmountOverflow: a total leaves 64 bits.
    """
    limit = 1 << (63 - _LOW_BITS)
    sums: Ints = (entries.high << _LOW_BITS) | entries.low if entries.high.any() else entries.low
    if entries.high.max(initial=0) >= limit or entries.high.min(initial=0) < -limit or largest(sums) > INT64_MAX:
        raise AmountOverflow("a usage total leaves 64-bit integers")
    return sums


def exact_sums(entries: Entries, rows: Ints) -> list[int]:
    """Return the totals of some rows as Python integers."""
    pairs = zip(entries.high[rows].tolist(), entries.low[rows].tolist(), strict=True)
    return [(high << _LOW_BITS) + low for high, low in pairs]


def limbs(totals: Sequence[int]) -> tuple[Ints, Ints]:
    """Return Python integers as low and high.

    Raises:
        AmountOverflow: a total is so large that even its upper part leaves 64 bits.
    """
    try:
        high = np.array([total >> _LOW_BITS for total in totals], dtype=np.int64)
    except OverflowError:
        raise AmountOverflow("a usage total leaves 64-bit integers") from None
    return np.array([total & _LOW_MASK for total in totals], dtype=np.int64), high


def times_power(entries: Entries, powers: Ints) -> Entries:
    """Multiply each total by ten to the power beside it."""
    rows = np.flatnonzero(powers)
    totals = zip(exact_sums(entries, rows), powers[rows].tolist(), strict=True)
    low, high = entries.low.copy(), entries.high.copy()
    low[rows], high[rows] = limbs([total * 10**power for total, power in totals])
    return entries._replace(low=low, high=high)


def grouped(rows: Entries) -> Entries:
    """Add up rows with the same key. Lows stay below 2^63 for up to 2^31 rows, which is more than fits into memory."""
    if (rows.keys[1:] > rows.keys[:-1]).all():
        return rows
    order = np.argsort(rows.keys)
    keys = rows.keys[order]
    differs = keys[1:] != keys[:-1]
    if differs.all():
        return Entries(keys, rows.low[order], rows.high[order], rows.first[order])
    starts = np.flatnonzero(np.concatenate(([True], differs)))
    low, high = rows.low[order], rows.high[order]
    high += low >> _LOW_BITS
    low &= _LOW_MASK
    low, high = np.add.reduceat(low, starts), np.add.reduceat(high, starts)
    high += low >> _LOW_BITS
    return Entries(keys[starts], low & _LOW_MASK, high, np.minimum.reduceat(rows.first[order], starts))
