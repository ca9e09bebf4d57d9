"""The tables of a run as a workbook: typed cells, headers that stay, filters; nothing in it is ever calculated."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from types import MappingProxyType
from typing import Any, TypeAlias

import pandas as pd
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from prisma_batch.base.money import MINOR_DIGITS_MAX, from_scaled, minor_digits
from prisma_batch.writers.csv_text import amount_text, guarded
from prisma_batch.writers.table_files import TABLE_FILES, Column, TableFile

_ROWS_MAX = 1_048_575  # of a sheet, below its header
_TEXT_MAX = 32_767  # characters of a cell
_EXACT_DIGITS = 15  # of a number in a spreadsheet, which is a binary float
_WIDTH_MAX = 60
_WIDTH_SAMPLE = 500
_TOTALS_HEADER = ("table", "column", "currency", "total")

_Formats: TypeAlias = Mapping[str, Format]
_Write: TypeAlias = Callable[[Worksheet, int, int, Any, _Formats], object]


def reconciliation_xlsx(tables: Mapping[str, pd.DataFrame], as_of: date) -> bytes:
    """Return a workbook with the totals of all money columns by currency, then a sheet a table.

    Args:
        tables: by name of their CSV file, with its columns; any order of rows.
        as_of: the creation date of the workbook.
    """
    made = BytesIO()
    options = {
        "constant_memory": True,  # a row is written before the next begins
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    workbook = Workbook(made, options)
    workbook.set_properties({"title": f"Reconciliation as of {as_of}", "created": datetime(*as_of.timetuple()[:3])})  # noqa: DTZ001 - a spreadsheet knows no zones
    formats = _formats(workbook)
    _write_totals(workbook, tables, formats)
    for name, table in tables.items():
        file = TABLE_FILES[name]
        ordered = table.sort_values(list(file.sorted_by), kind="stable", na_position="first")
        for place, start in enumerate(range(0, max(len(ordered), 1), _ROWS_MAX)):
            sheet = name.removesuffix(".csv") + (f" {place + 1}" if place else "")
            _write_table(workbook.add_worksheet(sheet), ordered[start : start + _ROWS_MAX], file, formats)
    workbook.close()
    return made.getvalue()


def table_totals(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, str, int]]:
    """Yield table, column, currency and the sum in minor units, of every money column."""
    for name, table in tables.items():
        for column in TABLE_FILES[name].columns:
            if column.form == "money":
                own = table[[column.own, "currency"]].dropna()
                for currency, minors in own.groupby("currency")[column.own]:
                    yield name.removesuffix(".csv"), column.name, str(currency), sum(map(int, minors))


def _formats(workbook: Workbook) -> _Formats:
    money = {str(digits): "#,##0" + ("." + "0" * digits if digits else "") for digits in range(MINOR_DIGITS_MAX + 1)}
    return {
        "header": workbook.add_format({"bold": True, "bottom": 1, "bg_color": "#f4f6f9"}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "quantity": workbook.add_format({"num_format": "General"}),
        "quoted": workbook.add_format({"quote_prefix": True}),
        **{
            f"money {digits}": workbook.add_format({"num_format": f"{pattern};[Red]-{pattern}"})
            for digits, pattern in money.items()
        },
    }


def _write_totals(workbook: Workbook, tables: Mapping[str, pd.DataFrame], formats: _Formats) -> None:
    sheet = workbook.add_worksheet("totals")
    _write_header(sheet, _TOTALS_HEADER, (16, 20, 10, 18), formats)
    rows = list(table_totals(tables))
    for index, (*names, minor) in enumerate(rows, start=1):
        for place, name in enumerate(names):
            _write_text(sheet, index, place, name, formats)
        _write_money(sheet, index, 3, (minor, names[-1]), formats)
    sheet.autofilter(0, 0, max(len(rows), 1), len(_TOTALS_HEADER) - 1)


def _write_table(sheet: Worksheet, table: pd.DataFrame, file: TableFile, formats: _Formats) -> None:
    columns = [list(_cells(table, column)) for column in file.columns]
    _write_header(sheet, file.header, [_width(*pair) for pair in zip(file.header, columns, strict=True)], formats)
    writers = [_WRITERS[column.form] for column in file.columns]
    for index, row in enumerate(zip(*columns, strict=True), start=1):
        for place, cell in enumerate(row):
            if cell is not None:
                writers[place](sheet, index, place, cell, formats)
    sheet.autofilter(0, 0, max(len(table), 1), len(columns) - 1)


def _write_header(sheet: Worksheet, header: Sequence[str], widths: Sequence[int], formats: _Formats) -> None:
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)  # else what is printed is cut between columns
    for place, (name, width) in enumerate(zip(header, widths, strict=True)):
        sheet.write_string(0, place, name, formats["header"])
        sheet.set_column(place, place, width)


def _cells(table: pd.DataFrame, column: Column) -> Iterator[Any]:
    """Yield what a column's cells hold; None leaves one empty."""
    values = table[column.own].tolist()
    if column.form == "money":
        pairs = zip(values, table["currency"].tolist(), strict=True)
        return (None if pd.isna(minor) else (int(minor), currency) for minor, currency in pairs)
    if column.form == "quantity":
        pairs = zip(values, table["quantity_scale"].tolist(), strict=True)
        return (from_scaled(scaled, scale) for scaled, scale in pairs)
    return (None if pd.isna(value) or value == "" else value for value in values)


def _width(name: str, cells: Sequence[Any]) -> int:
    sample = (len(str(cell)) for cell in cells[:_WIDTH_SAMPLE] if isinstance(cell, str))
    return min(_WIDTH_MAX, max(len(name) + 3, 11, *sample))


def _write_text(sheet: Worksheet, row: int, column: int, text: str, formats: _Formats) -> None:
    # A text that looks like a formula stays one, also after somebody edits its cell.
    quoted = formats["quoted"] if guarded(text) != text else None
    sheet.write_string(row, column, text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 1] + "…", quoted)


def _write_number(sheet: Worksheet, row: int, column: int, number: int | str, formats: _Formats) -> None:
    _write_exact(sheet, row, column, Decimal(number), formats["quantity"])


def _write_date(sheet: Worksheet, row: int, column: int, day: Any, formats: _Formats) -> None:
    sheet.write_datetime(row, column, day.to_pydatetime(), formats["date"])


def _write_money(sheet: Worksheet, row: int, column: int, money: tuple[int, str], formats: _Formats) -> None:
    minor, currency = money
    digits = minor_digits(currency)
    if abs(minor) < 10**_EXACT_DIGITS:
        sheet.write_number(row, column, minor / 10**digits, formats[f"money {digits}"])
    else:
        sheet.write_string(row, column, amount_text(minor, currency))


def _write_quantity(sheet: Worksheet, row: int, column: int, quantity: Decimal, formats: _Formats) -> None:
    _write_exact(sheet, row, column, quantity, formats["quantity"])


def _write_exact(sheet: Worksheet, row: int, column: int, number: Decimal, shown: Format) -> None:
    """Write a number that a spreadsheet holds exactly; one with more digits stays text and is not rounded."""
    if len(number.normalize().as_tuple().digits) <= _EXACT_DIGITS:
        sheet.write_number(row, column, float(number), shown)
    else:
        sheet.write_string(row, column, f"{number:f}")


_WRITERS: Mapping[str, _Write] = MappingProxyType(
    {
        "text": _write_text,
        "number": _write_number,
        "date": _write_date,
        "money": _write_money,
        "quantity": _write_quantity,
    }
)
