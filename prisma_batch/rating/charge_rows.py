"""Rows to be charged, completed with what their rate says: price, terms, days, exchange and temporary discount."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas import DataFrame, Series

from prisma_batch.base.money import to_scaled
from prisma_batch.rating.billing_periods import charged_days, days_of
from prisma_batch.rating.grants import granted_scaled
from prisma_batch.rating.rates import Rates

_OF_RATE = ("bills", "model", "price_scaled", "price_scale", "rounding", "currency", "terms")


def charge_rows(rows: DataFrame, table: DataFrame, rates: Rates) -> DataFrame:
    """Put what the rate says beside rows that have a ``rate``: a position in ``table``, or -1 for none.

    Args:
        rows: account, program, SKU, unit, kind, quantity, service and period dates, rate, source and pointer.
        table: RATES that the positions are of.
    """
    position = rows["rate"].to_numpy()
    renamed = table.rename(columns={"source": "rate_source", "pointer": "rate_pointer"})
    columns = [*_OF_RATE, "rate_source", "rate_pointer"]
    numbers = dict.fromkeys(["price_scaled", "price_scale", "terms"], "Int64")
    of_rate = renamed[columns].astype(numbers).reset_index(drop=True).reindex(position).set_axis(rows.index)
    texts = of_rate.columns.difference([*numbers])
    of_rate[texts] = of_rate[texts].fillna("")
    charged = rows.assign(**{column: of_rate[column] for column in columns})
    charged = charged.assign(period=_periods(charged), **_days(charged, rates))
    return charged.assign(**_exchange(charged, rates), granted_scaled=granted_scaled(charged, rates.grants))


def _periods(rows: DataFrame) -> "Series[Any]":
    """Return the month in which a charge is matched: of its first day where it is billed in advance, else its last."""
    by = rows["service_from"].where(rows["bills"].eq("advance"), rows["service_to"])
    # Few months, many rows: each month is written once.
    codes, months = pd.factorize(by.to_numpy("datetime64[M]"))
    return Series(pd.array(np.datetime_as_string(months).tolist(), dtype="str").take(codes), index=rows.index)


def _days(rows: DataFrame, rates: Rates) -> dict[str, NDArray[np.int64]]:
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
    scaled, scale = Series(1, index=rows.index, dtype="Int64"), Series(0, index=rows.index, dtype="Int64")
    converts = np.array([bool(terms.fx) for terms in rates.terms], dtype=bool)
    part = converts[rows["terms"].to_numpy("int64", na_value=0)] & rows["terms"].notna().to_numpy()
    for (position, currency, period), group in rows[part].groupby(["terms", "currency", "period"]):
        terms = rates.terms[position]
        known = rates.exchange.get((terms.fx, terms.price_currency, currency, period))
        same = terms.price_currency == currency
        number = (1, 0) if same else (None, None) if known is None else to_scaled(known)
        scaled[group.index], scale[group.index] = number
    return {"fx_scaled": scaled, "fx_scale": scale}
