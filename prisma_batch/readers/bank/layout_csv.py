"""Bank CSV whose columns a workspace declares: the header below rows about the file, its marks, days and encoding."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from prisma_batch.base.money import from_minor
from prisma_batch.readers.bank.amounts import Refused, amount_minor
from prisma_batch.readers.bank.canonical_csv import BALANCES, COLUMNS, rows_input
from prisma_batch.readers.bank.csv_rows import CsvRow, csv_rows
from prisma_batch.readers.bank.result import BankInput, bank_input
from prisma_batch.readers.csv_text import Refusal, RowFindings
from prisma_batch.records.settings import BankLayout

_HEADER_ROWS_MAX = 100
_CELLS = (*COLUMNS, *BALANCES)
_SIDES = ("debit", "credit")
_AMOUNTS = ("amount", *_SIDES, "balance", *BALANCES)
_DAYS = ("booking_date", "value_date")

_NO_ACCOUNT = Refusal(
    "missing-column", "neither the file nor its layout names your account", "name it under bank_layouts: account"
)
_NO_CURRENCY = Refusal(
    "missing-column", "neither the file nor its layout names the currency", "name it under bank_layouts: fixed"
)
_NOT_A_DATE = Refusal("not-a-date", "not a day as the layout declares it", "correct date_format under bank_layouts")
_NOT_A_NUMBER = Refusal(
    "not-a-number", "not a number as the layout declares it", "correct decimal_mark or thousands_mark in bank_layouts"
)
_ONE_SIDE = Refusal(
    "not-a-side", "one of debit and credit holds an amount, not both", "ask the bank for another export"
)
_NO_SIDE = Refusal(
    "not-a-side", "not a word for debit or credit that the layout declares", "add it to debit_words or credit_words"
)
_TWO_SIGNS = Refusal("not-a-side", "a credit with a minus sign", "ask the bank for another export")


def fits(content: bytes, layout: BankLayout) -> bool:
    """Say whether a file has the header that a layout declares, and its account where it names one."""
    text = _decoded(content, layout)
    if text is None or _header(text, layout) is None:
        return False
    return layout.account is None or "account_iban" not in layout.columns or layout.account in text


def read(source: str, content: bytes, layout: BankLayout) -> BankInput:
    """Read a file that fits its layout; one finding refuses the file.

    Returns:
        BANK_ENTRIES, and a BANK_STATEMENTS row for each account, statement and currency; without a column for
        statements they are named by their first and last day.
    """
    text = _decoded(content, layout) or ""
    header = _header(text, layout)
    if header is None:
        raise ValueError("the file does not fit the layout")
    number, names = header
    found = RowFindings(source, _columns(names, layout))
    missing = _missing(layout)
    if missing:
        return bank_input([], [], [missing.finding(source, line=number)])
    rows = [_canonical(row, layout) for row in csv_rows(text, found, layout.delimiter, number)]
    if found.all():
        return bank_input([], [], found.all())
    return rows_input(source, _with_statements(_with_balances(rows)), found)


def _decoded(content: bytes, layout: BankLayout) -> str | None:
    # A byte order mark is welcome where the encoding is declared.
    encoding = "utf-8-sig" if layout.encoding == "utf-8" else layout.encoding
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _header(text: str, layout: BankLayout) -> tuple[int, tuple[str, ...]] | None:
    """Return the row that has every declared header, and its number; rows above it are about the file."""
    wanted = set(layout.columns.values())
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter)
    try:
        for number, cells in zip(range(1, _HEADER_ROWS_MAX + 1), reader, strict=False):
            names = tuple(cell.strip() for cell in cells)
            if wanted <= set(names):
                return number, names
    except csv.Error:
        return None
    return None


def _columns(names: Sequence[str], layout: BankLayout) -> tuple[str, ...]:
    """Return our names at the places of the bank's, so that findings name a place; the others keep theirs, marked."""
    ours = {header: column for column, header in layout.columns.items()}
    placed = [ours.get(name, f"*{position} {name}") for position, name in enumerate(names)]
    return (*placed, *(column for column in (*_CELLS, *_AMOUNTS) if column not in placed))


def _missing(layout: BankLayout) -> Refusal | None:
    given = {*layout.columns, *layout.fixed}
    if "account_iban" not in given and not layout.account:
        return _NO_ACCOUNT
    return None if "currency" in given else _NO_CURRENCY


def _canonical(row: CsvRow, layout: BankLayout) -> CsvRow:
    """Return the row with our columns and marks: days as YYYY-MM-DD, amounts with a point and a sign."""
    cells = dict.fromkeys(_CELLS, "") | {column: row.cells[column].strip() for column in layout.columns}
    cells |= {"account_iban": cells["account_iban"] or layout.account or ""}
    cells |= {column: value for column, value in layout.fixed.items() if not cells[column]}
    given = replace(row, cells=cells)
    for column in _DAYS:
        if cells[column]:
            cells[column] = given.read(column, lambda text: _day(text, layout)) or ""
    for column in _AMOUNTS:
        if cells.get(column):
            cells[column] = given.read(column, lambda text: _plain(text, layout)) or "0"
    if "debit" in layout.columns:
        _join_sides(given, cells)
    elif "side" in layout.columns:
        given.read("side", lambda word: _signed(word, cells, layout))
    return given


def _day(text: str, layout: BankLayout) -> str:
    try:
        return datetime.strptime(text, layout.date_format).date().isoformat()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        raise Refused(_NOT_A_DATE) from None


def _plain(text: str, layout: BankLayout) -> str:
    """Return a number with a point; thousands marks count only where they are declared and stand in their places."""
    number = text.removeprefix("+")
    mark = layout.thousands_mark
    if mark and mark in number:
        grouped = rf"-?[0-9]{{1,3}}({re.escape(mark)}[0-9]{{3}})+({re.escape(layout.decimal_mark)}[0-9]+)?"
        if not re.fullmatch(grouped, number):
            raise Refused(_NOT_A_NUMBER)
        number = number.replace(mark, "")
    if layout.decimal_mark != "." and "." in number:
        raise Refused(_NOT_A_NUMBER)
    return number.replace(layout.decimal_mark, ".", 1)


def _join_sides(row: CsvRow, cells: dict[str, str]) -> None:
    debit, credit = (cells[side].strip("0.") for side in _SIDES)
    if debit and credit:
        row.found.refuse(_SIDES[0], [row.number], _ONE_SIDE)
    # Some banks write what goes out with a sign, others leave it to the column.
    cells["amount"] = f"-{cells['debit'].lstrip('-')}" if debit else cells["credit"] or "0"


def _signed(word: str, cells: dict[str, str], layout: BankLayout) -> None:
    """Give the amount the sign that the word beside it stands for; a debit may have had it."""
    said, amount = word.casefold(), cells["amount"]
    if said in map(str.casefold, layout.debit_words):
        cells["amount"] = f"-{amount.removeprefix('-')}"
    elif said not in map(str.casefold, layout.credit_words):
        raise Refused(_NO_SIDE)
    elif amount.startswith("-"):
        raise Refused(_TWO_SIGNS)


def _with_statements(rows: list[CsvRow]) -> list[CsvRow]:
    """Name statements by the days of their entries where the file does not name them."""
    days: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        days.setdefault(_account(row), []).append(row.cells["booking_date"])
    names = {account: f"{min(own)}..{max(own)}" for account, own in days.items()}
    return [
        row if row.cells["statement"] else replace(row, cells={**row.cells, "statement": names[_account(row)]})
        for row in rows
    ]


def _account(row: CsvRow) -> tuple[str, str]:
    return row.cells["account_iban"], row.cells["currency"]


def _with_balances(rows: list[CsvRow]) -> list[CsvRow]:
    """Turn a balance after each entry into the balances at both ends of each statement, by account and currency."""
    if not rows or "balance" not in rows[0].cells:
        return rows
    statements: dict[tuple[str, ...], list[CsvRow]] = {}
    for row in rows:
        statements.setdefault(_statement(row), []).append(row)
    ends = {statement: _ends(own) for statement, own in statements.items()}
    return [replace(row, cells={**row.cells, **ends[_statement(row)]}) for row in rows]


def _statement(row: CsvRow) -> tuple[str, ...]:
    return *_account(row), row.cells["statement"]


def _ends(rows: list[CsvRow]) -> Mapping[str, Any]:
    currency = rows[0].cells["currency"]
    try:
        steps = [
            (amount_minor(row.cells["balance"], currency), amount_minor(row.cells["amount"], currency)) for row in rows
        ]
    except Refused:
        return {}
    # Newest first, where that is how each balance follows from its neighbour.
    if any(earlier + amount != later for (earlier, _), (later, amount) in pairwise(steps)):
        steps.reverse()
    opening, closing = steps[0][0] - steps[0][1], steps[-1][0]
    return dict(zip(BALANCES, (str(from_minor(minor, currency)) for minor in (opening, closing)), strict=True))
