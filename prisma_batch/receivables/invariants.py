"""What must hold in every run; where it does not, nothing is published."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.receivables.ledger import by_account_and_currency
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.tables import BUCKETS


def check_receivables(result: Receivables, documents: DataFrame) -> None:
    """Check conservation, the ledger equation, aging and limits of one run's receivables.

    Raises:
        InvariantBroken: naming the first one that does not hold, and where.
    """
    _payments_are_conserved(result)
    _nothing_exceeds(result, documents)
    _currencies_stay_apart(result, documents)
    _ledger_adds_up(result)
    _every_cent_has_a_place(result)
    _aging_adds_up(result)


def _payments_are_conserved(result: Receivables) -> None:
    """Every payment is exactly applied + unapplied, or no receivable."""
    payments = _by(result.payments, "payment")
    columns = ["payment", "amount_minor"]
    parts = pd.concat([result.allocations[columns], result.unapplied[columns]])
    used = parts.groupby("payment")["amount_minor"].sum()
    every = payments.index.union(used.index)
    differs = used.reindex(every, fill_value=0).ne(payments["amount_minor"].reindex(every, fill_value=0))
    apart = payments.index[payments["state"].eq("not_receivable")]
    _none(every[differs].difference(apart), "a payment is not applied + unapplied to the cent")


def _nothing_exceeds(result: Receivables, documents: DataFrame) -> None:
    """What is applied of a payment is between nothing and its amount; what is open of a document likewise."""
    amounts = result.payments.set_index("payment")["amount_minor"]
    applied = result.allocations.groupby("payment")["amount_minor"].sum()
    _none(_outside(applied, amounts.reindex(applied.index)), "more is applied than the payment holds")
    debts = _by(documents, "document")["debt_minor"]
    twice = result.open_items.duplicated(["document", "installment"])
    _none(result.open_items.loc[twice, "document"], "a document counts twice")
    still_open = result.open_items.groupby("document")["open_minor"].sum()
    _none(
        _outside(still_open, debts.reindex(still_open.index)),
        "more is open than the document is about, or less than nothing",
    )


def _by(table: DataFrame, column: str) -> DataFrame:
    _none(table.loc[table[column].duplicated(), column], f"a {column} counts twice")
    return table.set_index(column)


def _outside(part: Any, whole: Any) -> Any:
    return part[~(part.mul(whole).ge(0) & part.abs().le(whole.abs()))].index  # the whole of an unknown one is null


def _currencies_stay_apart(result: Receivables, documents: DataFrame) -> None:
    """Money is applied in the payment's currency; another currency of the document shows as an exchange adjustment."""
    paid_in = result.payments.set_index("payment")["currency"]
    mixed = result.allocations[result.allocations["currency"].ne(result.allocations["payment"].map(paid_in))]
    _none(mixed["payment"], "an allocation is in another currency than its payment")
    owed_in = result.allocations["document"].map(documents.set_index("document")["currency"])
    same = result.allocations[owed_in.eq(result.allocations["currency"])]
    _none(same.loc[same["amount_minor"].ne(same["settled_minor"]), "payment"], "a settlement differs in one currency")
    across = result.allocations[owed_in.ne(result.allocations["currency"])].assign(owed_in=owed_in)
    exchanged = result.adjustments[result.adjustments["kind"].eq("exchange")]
    settled = by_account_and_currency(across.assign(currency=across["owed_in"]), "settled_minor")
    paid = by_account_and_currency(across.assign(paid_minor=-across["amount_minor"]), "paid_minor")
    _equal(
        by_account_and_currency(exchanged, "amount_minor"),
        _sum(settled, paid),
        "exchange adjustments are not what was settled across currencies",
    )


def _ledger_adds_up(result: Receivables) -> None:
    """Opening + movements = closing = the balance of the aging, per account and currency."""
    opening = by_account_and_currency(result.balances, "opening_minor")
    closing = by_account_and_currency(result.balances, "closing_minor")
    moved = by_account_and_currency(result.movements, "amount_minor")
    _equal(_sum(opening, moved), closing, "opening + movements is not closing")
    _equal(by_account_and_currency(result.aging, "balance"), closing, "the aging does not sum to the balance")


def _every_cent_has_a_place(result: Receivables) -> None:
    """What is neither applied nor unapplied cash of an account is apart, per currency."""
    cash = result.unapplied[result.unapplied["account"].ne("")]
    placed = [
        result.payments,
        _negated(result.allocations),
        _negated(cash),
        result.apart_balances.assign(amount_minor=result.apart_balances["closing_minor"]),
    ]
    sums = pd.concat([part[["currency", "amount_minor"]] for part in placed]).groupby("currency")["amount_minor"].sum()
    _none(sums.index[sums.ne(0)], "money is on no account, and not apart")
    moved = by_account_and_currency(result.apart_movements, "amount_minor")
    opening = by_account_and_currency(result.apart_balances, "opening_minor")
    closing = by_account_and_currency(result.apart_balances, "closing_minor")
    _equal(_sum(opening, moved), closing, "opening + movements of money on no account is not closing")


def _negated(table: DataFrame) -> DataFrame:
    return table.assign(amount_minor=-table["amount_minor"])


def _aging_adds_up(result: Receivables) -> None:
    """Not due + buckets = open debts; unapplied = open credits − unapplied cash; together the balance."""
    aging = result.aging
    parts = aging[[*BUCKETS, "unapplied"]].sum(axis="columns")
    _none(aging.loc[parts.ne(aging["balance"]), "account"], "aging buckets do not sum to the balance")
    aged = aging.assign(aged=aging[list(BUCKETS)].sum(axis="columns"))
    debts = result.open_items[result.open_items["open_minor"].gt(0)]
    _equal(
        by_account_and_currency(aged, "aged"),
        by_account_and_currency(debts, "open_minor"),
        "aged items are not the open items",
    )
    credit = result.open_items[result.open_items["open_minor"].lt(0)]
    cash = result.unapplied[result.unapplied["account"].ne("")]
    _equal(
        by_account_and_currency(aging, "unapplied"),
        _sum(
            by_account_and_currency(credit, "open_minor"),
            by_account_and_currency(cash.assign(x=-cash["amount_minor"]), "x"),
        ),
        "unapplied is not the open credits less the unapplied cash",
    )


def check_chain(recorded_balances: DataFrame, balances: DataFrame) -> None:
    """The closing balance of the previous run is the opening balance of this one.

    Raises:
        InvariantBroken: naming the accounts whose recorded closing balance was not found again.
    """
    closing = by_account_and_currency(recorded_balances, "balance")
    opening = by_account_and_currency(balances, "opening_minor")
    _equal(closing, opening, "the closing balance of the previous period is not the opening balance of this one")


def _sum(*parts: Mapping[Any, int]) -> dict[Any, int]:
    keys = {key for part in parts for key in part}
    return {key: total for key in keys if (total := sum(part.get(key, 0) for part in parts))}


def _equal(left: Mapping[Any, int], right: Mapping[Any, int], sentence: str) -> None:
    keys = sorted(key for key in {*left, *right} if left.get(key) != right.get(key))
    _none([" ".join(key) for key in keys], sentence)


def _none(broken: Any, sentence: str) -> None:
    names = sorted(map(str, broken))
    if names:
        raise InvariantBroken(f"{sentence}: {', '.join(names[:5])}{' …' if len(names) > 5 else ''}")
