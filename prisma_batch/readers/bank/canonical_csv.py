"""Canonical bank CSV (CONTRACT §2): one booked entry a row, money in positive."""

from collections.abc import Mapping
from typing import Any

from prisma_batch.base.findings import Finding
from prisma_batch.readers.bank.amounts import amount_minor, calendar_day, currency_code
from prisma_batch.readers.bank.csv_rows import CsvRow, csv_rows, filled
from prisma_batch.readers.bank.result import BankInput, bank_input
from prisma_batch.readers.csv_text import (
    BOM,
    BYTE_ORDER_MARK,
    Refusal,
    RowFindings,
    delimiter_finding,
    delimiter_split,
    encoding_findings,
    header_columns,
    header_findings,
)

NAME = "canonical"
COLUMNS = tuple(
    "payment statement account_iban booking_date value_date amount currency counterparty_name counterparty_iban "
    "end_to_end_id structured_reference text".split()
)
_BALANCE_FIELDS = {"opening_balance": "opening_minor", "closing_balance": "closing_minor"}
BALANCES = tuple(_BALANCE_FIELDS)
_COPIED = ("statement", "counterparty_name", "counterparty_iban", "end_to_end_id", "structured_reference", "text")
_TELLING = {"booking_date", "amount", "currency", "account_iban", "payment"}

_DISAGREES = Refusal(
    "balance-disagrees", "not the same on each row of the statement", "repeat the statement's balance on each row"
)


def sniff(content: bytes) -> bool:
    """Recognise the format by three of its columns, whatever separates them."""
    if encoding_findings("", content):
        return False
    columns = header_columns(content)
    split = delimiter_split(columns)
    return len(_TELLING & set(split[1] if split else columns)) >= 3


def read(source: str, content: bytes, encoding: str | None = None) -> BankInput:  # noqa: ARG001 - as every format
    """Read entries and a statement for each account, statement and currency; one finding refuses the file."""
    columns = header_columns(content)
    findings = _header_findings(source, content, columns)
    if findings:
        return bank_input([], [], findings)
    found = RowFindings(source, columns)
    return rows_input(source, csv_rows(content.decode("utf-8"), found), found)


def is_complete(content: bytes) -> bool:
    """Say whether every column of the format is there: then no declared layout is needed."""
    return not encoding_findings("", content) and set(COLUMNS) <= set(header_columns(content))


def rows_input(source: str, rows: list[CsvRow], found: RowFindings) -> BankInput:
    """Read rows that have the columns of the format."""
    entries = [_entry(row) | {"source": source, "pointer": str(row.number)} for row in rows]
    statements = _statements(rows, entries)
    return bank_input(entries, statements, found.all())


def _header_findings(source: str, content: bytes, columns: tuple[str, ...]) -> list[Finding]:
    split = delimiter_split(columns)
    if split:
        return [delimiter_finding(source, split[0])]
    marks = [BYTE_ORDER_MARK.finding(source, line=1, column=1)] if content.startswith(BOM) else []
    return marks + header_findings(source, columns, COLUMNS, BALANCES)


def _entry(row: CsvRow) -> dict[str, Any]:
    booked_on = row.read("booking_date", calendar_day)
    has_value_date = bool(row.cells["value_date"])
    return {column: row.cells[column] for column in _COPIED} | {
        "bank_reference": row.cells["payment"],
        "detail": 0,
        "account_iban": row.read("account_iban", filled),
        "booking_date": booked_on,
        "value_date": row.read("value_date", calendar_day) if has_value_date else booked_on,
        "amount_minor": _amount(row, "amount"),
        "currency": row.read("currency", currency_code),
        "bank_code": "",
        "reversal": False,
    }


def _amount(row: CsvRow, column: str) -> int | None:
    currency = row.cells["currency"]
    return row.read(column, lambda text: amount_minor(text, currency))


def _statements(rows: list[CsvRow], entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    statements: dict[tuple[str, ...], dict[str, Any]] = {}
    for row, entry in zip(rows, entries, strict=True):
        balances = {column: _amount(row, column) if row.cells.get(column) else None for column in BALANCES}
        key = tuple(row.cells[column] for column in ("account_iban", "statement", "currency"))
        statement = statements.setdefault(key, _opened(entry, balances))
        for column, field in _BALANCE_FIELDS.items():
            if balances[column] != statement[field]:
                row.found.refuse(column, [row.number], _DISAGREES)
        if entry["booking_date"] is not None and entry["amount_minor"] is not None:
            _count(statement, entry)
    return list(statements.values())


def _opened(entry: Mapping[str, Any], balances: Mapping[str, int | None]) -> dict[str, Any]:
    shared = ("account_iban", "statement", "currency", "source", "pointer")
    return {column: entry[column] for column in shared} | {
        "opened_on": entry["booking_date"],
        "closed_on": entry["booking_date"],
        "entries_minor": 0,
        **{field: balances[column] for column, field in _BALANCE_FIELDS.items()},
    }


def _count(statement: dict[str, Any], entry: Mapping[str, Any]) -> None:
    statement["entries_minor"] += entry["amount_minor"]
    booked_on = entry["booking_date"]
    statement["opened_on"] = min(statement["opened_on"] or booked_on, booked_on)
    statement["closed_on"] = max(statement["closed_on"] or booked_on, booked_on)
