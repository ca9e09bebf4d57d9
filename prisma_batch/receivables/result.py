"""What the receivables of one run are: tables that the invariants hold together."""

from dataclasses import dataclass, field

from pandas import DataFrame

from prisma_batch.records.care_tables import PLAN_STATES


@dataclass(frozen=True, kw_only=True, slots=True)
class Receivables:
    """The tables of ``records.tables`` by the same names, as of one day; ``movements`` since the previous one.

    ``plans`` are PLAN_STATES.
    """

    payments: DataFrame
    allocations: DataFrame
    unapplied: DataFrame
    adjustments: DataFrame
    open_items: DataFrame
    aging: DataFrame
    movements: DataFrame
    balances: DataFrame
    discrepancies: DataFrame
    plans: DataFrame = field(default_factory=lambda: PLAN_STATES.of([]))
