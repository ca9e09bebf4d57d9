"""Totals under the rate in force: one row per account, program, SKU, unit and interval that one rate covers."""

from typing import Any

from pandas import DataFrame, Series

from prisma_batch.base.findings import pointer
from prisma_batch.rating.totals import KEY, summed


def totals_under_rates(totals: DataFrame, rates: DataFrame) -> DataFrame:
    """Put totals beside the rate in force (its columns null if none), added up per interval.

    The interval is the whole month, or the part of it that one rate covers where the rate changes inside the month.

    Args:
        totals: USAGE_TOTALS, any order.
        rates: RATES; at most one per account, program, SKU and day.
    Raises:
        AmountOverflow: a total leaves int64.
    """
    rated = _with_rate(totals, rates)
    month = rated["service_to"].dt.to_period("M")
    rated["period"] = month.astype(str)
    starts, ends = month.dt.start_time.astype("datetime64[s]"), month.dt.end_time.dt.floor("D").astype("datetime64[s]")
    rated["service_from"] = starts.where(~(rated["starts_on"] > starts), rated["starts_on"])
    rated["service_to"] = ends.where(~(rated["ends_on"] < ends), rated["ends_on"])
    interval = [*KEY, "period", "service_from", "service_to", "unit"]
    others = [*rates.columns.difference([*KEY, "unit", "source", "pointer"]), "rate_source", "rate_pointer"]
    firsts = dict.fromkeys([*others, "source", "row"], "first")
    intervals = summed(rated, interval, firsts)
    intervals["pointer"] = _pointers(intervals)
    return intervals


def _with_rate(totals: DataFrame, rates: DataFrame) -> DataFrame:
    """Put the rate in force beside each row: the one of its days and, where the usage names a unit, of its unit."""
    named = rates.rename(columns={"source": "rate_source", "pointer": "rate_pointer", "unit": "rate_unit"})
    # Nullable integers: the left merge would turn int64 prices into floats.
    named = named.astype(dict.fromkeys(["price_scaled", "price_scale", "terms"], "Int64"))
    totals = totals.assign(row_id=range(len(totals)))
    pairs = totals.merge(named, on=KEY, how="inner", validate="many_to_many")
    in_force = (pairs["starts_on"] <= pairs["service_to"]) & ~(pairs["ends_on"] < pairs["service_to"])
    in_force &= pairs["unit"].eq("") | pairs["unit"].eq(pairs["rate_unit"])
    columns = ["row_id", *named.columns.difference(KEY)]
    rated = totals.merge(pairs.loc[in_force, columns], on="row_id", how="left", validate="one_to_one")
    unit = rated["unit"].where(rated["unit"].ne(""), rated["rate_unit"].fillna(""))
    return rated.assign(unit=unit).drop(columns=["row_id", "rate_unit"])


def _pointers(totals: DataFrame) -> "Series[Any]":
    # A YAML report is pointed at by line index, a table by its row.
    is_record = totals["source"].str.endswith(".yaml")
    return totals["row"].astype(str).where(~is_record, pointer("lines", "") + totals["row"].astype(str))
