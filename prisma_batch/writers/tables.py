"""Our tables as the CSV files of a run, and read back from them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pandas as pd

from prisma_batch.base.money import from_scaled, plain, to_minor
from prisma_batch.writers.csv_text import amount_text, csv_bytes, csv_rows, guarded, unguarded
from prisma_batch.writers.table_files import Form, TableFile


def table_csv(table: pd.DataFrame, file: TableFile) -> bytes:
    """Print a table as one of the run's files.

    Args:
        table: the columns that the file's specification names, any order; ``source`` columns as they shall be printed.
    Returns:
        UTF-8, a header, rows sorted by ``file.sorted_by``; what is absent is empty.
    """
    ordered = table.sort_values(list(file.sorted_by), kind="stable", na_position="first")
    cells = [_PRINTERS[column.form](ordered, column.own) for column in file.columns]
    return csv_bytes(file.header, zip(*cells, strict=True))


def read_table(content: bytes, file: TableFile) -> pd.DataFrame:
    """Read one of the run's files back: columns by our names, text as it was, money as minor units (Int64).

    Quantities stay decimal text, since a file does not say their scale.

    Raises:
        ValueError: another header, a ragged row, or an amount, number or date that is none.
    """
    header, *rows = csv_rows(content)
    if tuple(header) != file.header:
        raise ValueError(f"{file.name} has another header")
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(header, ())
    currencies = by_name.get("currency", ())
    return pd.DataFrame({column.own: _read(by_name[column.name], column.form, currencies) for column in file.columns})


def read_totals(content: bytes, file: TableFile, own_column: str) -> dict[str, int]:
    """Add up a money column of one of the run's files by currency, in minor units."""
    table = read_table(content, file)
    totals: dict[str, int] = defaultdict(int)
    for currency, minor in zip(table["currency"], table[own_column], strict=True):
        totals[str(currency)] += 0 if minor is pd.NA else int(minor)
    return dict(sorted(totals.items()))


def _texts(table: pd.DataFrame, own: str) -> list[str]:
    return [guarded(text) for text in table[own].tolist()]


def _numbers(table: pd.DataFrame, own: str) -> list[str]:
    return [str(number) for number in table[own].tolist()]


def _dates(table: pd.DataFrame, own: str) -> list[str]:
    days = table[own].to_numpy("datetime64[D]")
    return ["" if day == "NaT" else day for day in days.astype(str).tolist()]


def _amounts(table: pd.DataFrame, own: str) -> list[str]:
    pairs = zip(table[own].tolist(), table["currency"].tolist(), strict=True)
    return ["" if minor is pd.NA else amount_text(minor, currency) for minor, currency in pairs]


def _quantities(table: pd.DataFrame, own: str) -> list[str]:
    pairs = zip(table[own].tolist(), table["quantity_scale"].tolist(), strict=True)
    return [plain(from_scaled(scaled, scale)) for scaled, scale in pairs]


_PRINTERS: Mapping[Form, Callable[[pd.DataFrame, str], list[str]]] = MappingProxyType(
    {"text": _texts, "number": _numbers, "date": _dates, "money": _amounts, "quantity": _quantities}
)


def _read(cells: Sequence[str], form: Form, currencies: Sequence[str]) -> Any:
    if form == "date":
        return pd.Series(list(cells), dtype=object).replace("", None).astype("datetime64[s]")
    if form == "money":
        pairs = zip(cells, currencies, strict=True)
        minors = [to_minor(Decimal(cell), currency) if cell else None for cell, currency in pairs]
        return pd.array(minors, dtype="Int64")
    return pd.array([unguarded(cell) if form == "text" else cell for cell in cells], dtype="str")
