"""Usage rows as chunks, and their totals in the plainest way: Python integers in a dict."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.rating.kernel.chunks import Coded, CodedDays, UsageChunk
from prisma_batch.rating.kernel.table import Part, totals_table
from prisma_batch.rating.kernel.totals import DENSE_CELLS_MAX, combined, partial_totals

Row = tuple[str, str, str, str, date, int, int]  # account, program, sku, unit, day, quantity, scale
EPOCH = date(1970, 1, 1)


def coded(texts: Sequence[str]) -> Coded:
    values = tuple(dict.fromkeys(texts))
    return Coded(codes=np.array([values.index(text) for text in texts], dtype=np.int32), distinct=values)


def chunk(rows: Sequence[Row], part: int = 0, first_row: int = 0) -> UsageChunk:
    """Rows of one scale as a chunk."""
    accounts, programs, skus, units, days, quantities, scales = zip(*rows, strict=True)
    (scale,) = set(scales)
    numbers = np.array([(day - EPOCH).days for day in days], dtype=np.int32)
    return UsageChunk(
        part=part,
        first_row=first_row,
        account=coded(accounts),
        program=coded(programs),
        sku=coded(skus),
        unit=coded(units),
        day=CodedDays(
            codes=numbers - numbers.min(), distinct=np.arange(numbers.min(), numbers.max() + 1, dtype=np.int32)
        ),
        quantity_scaled=np.array(quantities, dtype=np.int64),
        scale=scale,
    )


def totals(
    groups: Iterable[Iterable[UsageChunk]],
    daily: frozenset[tuple[str, str, str]] = frozenset(),
    dense_cells_max: int = DENSE_CELLS_MAX,
    parts: int = 1,
) -> DataFrame:
    """Total groups of chunks apart from each other, then combine them."""
    partials = [partial_totals(group, daily, dense_cells_max) for group in groups]
    return totals_table(combined(partials), [Part(f"usage/{part}.csv", 2) for part in range(parts)])


def expected(
    rows: Iterable[Row], daily: frozenset[tuple[str, str, str]] = frozenset()
) -> dict[Any, tuple[Decimal, int]]:
    """Total rows of one part one by one: quantity and number of the first row by key and interval."""
    found: dict[Any, tuple[Decimal, int]] = {}
    for number, (account, program, sku, unit, day, quantity, scale) in enumerate(rows, 2):
        month = Period.of(day)
        interval = (day, day) if (account, program, sku) in daily else (month.first_day, month.last_day)
        key = (account, program, sku, unit, *interval)
        before, first = found.get(key, (Decimal(0), number))
        found[key] = (before + Decimal(quantity).scaleb(-scale), first)
    return found


def as_dict(table: DataFrame) -> dict[Any, tuple[Decimal, int]]:
    """A table of totals in the form of ``expected``."""
    return {
        (row.account, row.program, row.sku, row.unit, row.service_from.date(), row.service_to.date()): (
            Decimal(row.quantity_scaled).scaleb(-row.quantity_scale),
            row.row,
        )
        for row in table.itertuples()
    }


def day(number: int) -> date:
    return date(2026, 9, 1) + timedelta(days=number)
