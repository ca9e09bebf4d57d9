"""The workbook: cells have types, totals are those of the CSV files, and no text is a formula."""

import csv
import shutil
import subprocess
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas as pd
import pytest

from prisma_batch.records.tables import ADJUSTMENTS, OPEN_ITEMS
from prisma_batch.writers.table_files import TABLE_FILES
from prisma_batch.writers.tables import read_table, read_totals, table_csv
from prisma_batch.writers.xlsx import reconciliation_xlsx
from tests.views.sample_run import receivables
from tests.writers.workbooks import sheets

AS_OF = date(2026, 11, 15)
HOSTILE = ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2", "\tx", "http://x.example", "001", "1E5", "NA", "{=1}"]


def tables() -> dict[str, pd.DataFrame]:
    found = receivables()
    return {
        "open_items.csv": found.open_items,
        "aging.csv": found.aging,
        "unapplied.csv": found.unapplied,
        "payments.csv": found.payments,
    }


def open_item(document: str, minor: int, currency: str) -> tuple[Any, ...]:
    empty = {
        name: 0 if dtype == "int64" else None if "date" in dtype else "" for name, dtype in OPEN_ITEMS.columns.items()
    }
    item = {"account": "A", "document": document, "currency": currency, "amount_minor": minor, "open_minor": minor}
    return tuple((empty | item).values())


def open_items(*items: tuple[str, int, str]) -> dict[str, pd.DataFrame]:
    return {"open_items.csv": OPEN_ITEMS.of([open_item(*item) for item in items])}


def test_every_cell_is_the_one_of_the_csv_file() -> None:
    found = sheets(reconciliation_xlsx(tables(), AS_OF))
    assert list(found) == ["totals", "open_items", "aging", "unapplied", "payments"]
    for name, table in tables().items():
        file = TABLE_FILES[name]
        header, *rows = found[name.removesuffix(".csv")]
        assert tuple(header) == file.header
        listed = read_table(table_csv(table, file), file)
        assert len(rows) == len(listed)
        for place, column in enumerate(file.columns):
            printed = list(csv.reader(table_csv(table, file).decode().splitlines()))[1:]
            for row, line in zip(rows, printed, strict=True):
                assert as_text(row[place], column.form) == as_number(line[place], column.form), (name, column)


def as_text(cell: Any, form: str) -> Any:
    if form == "date" and cell is not None:
        return (datetime(1899, 12, 30) + timedelta(days=cell)).date().isoformat()  # noqa: DTZ001
    return "" if cell is None else Decimal(repr(cell)) if isinstance(cell, float) else cell


def as_number(cell: str, form: str) -> Any:
    return Decimal(cell) if cell and form in ("money", "number", "quantity") else cell


def test_totals_are_those_of_the_csv_files() -> None:
    header, *rows = sheets(reconciliation_xlsx(tables(), AS_OF))["totals"]
    assert header == ["table", "column", "currency", "total"]
    told = {(table, column, currency): Decimal(repr(total)) for table, column, currency, total in rows}
    for name, own in (("open_items", "open_minor"), ("aging", "balance"), ("unapplied", "amount_minor")):
        file = TABLE_FILES[f"{name}.csv"]
        (column,) = [column.name for column in file.columns if column.own == own]
        for currency, minor in read_totals(table_csv(tables()[f"{name}.csv"], file), file, own).items():
            digits = 0 if currency == "JPY" else 2
            assert told[name, column, currency] == Decimal(minor).scaleb(-digits)


def test_no_text_is_a_formula_a_link_or_a_number() -> None:
    found = sheets(reconciliation_xlsx(open_items(*((text, 1, "EUR") for text in HOSTILE)), AS_OF))
    assert sorted(row[1] for row in found["open_items"][1:]) == sorted(HOSTILE)


def test_an_amount_that_a_spreadsheet_would_round_stays_text() -> None:
    found = sheets(reconciliation_xlsx(open_items(("BIG", 9_007_199_254_740_993, "EUR"), ("SMALL", 1, "EUR")), AS_OF))
    amounts = {row[1]: row[7] for row in found["open_items"][1:]}
    assert amounts == {"BIG": "90071992547409.93", "SMALL": 0.01}


def test_amounts_are_shown_with_the_decimals_of_their_currency() -> None:
    made = reconciliation_xlsx(open_items(("A", 5, "JPY"), ("B", 5, "EUR"), ("C", 5, "KWD"), ("D", 5, "CLF")), AS_OF)
    assert {row[1]: row[7] for row in sheets(made)["open_items"][1:]} == {"A": 5.0, "B": 0.05, "C": 0.005, "D": 0.0005}
    with ZipFile(BytesIO(made)) as parts:
        styles = parts.read("xl/styles.xml").decode()
    for pattern in ("#,##0", "#,##0.00", "#,##0.000", "#,##0.0000"):
        assert f'formatCode="{pattern};[Red]-{pattern}"' in styles


def test_headers_stay_and_filter_and_a_sheet_is_printed_in_its_whole_width() -> None:
    with ZipFile(BytesIO(reconciliation_xlsx(tables(), AS_OF))) as parts:
        assert parts.read("xl/workbook.xml").count(b"_xlnm.Print_Titles") == len(tables()) + 1
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b'state="frozen"' in parts.read(name)
                assert b"<autoFilter" in parts.read(name)
                assert b'<pageSetup fitToHeight="0" orientation="landscape"/>' in parts.read(name)


def test_the_same_bytes_every_time_dated_by_the_as_of_day() -> None:
    made = reconciliation_xlsx(tables(), AS_OF)
    assert made == reconciliation_xlsx(tables(), AS_OF)
    with ZipFile(BytesIO(made)) as parts:
        assert b"2026-11-15T00:00:00Z" in parts.read("docProps/core.xml")


def test_an_empty_table_has_its_header() -> None:
    found = sheets(reconciliation_xlsx({"adjustments.csv": ADJUSTMENTS.of([])}, AS_OF))
    assert found["adjustments"] == [list(TABLE_FILES["adjustments.csv"].header)]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_shows_the_figures_of_the_csv_files(tmp_path: Path) -> None:
    (tmp_path / "r.xlsx").write_bytes(reconciliation_xlsx(tables(), AS_OF))
    options = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", options]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "r.xlsx")], check=True, timeout=120)
    for name, table in tables().items():
        shown = (tmp_path / f"r-{name}").read_text(encoding="utf-8")
        forms = [column.form for column in TABLE_FILES[name].columns]
        shown_rows, printed = list(csv.reader(shown.splitlines())), _csv(table, name)
        for row, line in zip(shown_rows[1:], printed[1:], strict=True):
            cells = zip(row, line, forms, strict=True)
            assert all(as_number(cell, form) == as_number(text, form) for cell, text, form in cells)


def _csv(table: pd.DataFrame, name: str) -> list[list[str]]:
    return list(csv.reader(table_csv(table, TABLE_FILES[name]).decode().splitlines()))
