"""Rows to be charged, completed with what their rate says: price, terms, days, exchange and temporary discount."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pandas import Categorical, DataFrame, Series
from pandas.arrays import IntegerArray

from prisma_batch.base.money import to_scaled
from prisma_batch.rating.billing_periods import charged_days, days_of
from prisma_batch.rating.grants import granted_scaled
from prisma_batch.rating.placement import month_names
from prisma_batch.rating.rates import Rates
from prisma_batch.records.coded import taken, where_text
from prisma_batch.records.table import with_columns

_NUMBERS_OF_RATE = ("price_scaled", "price_scale", "terms")
_TEXTS_OF_RATE = {name: name for name in ("bills", "model", "rounding", "currency")} | {
    "rate_source": "source",
    "rate_pointer": "pointer",
}


def charge_rows(rows: DataFrame, table: DataFrame, rates: Rates) -> DataFrame:
    """Put what the rate says beside rows that have a ``rate``: a position in ``table``, or -1 for none.

    Args:
        rows: account, program, SKU, unit, kind, quantity, service and period dates, rate, source and pointer.
        table: RATES that the positions are of.
    """
    position = rows["rate"].to_numpy()
    texts = {name: taken(table[column], position) for name, column in _TEXTS_OF_RATE.items()}
    numbers = {column: _numbers(table[column], position) for column in _NUMBERS_OF_RATE}
    charged = with_columns(rows, **texts, **numbers)
    charged = with_columns(charged, period=_periods(charged), **_days(charged, rates))
    return with_columns(charged, **_exchange(charged, rates), granted_scaled=granted_scaled(charged, rates.grants))


def _numbers(column: "Series[Any]", position: NDArray[np.int64]) -> IntegerArray:
    """Return numbers by position, null for -1."""
    is_null = position < 0
    if is_null.all():
        return IntegerArray(np.zeros(len(position), dtype=np.int64), is_null)
    return IntegerArray(column.to_numpy().take(position, mode="clip"), is_null)


def _same(number: int, rows: int) -> IntegerArray:
    """Return a column with the same number in each row, which takes no memory for each."""
    return IntegerArray(np.broadcast_to(np.int64(number), rows), np.broadcast_to(np.False_, rows))


def _periods(rows: DataFrame) -> Categorical:
    """Return the month in which a charge is matched: of its first day where it is billed in advance, else its last."""
    in_advance = where_text(rows["bills"], lambda bills: bills == "advance")
    days = rows["service_to"]
    return month_names(days.where(~in_advance, rows["service_from"]) if in_advance.any() else days)


def _days(rows: DataFrame, rates: Rates) -> dict[str, NDArray[np.int64]]:
    if all(terms.prorate == "none" for terms in rates.terms):  # the same number in each row takes no memory
        return dict.fromkeys(("charged_days", "period_days"), np.broadcast_to(np.int64(1), len(rows)))
    charged, whole = np.ones(len(rows), dtype="int64"), np.ones(len(rows), dtype="int64")
    position, has_terms = rows["terms"].to_numpy("int64", na_value=0), rows["terms"].notna().to_numpy()
    for prorate in ("actual", "thirty_360"):
        part = np.array([terms.prorate == prorate for terms in rates.terms], dtype=bool)[position] & has_terms
        if not part.any():
            continue
        dates = {
            column: days_of(rows.loc[part, column])
            for column in ("service_from", "service_to", "period_first", "period_last")
        }
        charged[part] = charged_days(prorate, dates["service_from"], dates["service_to"])
        whole[part] = charged_days(prorate, dates["period_first"], dates["period_last"])
    return {"charged_days": charged, "period_days": whole}


def _exchange(rows: DataFrame, rates: Rates) -> dict[str, Any]:
    """Return the rate of exchange of each row's month: 1 where nothing is converted, null where it is not known."""
    converts = np.array([bool(terms.fx) for terms in rates.terms], dtype=bool)
    if not converts.any():
        return {name: _same(number, len(rows)) for name, number in (("fx_scaled", 1), ("fx_scale", 0))}
    scaled, scale = Series(1, index=rows.index, dtype="Int64"), Series(0, index=rows.index, dtype="Int64")
    part = converts[rows["terms"].to_numpy("int64", na_value=0)] & rows["terms"].notna().to_numpy()
    for (position, currency, period), group in rows[part].groupby(["terms", "currency", "period"]):
        terms = rates.terms[position]
        known = rates.exchange.get((terms.fx, terms.price_currency, currency, period))
        same = terms.price_currency == currency
        number = (1, 0) if same else (None, None) if known is None else to_scaled(known)
        scaled[group.index], scale[group.index] = number
    return {"fx_scaled": scaled, "fx_scale": scale}
