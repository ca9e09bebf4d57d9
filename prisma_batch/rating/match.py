"""The three-way match: usage × agreement × invoice lines, joined as integers, each difference explained."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from pandas import DataFrame

from prisma_batch.rating.agreed_prices import AgreedPrices
from prisma_batch.rating.classify import differences, misplaced_intervals
from prisma_batch.rating.duplicates import split_duplicates
from prisma_batch.rating.exceptions import unpriced_usage, with_known_price
from prisma_batch.rating.minimums import MINIMUM_KINDS, without_quantity_of_minimums
from prisma_batch.rating.placement import with_period
from prisma_batch.rating.refunds import without_refunded
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.units import UNIT, at_one_scale, differing
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.price_tables import RATES
from prisma_batch.records.table import INT, MAYBE_INT

# What is compared of a unit: sums of its charges and of its lines, and what its first charge and its last line say.
_USED = {"quantity": "used", "amount_minor": "expected", "minimum": "minimum", "priced": "rates"}
_BILLED = {"quantity": "billed", "amount_minor": "invoiced", "lines": "lines"}
_FIRST_CHARGE = {name: name for name in ("kind", "model", "rounding", "price_scaled", "price_scale")} | {
    name: f"usage_{name}" for name in ("scale", "source", "pointer")
}
_LAST_LINE = {name: name for name in ("document", "line")} | {
    name: f"line_{name}" for name in ("scale", "price_scaled", "price_scale", "source", "pointer")
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchScope:
    """What is matched: the periods of each program (the run's own, and earlier ones within its late window).

    ``accounts`` are the known ones; ``advance`` the RATES that bill in advance; ``terms`` what the
    charges refer to.
    """

    periods: Mapping[str, frozenset[str]]
    default_periods: frozenset[str]
    accounts: frozenset[str]
    advance: DataFrame = field(default_factory=lambda: RATES.of([]))
    terms: Sequence[Terms] = (Terms(),)

    def holds(self, table: DataFrame) -> "pd.Series[bool]":
        """Say for each row of a table with program and period whether it is matched in this run."""
        pairs = table[["program", "period"]].drop_duplicates()
        told = [pair for pair in zip(pairs["program"], pairs["period"], strict=True) if self.tells(*pair)]
        return pd.Series(pd.MultiIndex.from_frame(table[["program", "period"]]).isin(told), index=table.index)

    def tells(self, program: str, period: str) -> bool:
        """Say whether a program's month is matched in this run."""
        return period in self.periods.get(program, self.default_periods)


def match_usage(charges: DataFrame, lines: DataFrame, scope: MatchScope) -> list[Discrepancy]:
    """Compare what was used at the agreed rate with what was invoiced.

    A line belongs to the month of its ``service_to`` (of its ``service_from`` where its rate bills in advance) and is
    matched once, whole. Credit note lines count negative. First both sides of each unit of account, program, SKU, month
    and currency are added up: only units that differ are looked at further. There, lines that a credit took back whole
    are left out, then duplicates are told, then usage billed under the wrong month. What remains is a minimum that was
    not billed, a difference in quantity, valued at the agreed rate, and a difference in price.

    Args:
        charges: CHARGES of every month in the tree.
        lines: INVOICE_LINES of every document in the tree.
        scope: which rows count.
    Returns:
        Discrepancies in no particular order.
    """
    unpriced, priced = unpriced_usage(charges, scope.accounts, scope.terms)
    billed = with_known_price(of_service_account(with_period(lines, scope.advance)), charges)
    told = [item for item in unpriced if scope.tells(item.program, item.period)]
    return told + _compared_units(*at_one_scale(priced, billed), lines, scope)


def _compared_units(charges: DataFrame, billed: DataFrame, lines: DataFrame, scope: MatchScope) -> list[Discrepancy]:
    charges = charges.assign(quantity=charges["quantity"].where(~charges["kind"].isin(MINIMUM_KINDS), 0))
    charges, billed = differing(charges, billed)
    billed = without_quantity_of_minimums(without_refunded(billed), charges)
    if charges.empty and billed.empty:  # Arrow joins no two tables without rows
        return []
    billed, duplicates = split_duplicates(charges, billed, lines)
    compared = _compared(charges, billed)
    misplaced, compared = misplaced_intervals(compared.assign(told=scope.holds(compared)))
    told = [item for item in duplicates if scope.tells(item.program, item.period)]
    return told + misplaced + differences(compared[compared["told"]], AgreedPrices(charges, scope.terms))


def of_service_account(lines: DataFrame) -> DataFrame:
    """Return lines under the account whose usage they bill."""
    return lines.drop(columns="account").rename(columns={"service_account": "account"})


def _compared(charges: DataFrame, lines: DataFrame) -> DataFrame:
    """Join both sides per unit; missing sides are null, integers stay integers."""
    is_minimum = charges["kind"].isin(MINIMUM_KINDS)
    charges = charges.assign(
        is_minimum=is_minimum, minimum=charges["amount_minor"].where(is_minimum, 0), priced=(~is_minimum).astype(int)
    )
    # What is used stands before the minimum that it did not reach.
    charges = charges.sort_values("is_minimum", kind="stable")
    # A difference is named after the last line of an invoice: what is granted, disputed or corrected names one.
    lines = lines.assign(bills=lines["kind"].eq("invoice"), lines=1)
    lines = lines.sort_values(["bills", "document", "line"], kind="stable")
    units = pd.concat([charges[UNIT], lines[UNIT]], ignore_index=True)
    numbers = units.groupby(UNIT, dropna=False).ngroup().to_numpy()
    charged = charges.groupby(numbers[: len(charges)])
    billed = lines.groupby(numbers[len(charges) :])
    sides = [
        _integers(charged[[*_USED]].sum()).rename(columns=_USED),
        _integers(charged[[*_FIRST_CHARGE]].first()).rename(columns=_FIRST_CHARGE),
        _integers(billed[[*_BILLED]].sum()).rename(columns=_BILLED),
        _integers(billed[[*_LAST_LINE]].last()).rename(columns=_LAST_LINE),
    ]
    compared = pd.concat([units.groupby(numbers).first(), *sides], axis=1)
    lacks = [compared["lines"].isna(), compared["rates"].isna()]
    return compared.assign(side=np.select(lacks, ["left_only", "right_only"], "both"))


def _integers(table: DataFrame) -> DataFrame:
    """Return a table whose integers stay integers where a row is missing."""
    return table.astype(dict.fromkeys(table.columns[table.dtypes == INT], MAYBE_INT))
