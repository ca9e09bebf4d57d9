"""CSV files: the contract's columns, exact amounts, no formulas, and read back as they were."""

import csv
import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from prisma_batch.records.table import INT, TEXT
from prisma_batch.records.tables import AGING, ALLOCATIONS, CHARGES, DISCREPANCIES, OPEN_ITEMS, PAYMENTS
from prisma_batch.views.statement import build_statements
from prisma_batch.writers.csv_text import amount_text, csv_bytes, csv_rows, guarded, unguarded
from prisma_batch.writers.statement_csv import statement_csv
from prisma_batch.writers.table_files import OUTBOX, TABLE_FILES
from prisma_batch.writers.tables import read_table, read_totals, table_csv
from tests.views.sample_run import SPAN, receivables, snapshot

GOLDEN = Path(__file__).parent / "golden"

# As the contract has them, §5, and credited_lines.csv.
HEADERS = {
    "discrepancies.csv": "id,kind,severity,state,account,program,sku,period,invoice,line,payment,expected_quantity,"
    "invoiced_quantity,expected_amount,invoiced_amount,difference_amount,currency,fingerprint,message,source",
    "rated_usage.csv": "account,program,sku,period,service_from,service_to,quantity,unit,amount,currency,rate_source",
    "credited_lines.csv": "document,line,account,program,sku,period,quantity,amount,currency,corrected_invoice,"
    "corrected_line,applied_by,source",
    "payments.csv": "payment,source,statement,booking_date,value_date,amount,currency,account,state",
    "allocations.csv": "payment,value_date,account,invoice,amount,currency,method,confidence",
    "unapplied.csv": "payment,value_date,account,amount,currency,reason,suggestion",
    "adjustments.csv": "document,account,kind,amount,currency,on,approved_by,source",
    "open_items.csv": "account,document,installment,kind,issued_on,due_on,currency,amount,open_amount,days_overdue,"
    "bucket,disputed_amount,hold",
    "aging.csv": "account,currency,not_due,1_30,31_60,61_90,91_120,over_120,unapplied,balance",
    "account_status.csv": "account,status,reasons,next_change_on,next_status",
    "usage_reports.csv": "account,program,period,state,due_on,submitted_on",
    "outbox.csv": "key,revision,kind,account,to,subject,attachments,sha256,skipped_because",
}


def payment(amount_minor: int = 0, currency: str = "EUR", **changes: Any) -> pd.DataFrame:
    row = dict.fromkeys(PAYMENTS.columns, "") | {"booking_date": date(2026, 10, 1), "value_date": None}
    return PAYMENTS.of([list((row | {"amount_minor": amount_minor, "currency": currency} | changes).values())])


def only_cell(content: bytes, column: str) -> str:
    (row,) = csv.DictReader(io.StringIO(content.decode(), newline=""))
    return row[column]


@pytest.mark.parametrize(("name", "header"), HEADERS.items())
def test_columns_are_the_contracts(name: str, header: str) -> None:
    assert ",".join(TABLE_FILES[name].header) == header


def test_every_file_of_the_contract_is_there() -> None:
    assert set(TABLE_FILES) == set(HEADERS)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (34_049, "EUR", "340.49"),
        (-5, "EUR", "-0.05"),
        (0, "EUR", "0.00"),
        (-1_234, "JPY", "-1234"),
        (7, "KWD", "0.007"),
        (-7, "CLF", "-0.0007"),
        (2**63 - 1, "EUR", "92233720368547758.07"),
        (-(2**63), "EUR", "-92233720368547758.08"),
    ],
)
def test_amounts_are_exact(minor: int, currency: str, text: str) -> None:
    content = table_csv(payment(minor, currency), TABLE_FILES["payments.csv"])
    assert only_cell(content, "amount") == text


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=x"])
def test_text_that_would_be_a_formula_is_text(text: str) -> None:
    content = table_csv(payment(-1, payment=text), TABLE_FILES["payments.csv"])
    assert only_cell(content, "payment") == f"'{text}"
    assert only_cell(content, "amount") == "-0.01"
    assert read_table(content, TABLE_FILES["payments.csv"])["payment"].tolist() == [text]


@pytest.mark.parametrize(
    "text", ["", "007", "NA", "NULL", "1E5", "a,b", 'say "x"', "two\nlines", "'quoted'", " spaced ", "ünï", "a\u2028b"]
)
def test_other_text_is_left_alone(text: str) -> None:
    content = table_csv(payment(statement=text), TABLE_FILES["payments.csv"])
    assert only_cell(content, "statement") == text
    assert read_table(content, TABLE_FILES["payments.csv"])["statement"].tolist() == [text]


@given(st.text())
def test_guard_can_be_taken_away(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r"))


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), min_size=1))
def test_quoting_can_be_read_back(rows: list[list[str]]) -> None:
    content = csv_bytes(("first", "second"), rows)
    assert csv_rows(content)[1:] == rows


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(["EUR", "JPY", "KWD", "UYW"]))
def test_printed_amounts_are_read_back(minor: int, currency: str) -> None:
    content = table_csv(payment(minor, currency), TABLE_FILES["payments.csv"]) if minor > -(2**63) else None
    assert content is None or read_table(content, TABLE_FILES["payments.csv"])["amount_minor"].tolist() == [minor]
    assert int(amount_text(minor, currency).replace(".", "")) == minor


def test_what_is_absent_is_empty_and_negative_quantities_are_numbers() -> None:
    row = dict.fromkeys(DISCREPANCIES.columns, "") | {
        "expected_quantity": "-1.5",
        "expected_minor": None,
        "invoiced_minor": -1,
        "difference_minor": None,
        "granted_minor": 0,
        "currency": "EUR",
    }
    content = table_csv(DISCREPANCIES.of([list(row.values())]), TABLE_FILES["discrepancies.csv"])
    cells = [only_cell(content, name) for name in ("expected_quantity", "expected_amount", "invoiced_amount")]
    assert cells == ["-1.5", "", "-0.01"]


@pytest.mark.parametrize(
    ("scaled", "scale", "text"),
    [(12_000_000, 6, "12"), (-1, 12, "-0.000000000001"), (2**63 - 1, 0, "9223372036854775807")],
)
def test_quantities_are_plain_and_prices_may_be_unknown(scaled: int, scale: int, text: str) -> None:
    nothing = {TEXT: "", INT: 0}
    row = {name: nothing.get(dtype) for name, dtype in CHARGES.columns.items()} | {
        "service_from": date(2026, 10, 1),
        "service_to": date(2026, 10, 31),
        "quantity_scaled": scaled,
        "quantity_scale": scale,
    }
    content = table_csv(CHARGES.of([list(row.values())]), TABLE_FILES["rated_usage.csv"])
    assert (only_cell(content, "quantity"), only_cell(content, "amount")) == (text, "")


def test_rows_are_sorted_and_lines_end_alike() -> None:
    table = receivables().open_items
    content = table_csv(table.iloc[::-1], TABLE_FILES["open_items.csv"])
    assert content == table_csv(table, TABLE_FILES["open_items.csv"])
    assert b"\r" not in content
    assert content.endswith(b"\n")


@pytest.mark.parametrize(
    ("name", "declared", "table"),
    [
        ("open_items.csv", OPEN_ITEMS, receivables().open_items),
        ("allocations.csv", ALLOCATIONS, receivables().allocations),
    ],
    ids=["open items", "allocations"],
)
def test_tables_are_read_back(name: str, declared: Any, table: pd.DataFrame) -> None:
    read = read_table(table_csv(table, TABLE_FILES[name]), TABLE_FILES[name])
    ordered = table.sort_values(list(TABLE_FILES[name].sorted_by), ignore_index=True)
    for column in read.columns:
        assert read[column].astype(ordered[column].dtype).tolist() == ordered[column].tolist(), (declared.name, column)


def test_totals_are_read_back_by_currency() -> None:
    content = table_csv(receivables().aging, TABLE_FILES["aging.csv"])
    by_currency = receivables().aging.groupby("currency")["balance"].sum().to_dict()
    assert read_totals(content, TABLE_FILES["aging.csv"], "balance") == by_currency


def test_empty_tables_are_a_header() -> None:
    content = table_csv(AGING.of([]), TABLE_FILES["aging.csv"])
    assert content.decode() == HEADERS["aging.csv"] + "\n"
    assert read_table(content, TABLE_FILES["aging.csv"]).empty


@pytest.mark.parametrize(
    "content",
    [
        b"account,currency\n",
        HEADERS["aging.csv"].encode() + b"\nA,EUR,1.00\n",
        HEADERS["aging.csv"].encode() + b"\nA,EUR,0.001" + b",0.00" * 7 + b"\n",
    ],
    ids=["header", "ragged", "finer than a cent"],
)
def test_files_that_are_not_ours_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"header|decimals"):
        read_table(content, TABLE_FILES["aging.csv"])


def test_messages_are_a_table_of_text() -> None:
    row = ["k.1", "1", "invoice_available", "A", '"Doe, J" <j@a.example>', "=s", "", "", "zero balance"]
    content = table_csv(OUTBOX.of([row]), TABLE_FILES["outbox.csv"])
    assert only_cell(content, "to") == '"Doe, J" <j@a.example>'
    assert only_cell(content, "subject") == "'=s"


def test_statement_has_every_figure(golden: Callable[[Path, str], None]) -> None:
    statement = build_statements(receivables(), snapshot(), SPAN)[0]
    golden(GOLDEN / "statement.csv", statement_csv(statement).decode())


def test_statement_sections_add_up() -> None:
    statement = build_statements(receivables(), snapshot(), SPAN)[0]
    header, *rows = csv_rows(statement_csv(statement))
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    euros = [cell for cell in cells if cell["currency"] == "EUR"]
    amounts = {
        section: sum(int(cell["amount"].replace(".", "")) for cell in euros if cell["section"] == section)
        for section in ("movement", "aging")
    }
    opening, closing = (
        int(cell["balance"].replace(".", "")) for cell in euros if cell["section"] in ("opening", "closing")
    )
    assert opening + amounts["movement"] == closing
    assert amounts["aging"] == 2 * closing  # buckets and their balance
