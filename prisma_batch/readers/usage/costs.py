"""What a provider billed according to its own export: exact sums by billing account, invoice and currency."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pandas import DataFrame

from prisma_batch.base.money import INT64_MAX, QUANTITY_SCALE_MAX, from_scaled, is_currency, to_scaled
from prisma_batch.rating.kernel.chunks import Coded
from prisma_batch.readers.csv_text import Refusal
from prisma_batch.readers.usage.cells import Cells
from prisma_batch.readers.usage.exact import decimals, exact_sums
from prisma_batch.readers.usage.result import CostKey
from prisma_batch.records.tables import SOURCE_COSTS

_NOT_A_CURRENCY = Refusal("not-a-currency", "not a currency of ISO 4217", "write its three letters, such as EUR")


def costs_by(
    cells: Cells, column: str, billing_account: Coded, invoice: Coded, currency: tuple[str, Coded]
) -> dict[CostKey, int]:
    """Add a column of costs up at scale 12; ``currency`` is the column's name and its texts."""
    numbers = decimals(cells, column)
    cells.refuse_texts(*currency, lambda code: bool(code) and not is_currency(code), _NOT_A_CURRENCY)
    by = (billing_account, invoice, currency[1])
    distinct, places = np.unique_inverse(_folded(by))
    sums = exact_sums(numbers, places, len(distinct))
    totals: dict[CostKey, int] = {}
    for folded, total in zip(distinct.tolist(), sums, strict=True):
        key = _unfolded(folded, by)
        totals[key] = totals.get(key, 0) + total
    return totals


def _folded(columns: Sequence[Coded]) -> Any:
    folded = columns[0].codes.astype(np.int64)
    for column in columns[1:]:
        if len(column.distinct) > 1:
            folded = folded * len(column.distinct) + column.codes
    return folded


def _unfolded(folded: int, columns: tuple[Coded, Coded, Coded]) -> CostKey:
    account, invoice, currency = columns
    folded, code = divmod(folded, len(currency.distinct))
    first, second = divmod(folded, len(invoice.distinct))
    return account.distinct[first], invoice.distinct[second], currency.distinct[code]


def fit(costs: Mapping[CostKey, int]) -> bool:
    """Say whether each cost can be held in 64 bits at the coarsest scale that is exact."""
    return all(abs(_shortest(total)[0]) <= INT64_MAX for total in costs.values())


def source_costs(source: str, costs: Mapping[CostKey, int]) -> DataFrame:
    """Return SOURCE_COSTS of one file."""
    return SOURCE_COSTS.of((source, *key, *_shortest(total)) for key, total in sorted(costs.items()))


def _shortest(total: int) -> tuple[int, int]:
    return to_scaled(from_scaled(total, QUANTITY_SCALE_MAX))
