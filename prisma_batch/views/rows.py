"""Rows of tables as Python values, grouped once, so that no view filters a table per account."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeAlias

from pandas import DataFrame, NaT

from prisma_batch.records.table import dated_rows_of

Row: TypeAlias = Any  # a named tuple with the columns of its table
AccountCurrency: TypeAlias = tuple[str, str]
RowsByAccount: TypeAlias = Mapping[AccountCurrency, Sequence[Row]]


def rows_by_account(table: DataFrame) -> RowsByAccount:
    """Group a table's rows by account and currency, days as dates; rows that are nobody's are left out."""
    groups: dict[AccountCurrency, list[Row]] = defaultdict(list)
    for row in dated_rows_of(table):
        if row.account:
            groups[row.account, row.currency].append(row)
    return groups


def day(value: Any) -> date | None:
    """Return a table's date, or None where there is none."""
    return None if value is NaT else value.date()
