"""Usage rows of one key, found again in the files: totals do not keep them."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd
from pandas import DataFrame

from prisma_batch.readers.usage.files import usage_files
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
    root: Path, paths: Sequence[Path] | None, sources: Iterable[str], names: UsageNames, key: UsageKey
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
