"""What the receivables of one run are: tables that the invariants hold together."""

from dataclasses import dataclass, field

from pandas import DataFrame

from prisma_batch.records.care_tables import PLAN_STATES
from prisma_batch.records.tables import BALANCES, MOVEMENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Receivables:
    """The tables of ``records.tables`` by the same names, as of one day; ``movements`` since the previous one.

    ``apart_movements`` and ``apart_balances`` are those of money on nobody's account, by what it is instead; ``plans``
    are PLAN_STATES.
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
    apart_movements: DataFrame = field(default_factory=lambda: MOVEMENTS.of([]))
    apart_balances: DataFrame = field(default_factory=lambda: BALANCES.of([]))
    plans: DataFrame = field(default_factory=lambda: PLAN_STATES.of([]))
