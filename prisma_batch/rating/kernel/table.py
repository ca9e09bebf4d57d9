"""Combined totals as a table."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.rating.kernel import entries
from prisma_batch.rating.kernel.books import Item
from prisma_batch.rating.kernel.chunks import Ints
from prisma_batch.rating.kernel.entries import Entries
from prisma_batch.rating.kernel.totals import PLACE_BITS, PartialTotals
from prisma_batch.records.coded import named
from prisma_batch.records.tables import USAGE_TOTALS

# Where a source leaves the scale open, totals are at the coarsest scale from this on that holds them exactly.
SCALE_MIN = 6


class Part(NamedTuple):
    """A part of the input: the file, and the number of its first row there."""

    source: str
    first_row: int


def totals_table(totals: PartialTotals, parts: Sequence[Part]) -> DataFrame:
    """Return combined totals as USAGE_TOTALS, sorted by key and interval; each names its first usage row.

    Args:
        totals: as ``combined`` returns them.
        parts: the parts of the whole input by number.
    Raises:
        AmountOverflow: a total leaves int64.
        InvariantBroken: a quantity was lost or counted twice.
    """
    found, items = _one_scale(totals)
    account_codes, item_codes, interval_codes = entries.unpacked(found.keys)
    quantities, scales = _scaled(found, np.array([item.scale for item in items], dtype=np.int64), item_codes)
    _check(totals, quantities, scales)
    rows = found.first & ((1 << PLACE_BITS) - 1)
    days = np.array(totals.intervals, dtype="datetime64[D]").reshape(-1, 2).astype("datetime64[s]")
    part_codes = found.first >> PLACE_BITS
    rows += np.array([part.first_row for part in parts], dtype=np.int64).take(part_codes)
    frame = DataFrame(
        {
            "account": named(totals.accounts, account_codes),
            "program": named([item.program for item in items], item_codes),
            "sku": named([item.sku for item in items], item_codes),
            "unit": named([item.unit for item in items], item_codes),
            "service_from": days[:, 0].take(interval_codes),
            "service_to": days[:, 1].take(interval_codes),
            "quantity_scaled": quantities,
            "quantity_scale": scales,
            "source": named([part.source for part in parts], part_codes),
            "row": rows,
        },
        copy=False,
    )
    return USAGE_TOTALS.conform(frame)


def _one_scale(totals: PartialTotals) -> tuple[Entries, list[Item]]:
    """Bring items that occur at several scales to their finest, and add up what became the same."""
    finest = {item[:3]: item for item in totals.items}  # they are sorted, the finest scale last
    if len(finest) == len(totals.items):
        return totals.entries, list(totals.items)
    items = list(finest.values())
    place = {item: number for number, item in enumerate(items)}
    moves = np.array([place[finest[item[:3]]] for item in totals.items], dtype=np.int64)
    powers = np.array([finest[item[:3]].scale - item.scale for item in totals.items], dtype=np.int64)
    accounts, item_codes, intervals = entries.unpacked(totals.entries.keys)
    moved = totals.entries._replace(keys=entries.packed(accounts, moves.take(item_codes), intervals))
    return entries.grouped(entries.times_power(moved, powers.take(item_codes))), items


def _scaled(found: Entries, scales: Ints, item_codes: Ints) -> tuple[Ints, Ints]:
    """Return totals as int64, each at the coarsest scale from ``SCALE_MIN`` on that holds it, or its own if coarser."""
    own = scales.take(item_codes)
    finer = np.flatnonzero(own > SCALE_MIN)
    if not len(finer):
        return entries.int64_sums(found), own
    exact = [_shortened(*pair) for pair in zip(entries.exact_sums(found, finer), own[finer].tolist(), strict=True)]
    own[finer] = [scale for _, scale in exact]
    low, high = found.low.copy(), found.high.copy()
    low[finer], high[finer] = entries.limbs([total for total, _ in exact])
    return entries.int64_sums(found._replace(low=low, high=high)), own


def _shortened(total: int, scale: int) -> tuple[int, int]:
    while scale > SCALE_MIN and total % 10 == 0:
        total, scale = total // 10, scale - 1
    return total, scale


def _check(totals: PartialTotals, quantities: Ints, scales: Ints) -> None:
    """Every quantity that was read is in exactly one total."""
    read = sum(total * 10 ** (QUANTITY_SCALE_MAX - scale) for scale, total in totals.control.items())
    present = np.flatnonzero(np.bincount(scales)).tolist()
    added = sum(
        entries.exact_sum(quantities[scales == scale] if len(present) > 1 else quantities)
        * 10 ** (QUANTITY_SCALE_MAX - scale)
        for scale in present
    )
    if read != added:
        raise InvariantBroken("usage is not in exactly one total: quantities read and added up differ")
