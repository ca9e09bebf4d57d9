"""Entries that two files may tell twice, where neither balances nor references prove that they are others."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from pandas import DataFrame

from prisma_batch.base.findings import Finding
from prisma_batch.receivables.statement_twins import balanced
from prisma_batch.records.table import rows_of

_DAY = ["account_iban", "currency", "booking_date"]
_STATEMENT = ["source", "account_iban", "statement", "currency"]


def repeated_entries(entries: DataFrame, statements: DataFrame) -> list[Finding]:
    """Return a warning for each pair of files with the same amounts on the same days of an account.

    Days of statements that both have balances are left out: those prove that they are two.

    Args:
        entries: BANK_ENTRIES that count, each once.
        statements: BANK_STATEMENTS they stand in.
    """
    pairs: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for days in _days_alike(entries, statements):
        for one, other in combinations(days, 2):
            if one.amounts == other.amounts and not (one.balanced and other.balanced):
                pairs[one.source, other.source].append(other)
    return [_finding(first, days) for (first, _), days in sorted(pairs.items())]


def _days_alike(entries: DataFrame, statements: DataFrame) -> Iterator[list[Any]]:
    """Yield the days of an account that several files tell with as many entries and the same sum, file by file."""
    if entries["source"].nunique() < 2:
        return
    days = entries.groupby([*_DAY, "source"], dropna=False)["amount_minor"].agg(["sum", "size"]).reset_index()
    alike = days[days.duplicated([*_DAY, "sum", "size"], keep=False)]
    if alike.empty:
        return
    proved = statements.loc[balanced(statements), _STATEMENT].drop_duplicates()
    rows = entries.merge(alike[[*_DAY, "source"]], on=[*_DAY, "source"], how="inner", validate="many_to_one")
    rows = rows.merge(proved, on=_STATEMENT, how="left", indicator="proved", validate="many_to_one")
    rows = rows.assign(balanced=rows["proved"].eq("both"))
    told = rows.sort_values("amount_minor").groupby([*_DAY, "source"], dropna=False)
    tables = told.agg(amounts=("amount_minor", tuple), balanced=("balanced", "all"))
    for _, same in tables.reset_index().groupby(_DAY, dropna=False):
        yield list(rows_of(same.sort_values("source")))


def _finding(first: str, days: list[Any]) -> Finding:
    count = sum(len(day.amounts) for day in days)
    on = f"{days[0].booking_date.date()}" if len(days) == 1 else f"{len(days)} days"
    return Finding(
        code="entries-told-twice",
        message=f"{count} {'entry' if count == 1 else 'entries'} of {on} stand with the same amounts in {first}",
        remedy="where both files are of one statement, keep the one with balances or references",
        source=days[0].source,
        severity="warning",
    )
