"""Delta rating: what changes when charges are rated again, as lines that take back and lines that charge anew."""

import pandas as pd
from pandas import DataFrame

from prisma_batch.rating.keys import ordered_by
from prisma_batch.rating.totals import KEY
from prisma_batch.records.tables import CHARGES

_PLACE = [*KEY, "service_from", "service_to", "unit", "kind"]
_WHAT = ["currency", "quantity_scaled", "quantity_scale", "amount_minor"]


def delta_charges(before: DataFrame, after: DataFrame) -> DataFrame:
    """Return the charges that are no longer the same, with quantity and amount negated, and those that replace them.

    Args:
        before: CHARGES as they were rated first.
        after: CHARGES as they are rated now.
    Returns:
        CHARGES sorted by key and days, each reversal before what replaces it; the amounts add up to the change.
    """
    same = [*_PLACE, *_WHAT]
    taken_back = _missing_in(before, after, same)
    reversed_ = taken_back.assign(
        quantity_scaled=-taken_back["quantity_scaled"], amount_minor=-taken_back["amount_minor"], step=0
    )
    changes = pd.concat([reversed_, _missing_in(after, before, same).assign(step=1)], ignore_index=True)
    return CHARGES.conform(ordered_by(changes, [*_PLACE, "step"]))


def _missing_in(charges: DataFrame, others: DataFrame, same: list[str]) -> DataFrame:
    # Equal rows pair off one by one.
    counted, known = (
        table[same].assign(nth=table.groupby(same, dropna=False).cumcount()) for table in (charges, others)
    )
    found = counted.merge(known, on=[*same, "nth"], how="left", validate="one_to_one", indicator="side")
    return charges[found["side"].eq("left_only").to_numpy()]
