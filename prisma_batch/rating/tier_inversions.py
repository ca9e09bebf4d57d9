"""Volume prices at which more units would have cost less: a quantity just below the next tier."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled, plain, to_scaled
from prisma_batch.rating.amounts import charge_amounts
from prisma_batch.rating.terms import Terms
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.table import rows_of


def tier_inversions(charges: DataFrame, terms: Sequence[Terms]) -> Iterator[Anomaly]:
    """Yield the charges that the smallest quantity in a higher tier would have undercut, with the cheapest of those.

    Args:
        charges: CHARGES of one month with amounts, before and after whose minimum and maximum nothing is compared.
        terms: those that the charges name.
    """
    for position, agreed in enumerate(terms):
        boundaries = [tier.up_to for tier in agreed.tiers if tier.up_to is not None]
        if agreed.model == "volume" and boundaries:
            own = charges[charges["terms"].eq(position).fillna(False) & charges["quantity_scaled"].gt(0)]
            for _, rows in own.groupby("quantity_scale"):
                yield from _cheaper(rows, terms, [bound + agreed.included_quantity for bound in boundaries])


def _cheaper(rows: DataFrame, terms: Sequence[Terms], boundaries: Sequence[Decimal]) -> Iterator[Anomaly]:
    """Compare rows of the same terms and quantity scale with the first quantity above each boundary."""
    best = charge_amounts(rows, terms).to_numpy("int64")
    own, more = best.copy(), np.zeros(len(rows), dtype="int64")
    for boundary in boundaries:
        scale = max(to_scaled(boundary)[1], int(rows["quantity_scale"].iloc[0]))
        step = _at(boundary, scale) + 1
        alternative = charge_amounts(rows.assign(quantity_scaled=step, quantity_scale=scale), terms).to_numpy("int64")
        quantity = rows["quantity_scaled"].to_numpy().astype(object) * 10 ** (scale - rows["quantity_scale"].iloc[0])
        is_less = (quantity < step) & (alternative < best)
        best, more = np.where(is_less, alternative, best), np.where(is_less, boundaries.index(boundary) + 1, more)
    found = rows.assign(own_minor=own, least_minor=best, boundary=more)[more > 0]
    for row in rows_of(found):
        yield _anomaly(row, boundaries[row.boundary - 1])


def _anomaly(row: Any, boundary: Decimal) -> Anomaly:
    used = f"{plain(from_scaled(row.quantity_scaled, row.quantity_scale))} {row.unit}".rstrip()
    own, least = (f"{from_minor(minor, row.currency)} {row.currency}" for minor in (row.own_minor, row.least_minor))
    return Anomaly(
        kind="tier_inversion",
        account=row.account,
        program=row.program,
        sku=row.sku,
        period=row.period,
        message=f"{used} cost {own}, while any more than {plain(boundary)} would begin at {least}",
        amount_minor=int(row.own_minor),
        usual_minor=int(row.least_minor),
        currency=row.currency,
        source=row.source,
        pointer=row.pointer,
    )


def _at(number: Decimal, scale: int) -> int:
    scaled, own_scale = to_scaled(number)
    return scaled * int(10 ** (scale - own_scale))
