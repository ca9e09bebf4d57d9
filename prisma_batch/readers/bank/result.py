"""What a reader of bank files gives back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.records.table import Table
from prisma_batch.records.tables import BANK_ENTRIES, BANK_STATEMENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class BankInput:
    """One bank file: BANK_ENTRIES, BANK_STATEMENTS and what is wrong; empty tables where there is an error."""

    entries: pd.DataFrame
    statements: pd.DataFrame
    findings: list[Finding]


def bank_input(
    entries: Iterable[Mapping[str, Any]], statements: Iterable[Mapping[str, Any]], findings: list[Finding]
) -> BankInput:
    """Build the tables from rows as mappings of column to value; one error refuses the file."""
    if errors_in(findings):
        entries, statements = [], []
    return BankInput(
        entries=_table(BANK_ENTRIES, entries), statements=_table(BANK_STATEMENTS, statements), findings=findings
    )


def _table(table: Table, rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    return table.of([row[column] for column in table.columns] for row in rows)
