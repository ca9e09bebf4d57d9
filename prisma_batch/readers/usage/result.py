"""What a reader of metered usage is given and gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from prisma_batch.base.findings import Finding
from prisma_batch.records.tables import SOURCE_COSTS, USAGE_ROWS


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageNames:
    """How a system names our accounts and programs: ``(system, external id)`` to our id."""

    accounts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    programs: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageInput:
    """One usage file: USAGE_ROWS, SOURCE_COSTS, what is wrong, and how many rows the file has."""

    rows: pd.DataFrame
    costs: pd.DataFrame
    findings: list[Finding]
    rows_read: int


def refused_usage(findings: list[Finding], rows_read: int = 0) -> UsageInput:
    """Return a file of which nothing is used, because of its findings."""
    return UsageInput(rows=USAGE_ROWS.of([]), costs=SOURCE_COSTS.of([]), findings=findings, rows_read=rows_read)
