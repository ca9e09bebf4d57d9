"""What must hold of rated usage in every run; where it does not, nothing is published."""

from collections.abc import Set as AbstractSet
from typing import Any

import numpy as np
import pandas as pd
from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.keys import key_codes
from prisma_batch.rating.totals import KEY, Key
from prisma_batch.records.table import stacked

_QUANTITY = ["quantity_scaled", "quantity_scale"]


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
    code, first, number = np.unique(np.concatenate(key_codes(rows, charges)), return_index=True, return_inverse=True)
    quantity = _at_one_scale(pd.concat([rows[_QUANTITY], charges[_QUANTITY]], ignore_index=True), number)
    balance = np.zeros(len(code), dtype=quantity.dtype)
    np.add.at(balance, number[: len(rows)], quantity[: len(rows)])
    np.subtract.at(balance, number[len(rows) :], quantity[len(rows) :])
    keys = stacked(rows[KEY], charges[KEY]).take(first[balance != 0])
    broken = sorted(" ".join(key) for key in {*keys.itertuples(index=False, name=None)} - peaks)
    if broken:
        raise InvariantBroken(f"usage is not in exactly one charge: {', '.join(broken[:5])}")


def _at_one_scale(rows: DataFrame, number: Any) -> Any:
    """Return quantities at the finest scale: int64 where the sum of each number is proved to fit, else exact."""
    quantity, scale = rows["quantity_scaled"].to_numpy(), rows["quantity_scale"].to_numpy()
    finest = scale.max(initial=0)
    most = np.bincount(number, minlength=1).max()
    if not len(rows) or int(abs(quantity).max()) * int(10 ** int(finest - scale.min())) * int(most) <= INT64_MAX:
        return quantity * 10 ** (finest - scale)
    return quantity.astype(object) * 10 ** (finest - scale).astype(object)
