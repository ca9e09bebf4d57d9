"""What a reader of bank files gives back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any

import pandas as pd

from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.readers.csv_text import Refusal, encoding_findings
from prisma_batch.records.table import FLAG, INT, Table
from prisma_batch.records.tables import BANK_ENTRIES, BANK_STATEMENTS, REMITTANCE_ADVICES

_DECLARE = "ask the bank for UTF-8, or declare the encoding under bank_layouts in prisma.yaml"


@dataclass(frozen=True, kw_only=True, slots=True)
class BankInput:
    """One file of payments: BANK_ENTRIES and BANK_STATEMENTS or REMITTANCE_ADVICES, and what is wrong.

    The tables are empty where there is an error.
    """

    entries: pd.DataFrame
    statements: pd.DataFrame
    advices: pd.DataFrame
    findings: list[Finding]


def bank_input(
    entries: Iterable[Mapping[str, Any]], statements: Iterable[Mapping[str, Any]], findings: list[Finding]
) -> BankInput:
    """Build the tables from rows as mappings of column to value; one error refuses the file."""
    return bank_input_of(map(itemgetter(*BANK_ENTRIES.columns), entries), statements, findings)


def bank_input_of(
    entries: Iterable[Sequence[Any]], statements: Iterable[Mapping[str, Any]], findings: list[Finding]
) -> BankInput:
    """Build the tables from entries in the order of their columns, and statements as ``bank_input`` takes them."""
    if errors_in(findings):
        entries, statements = [], []
    return BankInput(
        entries=BANK_ENTRIES.of(entries),
        statements=_table(BANK_STATEMENTS, statements),
        advices=REMITTANCE_ADVICES.of([]),
        findings=findings,
    )


def advice_input(advices: Iterable[Mapping[str, Any]], findings: list[Finding]) -> BankInput:
    """Build the table of a remittance advice from rows as mappings of column to value; one error refuses the file."""
    kept = [] if errors_in(findings) else advices
    return replace(bank_input([], [], findings), advices=_table(REMITTANCE_ADVICES, kept))


def _table(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    return table.of(map(itemgetter(*table.columns), rows))


def bank_text(source: str, content: bytes, encoding: str | None) -> str | list[Finding]:
    """Return the text of a file in UTF-8, or in the encoding that the workspace declares for it."""
    if encoding is None:
        findings = encoding_findings(source, content)
        return [replace(found, remedy=_DECLARE) for found in findings] or content.decode("utf-8-sig")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return [Refusal("encoding", f"the file is not {encoding}", _DECLARE).finding(source, line=line)]


# What an entry has where its format says nothing.
BLANK_ENTRY: Mapping[str, Any] = {
    column: {INT: 0, FLAG: False}.get(dtype, "") for column, dtype in BANK_ENTRIES.columns.items()
}


def statement_row(
    place: Mapping[str, Any],
    currency: str,
    entries: Sequence[Mapping[str, Any]],
    opening: tuple[date | None, int | None],
    closing: tuple[date | None, int | None],
) -> dict[str, Any]:
    """Return a BANK_STATEMENTS row with the sum of its entries; days that are not known are those of the entries.

    Args:
        place: account, statement, source and pointer.
    """
    days = [entry["booking_date"] for entry in entries]
    return {
        **place,
        "currency": currency,
        "opened_on": opening[0] or min(days, default=closing[0]),
        "closed_on": closing[0] or max(days, default=opening[0]),
        "opening_minor": opening[1],
        "closing_minor": closing[1],
        "entries_minor": sum(entry["amount_minor"] for entry in entries),
    }
