"""Usage rows of one key or some accounts, found again in the files: totals do not keep them."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.readers.usage.files import UsageFile, usage_files
from prisma_batch.readers.usage.registry import usage_rows
from prisma_batch.readers.usage.result import UsageNames
from prisma_batch.records.tables import USAGE_ROWS
from prisma_batch.views.explanations.basis import UsageKey


def rows_of_key(rows: DataFrame, key: UsageKey) -> DataFrame:
    """Return the rows of a key, in their order."""
    mine = rows["account"].eq(key.account) & rows["program"].eq(key.program) & rows["sku"].eq(key.sku)
    first_day, last_day = pd.Timestamp(key.first_day), pd.Timestamp(key.last_day)
    mine &= rows["unit"].isin(sorted(key.units)) & rows["usage_date"].between(first_day, last_day)
    return rows[mine]


def metered_rows(
    root: Path, paths: Sequence[Path | str] | None, sources: Iterable[str], names: UsageNames, key: UsageKey
) -> DataFrame:
    """Read USAGE_ROWS of one key from the metered files.

    Args:
        paths: files that were named instead of those of the workspace's folder.
        sources: the files that count, among these.
    """
    files, _ = usage_files(root, paths)
    counting = frozenset(sources)
    parts = [rows_of_key(rows, key) for file in files if file.source in counting for rows in usage_rows(file, names)]
    return USAGE_ROWS.conform(pd.concat([USAGE_ROWS.of([]), *parts], ignore_index=True))


def rows_of_accounts(
    files: Iterable[UsageFile], names: UsageNames, accounts: AbstractSet[str], period: Period, as_of: date
) -> tuple[DataFrame, dict[str, date]]:
    """Read USAGE_ROWS of some accounts up to the end of a period, and the day up to which it is covered, by program.

    Covered are the days up to the last one with usage of any account: an export covers days on which one used nothing.
    Where there is usage after the period, it is covered whole.

    Args:
        as_of: what was used later is left out.
    """
    parts, covered = [USAGE_ROWS.of([])], dict[str, date]()
    for file in files:
        for rows in usage_rows(file, names):
            known = rows[rows["usage_date"] <= pd.Timestamp(as_of)]
            is_own = known["account"].isin(sorted(accounts)) & known["usage_date"].le(pd.Timestamp(period.last_day))
            parts.append(known[is_own])
            since = known[known["usage_date"] >= pd.Timestamp(period.first_day)]
            for program, day in since.groupby("program")["usage_date"].max().items():
                last = min(day.date(), period.last_day)
                covered[str(program)] = max(last, covered.get(str(program), date.min))
    return USAGE_ROWS.conform(pd.concat(parts, ignore_index=True)), covered
