"""Usage that came after the late window of its month: told once, with its money, and not matched any more."""

from collections.abc import Set as AbstractSet
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled, plain
from prisma_batch.base.periods import Period
from prisma_batch.rating.match import MatchScope, of_service_account
from prisma_batch.rating.units import UNIT, at_one_scale
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of, safe_to_sum


def usage_after_window(
    charges: DataFrame, lines: DataFrame, scope: MatchScope, period: Period, known_sources: AbstractSet[str]
) -> list[Discrepancy]:
    """Return ``late_usage`` for usage of a month before the window whose file the previous run did not know.

    Args:
        charges: CHARGES of every month.
        lines: INVOICE_LINES with their period.
        scope: what is matched in this run.
        known_sources: the files that the previous run was made of.
    """
    usage = charges[charges["kind"].eq("usage") & charges["amount_minor"].notna()]
    fresh = usage[~usage["source"].isin(sorted(known_sources))]
    fresh = fresh[fresh["period"].lt(str(period))]
    late = fresh[~scope.holds(fresh)].astype({"amount_minor": "int64"})
    if late.empty:
        return []
    late, lines = at_one_scale(late, of_service_account(lines))
    billed = dict(list(lines.groupby(UNIT, dropna=False)))
    return [_late(rows, billed.get(key, lines.head(0))) for key, rows in late.groupby(UNIT, dropna=False)]


def _late(used: DataFrame, billed: DataFrame) -> Discrepancy:
    row: Any = next(rows_of(used))
    quantities = [int(safe_to_sum(table["quantity"]).sum()) for table in (used, billed)]
    expected, invoiced = (int(safe_to_sum(table["amount_minor"]).sum()) for table in (used, billed))
    used_quantity, billed_quantity = (from_scaled(quantity, row.scale) for quantity in quantities)
    amount = f"{plain(used_quantity)} = {from_minor(expected, row.currency)} {row.currency}"
    return Discrepancy(
        kind="late_usage",
        message=f"used {amount}, on record only after the late window of {row.period}",
        source=row.source,
        pointer=row.pointer,
        account=row.account,
        program=row.program,
        sku=row.sku,
        period=row.period,
        expected_quantity=used_quantity,
        invoiced_quantity=billed_quantity,
        expected_minor=expected,
        invoiced_minor=invoiced,
        currency=row.currency,
    )
