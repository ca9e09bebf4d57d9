"""What a declared table is: columns with dtypes, built and checked exactly."""

from collections import namedtuple
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pandas as pd

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX
from prisma_batch.records.coded import coded, joined_texts

TEXT = "str"
CODED = "category"  # text that repeats from row to row, see ``records.coded``
INT = "int64"
MAYBE_INT = "Int64"
DATE = "datetime64[s]"
FLAG = "bool"
_DTYPES = {name: pd.api.types.pandas_dtype(name) for name in (TEXT, INT, MAYBE_INT, DATE, FLAG)}
_MANY = 1_000  # rows from which on it pays to look for what repeats


@dataclass(frozen=True, slots=True)
class Table:
    """A declared table: its name and the dtype of each column, in order."""

    name: str
    columns: Mapping[str, str]

    def of(self, rows: Iterable[Iterable[Any]]) -> pd.DataFrame:
        """Build the table from rows of Python values in column order."""
        found = list(rows)
        if not found:
            return _empty(tuple(self.columns.items())).copy(deep=False)
        return self.conform(pd.DataFrame(found, columns=list(self.columns), dtype=object))

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return just the declared columns, in order and with their dtypes, rows numbered from 0.

        Raises:
            TypeError: a column cannot hold its values exactly; it names table and column.
        """
        numbered, converted = frame.reset_index(drop=True), {}
        for column, dtype in self.columns.items():
            try:
                converted[column] = _exact(numbered[column], dtype)
            except (TypeError, ValueError, OverflowError) as error:
                raise TypeError(f"table {self.name}, column {column}: not {dtype}") from error
        # The columns are taken as they are: put together into blocks, each would be there twice for a while.
        return pd.DataFrame(converted, index=numbered.index, copy=False)


@cache
def _empty(columns: tuple[tuple[str, str], ...]) -> pd.DataFrame:
    return Table("empty", dict(columns)).conform(pd.DataFrame(columns=[name for name, _ in columns], dtype=object))


def stacked(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of tables with the same columns, in order; coded columns stay coded."""
    filled = [table for table in tables if len(table)]
    if len(filled) < 2:
        return (filled or tables)[0].reset_index(drop=True)
    columns = {name: [table[name] for table in filled] for name in filled[0].columns}
    joined = {
        name: joined_texts(*parts) if parts[0].dtype == CODED else pd.concat(parts, ignore_index=True)
        for name, parts in columns.items()
    }
    return pd.DataFrame(joined, copy=False)


def with_columns(table: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Return a table with further columns, taken as they are: ``assign`` would copy each."""
    present = {name: table[name] for name in table.columns}
    return pd.DataFrame({**present, **columns}, index=table.index, copy=False)


def with_texts(table: pd.DataFrame) -> pd.DataFrame:
    """Return a small table with its coded columns as text."""
    columns = {name: table[name] for name in table.columns}
    texts = {name: column.array for name, column in columns.items() if column.dtype == CODED}
    return with_columns(table, **{name: column.categories.take(column.codes) for name, column in texts.items()})


def rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a small table as named tuples of its columns; large tables are worked on by column."""
    return _rows(table, values_of)


def dated_rows_of(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table like ``rows_of``, days as dates and None where there is none."""
    return _rows(table, lambda column: days_of(column) if column.dtype == _DTYPES[DATE] else values_of(column))


def _rows(table: pd.DataFrame, values: Callable[["pd.Series[Any]"], list[Any]]) -> Iterator[Any]:
    # By lists, as itertuples does not: text would be taken out of Arrow's memory one by one.
    row = namedtuple("row", table.columns, rename=True)  # type: ignore[misc]
    return map(row._make, zip(*(values(table[column]) for column in table.columns), strict=True))


def values_of(column: "pd.Series[Any]") -> list[Any]:
    """Return a column's values as Python's: a text or day that stands in many rows is there once for all of them."""
    repeats = isinstance(column.dtype, pd.StringDtype | pd.CategoricalDtype) or column.dtype == _DTYPES[DATE]
    if len(column) < _MANY or not repeats:
        return column.tolist()
    codes, values = pd.factorize(column, use_na_sentinel=False)
    kept = values.tolist()
    return [kept[code] for code in codes.tolist()]


def days_of(column: "pd.Series[Any]") -> list[date | None]:
    """Return a column of days as dates, None where there is none; each day is there once."""
    codes, days = pd.factorize(column, use_na_sentinel=False)
    kept = [None if day is pd.NaT else day.date() for day in days]
    return [kept[code] for code in codes.tolist()]


def is_among(column: "pd.Series[Any]", texts: Container[str]) -> "pd.Series[bool]":
    """Say of each text of a large column whether it is one of many others: pandas' ``isin`` takes 25 times as long."""
    return pd.Series([text in texts for text in column.tolist()], index=column.index, dtype=bool)


def safe_to_sum(amounts: "pd.Series[Any]") -> "pd.Series[Any]":
    """Return the amounts, having proved that no sum of any of them leaves int64: numpy would wrap silently.

    Raises:
        AmountOverflow: such a sum might.
    """
    if len(amounts) and int(amounts.abs().max()) * len(amounts) > INT64_MAX:
        raise AmountOverflow("amounts are too large to add up in 64-bit integers")
    return amounts


def _exact(column: "pd.Series[Any]", dtype: str) -> "pd.Series[Any]":
    if dtype == CODED:
        return coded(column)
    wanted = _DTYPES[dtype]
    if dtype == TEXT:
        return (column if column.dtype == wanted else column.astype(object).astype(wanted)).fillna("")
    if column.dtype == wanted:
        return column
    if dtype in (INT, MAYBE_INT) and pd.api.types.is_float_dtype(column.dtype) and len(column):
        # An integer column that became float has already lost cents.
        raise TypeError("a float column would hold amounts")
    return column.astype(wanted)


def texts(*columns: str) -> dict[str, str]:
    """Declare text columns."""
    return dict.fromkeys(columns, TEXT)


def coded_texts(*columns: str) -> dict[str, str]:
    """Declare text columns in which few texts stand in many rows."""
    return dict.fromkeys(columns, CODED)


def integers(*columns: str) -> dict[str, str]:
    """Declare columns of whole numbers that are never absent."""
    return dict.fromkeys(columns, INT)
