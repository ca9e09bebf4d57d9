"""Temporary discounts that cases granted: on which charges, for how many of their days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import DataFrame

from prisma_batch.base.money import to_scaled
from prisma_batch.records.cases import Case
from prisma_batch.records.table import rows_of

_SCALE = 12  # percentages have up to 12 decimals


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """A percentage off the charges of an account's program, or one SKU of it, on the days from first to last."""

    account: str
    program: str
    sku: str | None
    percent: Decimal
    first_on: date
    last_on: date


def temporary_discounts(cases: Iterable[Case]) -> tuple[Grant, ...]:
    """Return what the outcomes ``temporary_discount`` granted."""
    return tuple(
        Grant(
            account=case.account,
            program=outcome.program,
            sku=outcome.sku,
            percent=outcome.percent,
            first_on=outcome.from_,
            last_on=outcome.to,
        )
        for case in cases
        for outcome in case.outcome
        if outcome.kind == "temporary_discount"
        and outcome.program
        and outcome.percent is not None
        and outcome.from_
        and outcome.to
    )


def granted_scaled(charges: DataFrame, grants: Sequence[Grant]) -> NDArray[np.int64]:
    """Return percent × days granted on each charge, 12 decimals; of several grants for a day the highest counts."""
    if not grants:
        return np.broadcast_to(np.int64(0), len(charges))
    granted = np.zeros(len(charges), dtype="int64")
    by_account = defaultdict(list)
    for grant in grants:
        by_account[grant.account].append(grant)
    concerned = charges["account"].isin(sorted(by_account)).to_numpy() & charges["terms"].notna().to_numpy()
    for index, row in zip(np.flatnonzero(concerned), rows_of(charges[concerned]), strict=True):
        granted[index] = _percent_days(row, by_account[row.account])
    return granted


def _percent_days(charge: Any, grants: Sequence[Grant]) -> int:
    first, last = charge.service_from.date(), charge.service_to.date()
    fitting = [g for g in grants if g.program == charge.program and g.sku in (None, charge.sku)]
    fitting = [g for g in fitting if g.first_on <= last and g.last_on >= first]
    bounds = {first, last + timedelta(days=1)}
    for grant in fitting:
        bounds |= {max(grant.first_on, first), min(grant.last_on, last) + timedelta(days=1)}
    cuts = sorted(bounds)
    total = 0
    for since, until in pairwise(cuts):
        percents = [g.percent for g in fitting if g.first_on <= since <= g.last_on]
        total += (until - since).days * _scaled(max(percents, default=Decimal(0)))
    return total


def _scaled(percent: Decimal) -> int:
    scaled, scale = to_scaled(percent)
    return scaled * int(10 ** (_SCALE - scale))
