"""What the receivables of one run are: tables that the invariants hold together."""

from dataclasses import dataclass

from pandas import DataFrame


@dataclass(frozen=True, kw_only=True, slots=True)
class Receivables:
    """The tables of ``records.tables`` by the same names, as of one day; ``movements`` since the previous one."""

    payments: DataFrame
    allocations: DataFrame
    unapplied: DataFrame
    adjustments: DataFrame
    open_items: DataFrame
    aging: DataFrame
    movements: DataFrame
    balances: DataFrame
    discrepancies: DataFrame
