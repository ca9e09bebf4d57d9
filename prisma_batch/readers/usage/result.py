"""What a reader of metered usage is given and gives back."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from prisma_batch.base.findings import Finding
from prisma_batch.rating.kernel.chunks import Coded, CodedDays, Ints
from prisma_batch.records.settings import UsageLayout
from prisma_batch.records.tables import SOURCE_COSTS, USAGE_ROWS

_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")

# The sum of what was billed, at scale 12, by billing account, invoice ("" where the file names none) and currency.
CostKey = tuple[str, str, str]
Costs = Mapping[CostKey, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageNames:
    """How a system names our accounts and programs: ``(system, external id)`` to our id; and layouts of one's own."""

    accounts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    programs: Mapping[tuple[str, str], str] = field(default_factory=dict)
    layouts: Mapping[str, UsageLayout] = field(default_factory=dict)

    def account(self, system: str, external: str) -> str:
        """Return our account, or the external id where it is not known."""
        return self.accounts.get((system, external), external)


def program_id(names: UsageNames, system: str, external: str) -> str:
    """Return our program, or an id made of the external name where it is not known."""
    return names.programs.get((system, external)) or _NOT_IN_SLUG.sub("-", external.lower()).strip("-")


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageColumns:
    """A block of usage in our own terms, and what it cost according to its source."""

    account: Coded
    program: Coded
    sku: Coded
    unit: Coded
    day: CodedDays
    quantity_scaled: Ints
    scale: int
    costs: Costs = field(default_factory=dict)


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
