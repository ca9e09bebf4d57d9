"""The ledger per account and currency: opening + movements = closing.

Source: CONTRACT, the ledger: opening + invoices + fees − credit notes − payments + reversals + refunds − adjustments.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.records.table import safe_to_sum
from prisma_batch.records.tables import BALANCES, LEDGER_ENTRIES, MOVEMENTS

_KEY = ["account", "currency", "kind", "reference", "on"]
UNIDENTIFIED, NOT_RECEIVABLE = "unidentified", "not_receivable"


def ledger_entries(
    documents: DataFrame, payments: DataFrame, allocations: DataFrame, adjustments: DataFrame
) -> DataFrame:
    """Return LEDGER_ENTRIES: each document's debt, each payment less what is nobody's, each adjustment.

    A payment belongs to the accounts whose documents it settles and, with what is left of it, to its payer.

    Args:
        documents: DOCUMENTS known at as-of.
        payments: PAYMENTS; ``account`` is the payer of what is not allocated.
        allocations: ALLOCATIONS.
        adjustments: ADJUSTMENTS.
    """
    debts = documents.assign(
        reference=documents["document"], on=documents["issued_on"], amount_minor=documents["debt_minor"]
    )
    granted = adjustments.assign(reference=adjustments["document"], amount_minor=-adjustments["amount_minor"])
    return _summed(pd.concat([debts, _received(payments, allocations), granted]))


def apart_entries(payments: DataFrame, allocations: DataFrame) -> DataFrame:
    """Return LEDGER_ENTRIES of the money that is on nobody's account: ``unidentified`` or ``not_receivable`` instead.

    With those of ``ledger_entries`` every cent of every payment is in one of them.

    Args:
        payments: PAYMENTS.
        allocations: ALLOCATIONS.
    """
    rest = _rest(_money(payments), allocations)
    apart = rest[~_is_somebodys(rest)]
    kinds = apart["state"].where(apart["state"].eq(NOT_RECEIVABLE), UNIDENTIFIED)
    return _summed(apart.assign(account=kinds))


def _summed(parts: DataFrame) -> DataFrame:
    parts = parts[[*_KEY, "amount_minor"]]
    safe_to_sum(parts["amount_minor"])
    sums = parts.groupby(_KEY, dropna=False, as_index=False, sort=False)["amount_minor"].sum()
    return LEDGER_ENTRIES.conform(sums[sums["amount_minor"].ne(0)])


def _received(payments: DataFrame, allocations: DataFrame) -> DataFrame:
    money = _money(payments)
    rest = _rest(money, allocations)
    columns = ["payment", "kind", "on", "reference"]
    settled = allocations.merge(money[columns], on="payment", how="left", validate="many_to_one")
    return pd.concat([rest[_is_somebodys(rest)], settled.assign(amount_minor=-settled["amount_minor"])])


def _money(payments: DataFrame) -> DataFrame:
    return payments.assign(
        kind=payments["state"].map(_money_kind), on=payments["booking_date"], reference=payments["payment"]
    )


def _rest(money: DataFrame, allocations: DataFrame) -> DataFrame:
    """Return what is not allocated of each payment, as what it adds to a debt."""
    applied = allocations.groupby("payment")["amount_minor"].sum()
    left = money["amount_minor"] - applied.reindex(money["payment"], fill_value=0).to_numpy()
    return money.assign(amount_minor=-left)


def _is_somebodys(rest: DataFrame) -> "Series[bool]":
    somebodys: Series[bool] = rest["account"].ne("") & rest["state"].ne(NOT_RECEIVABLE)
    return somebodys


def _money_kind(state: str) -> str:
    return {"returned": "reversal", "refunded": "refund"}.get(state, "payment")


def movements_between(start: DataFrame, now: DataFrame, start_as_of: date) -> tuple[DataFrame, DataFrame]:
    """Return MOVEMENTS and BALANCES: what changed from one state of the ledger to the next.

    What is dated up to the start, yet was not in it, is marked ``prior_period`` and keeps its true date.

    Args:
        start: LEDGER_ENTRIES of the previous run (or of the records as of its day).
        now: LEDGER_ENTRIES as of now.
        start_as_of: the as-of date of the start.
    """
    changes = pd.concat([now, start.assign(amount_minor=-start["amount_minor"])])
    moved = changes.groupby(_KEY, dropna=False, as_index=False, sort=False)["amount_minor"].sum()
    moved = moved[moved["amount_minor"].ne(0)]
    moved = moved.assign(prior_period=moved["on"].dt.date <= start_as_of)
    ordered = MOVEMENTS.conform(moved).sort_values(
        ["account", "currency", "on", "kind", "reference"], ignore_index=True
    )
    return ordered, _balances(start, now)


def _balances(start: DataFrame, now: DataFrame) -> DataFrame:
    both = pd.concat(
        [
            start.assign(opening_minor=start["amount_minor"], closing_minor=0),
            now.assign(opening_minor=0, closing_minor=now["amount_minor"]),
        ]
    )
    sums = both.groupby(["account", "currency"], as_index=False)[["opening_minor", "closing_minor"]].sum()
    return BALANCES.conform(sums)


def by_account_and_currency(table: DataFrame, column: str) -> Mapping[Any, int]:
    """Return the sum of a column per account and currency, zero sums left out."""
    sums = table.groupby(["account", "currency"])[column].sum()
    return {key: int(value) for key, value in sums.items() if value}
