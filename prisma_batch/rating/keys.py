"""Account, program and SKU as one integer, so that large tables are joined and sorted without comparing texts."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from prisma_batch.rating.totals import KEY
from prisma_batch.records.coded import codes_of, shared_codes
from prisma_batch.records.table import CODED

Codes = NDArray[np.int64]


def key_codes(*tables: DataFrame) -> list[Codes]:
    """Number the keys of several tables alike, in the order of their texts."""
    keys: list[Codes] = [np.zeros(len(table), dtype=np.int64) for table in tables]
    for column in KEY:
        numbers, texts = shared_codes(*(table[column] for table in tables))
        if len(texts) > 1:
            keys = [key * len(texts) + number for key, number in zip(keys, numbers, strict=True)]
    return keys


def ordered_by(table: DataFrame, columns: Sequence[str]) -> DataFrame:
    """Sort a table by columns, texts by their code; equal rows keep their order."""
    keys: list[Any] = [codes_of(table[name])[0] if table[name].dtype == CODED else table[name] for name in columns]
    return table.take(np.lexsort(keys[::-1])).reset_index(drop=True)
