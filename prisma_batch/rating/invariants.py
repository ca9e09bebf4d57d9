"""What must hold of rated usage in every run; where it does not, nothing is published."""

from collections import defaultdict
from collections.abc import Set as AbstractSet

from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.rating.totals import Key
from prisma_batch.records.table import rows_of


def check_rows(rows_read: int, used: DataFrame, refused: DataFrame) -> None:
    """Rows read = used + refused.

    Raises:
        InvariantBroken: a row is neither, or both.
    """
    if rows_read != len(used) + len(refused):
        raise InvariantBroken(f"{rows_read} usage rows are not {len(used)} used + {len(refused)} refused")


def check_usage(rows: DataFrame, charges: DataFrame, peaks: AbstractSet[Key] = frozenset()) -> None:
    """Every usage event is in exactly one total, every total in one charge: quantities per key are the same.

    Raises:
        InvariantBroken: naming where they differ.
    """
    used, charged = _quantities(rows), _quantities(charges)
    broken = sorted(" ".join(key) for key in {*used, *charged} - peaks if used.get(key) != charged.get(key))
    if broken:
        raise InvariantBroken(f"usage is not in exactly one charge: {', '.join(broken[:5])}")


def _quantities(table: DataFrame) -> dict[tuple[str, str, str], int]:
    by = ["account", "program", "sku", "quantity_scale"]
    sums = table.groupby(by, as_index=False)[["quantity_scaled"]].sum()
    totals: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows_of(sums):
        finest = 10 ** (QUANTITY_SCALE_MAX - int(row.quantity_scale))
        totals[row.account, row.program, row.sku] += int(row.quantity_scaled) * finest
    return totals
