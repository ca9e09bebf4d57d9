"""Account, program and SKU as one integer, so that large tables are joined and sorted without comparing texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame

from prisma_batch.rating.totals import KEY

Codes = NDArray[np.int64]


def key_codes(*tables: DataFrame) -> list[Codes]:
    """Number the keys of several tables alike, in the order of their texts."""
    stacked = pd.concat([table[KEY] for table in tables], ignore_index=True)
    codes = np.zeros(len(stacked), dtype="int64")
    for column in KEY:
        numbers, texts = pd.factorize(stacked[column], sort=True)
        codes = codes * len(texts) + numbers
    return np.split(codes, np.cumsum([len(table) for table in tables])[:-1])


def ordered_by(table: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Sort a table by columns, texts by their code; equal rows keep their order."""
    keys: list[Any] = [pd.factorize(table[column], sort=True)[0] for column in columns]
    return table.take(np.lexsort(keys[::-1])).reset_index(drop=True)
