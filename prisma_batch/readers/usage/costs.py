"""What a provider billed according to its own export: exact sums by billing account and currency."""

from collections.abc import Mapping

import numpy as np
from pandas import DataFrame

from prisma_batch.base.money import INT64_MAX, QUANTITY_SCALE_MAX, from_scaled, is_currency, to_scaled
from prisma_batch.rating.kernel.chunks import Coded
from prisma_batch.readers.csv_text import Refusal
from prisma_batch.readers.usage.cells import Cells
from prisma_batch.readers.usage.exact import decimals, exact_sums
from prisma_batch.records.tables import SOURCE_COSTS

_NOT_A_CURRENCY = Refusal("not-a-currency", "not a currency of ISO 4217", "write its three letters, such as EUR")


def costs_by(
    cells: Cells, column: str, billing_account: Coded, currency: tuple[str, Coded]
) -> dict[tuple[str, str], int]:
    """Add a column of costs up at scale 12; ``currency`` is the column's name and its texts."""
    numbers = decimals(cells, column)
    cells.refuse_texts(*currency, lambda code: bool(code) and not is_currency(code), _NOT_A_CURRENCY)
    currencies = currency[1]
    folded = billing_account.codes.astype(np.int64) * len(currencies.distinct) + currencies.codes
    distinct, places = np.unique_inverse(folded)
    sums = exact_sums(numbers, places, len(distinct))
    totals: dict[tuple[str, str], int] = {}
    for pair, total in zip(distinct.tolist(), sums, strict=True):
        account, code = divmod(pair, len(currencies.distinct))
        key = (billing_account.distinct[account], currencies.distinct[code])
        totals[key] = totals.get(key, 0) + total
    return totals


def fit(costs: Mapping[tuple[str, str], int]) -> bool:
    """Say whether each cost can be held in 64 bits at the coarsest scale that is exact."""
    return all(abs(_shortest(total)[0]) <= INT64_MAX for total in costs.values())


def source_costs(source: str, costs: Mapping[tuple[str, str], int]) -> DataFrame:
    """Return SOURCE_COSTS of one file."""
    return SOURCE_COSTS.of((source, *key, *_shortest(total)) for key, total in sorted(costs.items()))


def _shortest(total: int) -> tuple[int, int]:
    return to_scaled(from_scaled(total, QUANTITY_SCALE_MAX))
