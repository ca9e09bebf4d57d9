"""Usage as totals: one row per account, program, SKU and service interval, each under the rate that prices it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.findings import pointer
from prisma_batch.base.money import INT64_MAX, to_scaled
from prisma_batch.records.settings import Settings
from prisma_batch.records.tables import USAGE_ROWS
from prisma_batch.records.usage_reports import UsageReport

KEY = ["account", "program", "sku"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedUsage:
    """Usage rows of the source that their program names; ``refused`` are those of the other source."""

    rows: DataFrame
    refused: DataFrame


def latest_reports(reports: Iterable[UsageReport]) -> dict[tuple[str, str, str], UsageReport]:
    """Return the last revision of each account, program and period: quantities are judged by it."""
    ordered = sorted(reports, key=lambda report: report.revision)
    return {(report.account, report.program, str(report.period)): report for report in ordered}


def reported_rows(reports: Iterable[UsageReport]) -> DataFrame:
    """Return USAGE_ROWS of the last revisions; a line without dates counts on the last day of its month."""
    rows = [
        (
            *(report.account, report.program, line.sku, line.service_to or report.period.last_day),
            *to_scaled(line.quantity),
            *("", report.source, index),
        )
        for report in latest_reports(reports).values()
        for index, line in enumerate(report.lines)
    ]
    return USAGE_ROWS.of(rows)


def accept_sources(metered: DataFrame, reported: DataFrame, settings: Settings) -> AcceptedUsage:
    """Keep metered rows of metered programs and reported rows of reported ones; refuse and keep the others apart."""
    source_by_program = {name: program.source for name, program in settings.programs.items()}
    from_file = metered["program"].map(source_by_program).ne("reported")
    from_report = reported["program"].map(source_by_program).ne("metered")
    return AcceptedUsage(
        rows=USAGE_ROWS.conform(_stacked(metered[from_file], reported[from_report])),
        refused=USAGE_ROWS.conform(_stacked(metered[~from_file], reported[~from_report])),
    )


def usage_under_rates(rows: DataFrame, rates: DataFrame) -> DataFrame:
    """Total usage per account, program, SKU and service interval, beside the rate in force (its columns null if none).

    The interval is the whole month, or the part of it that one rate covers where the rate changes inside the month.

    Args:
        rows: USAGE_ROWS, any order.
        rates: RATES; at most one per account, program, SKU and day.
    Raises:
        AmountOverflow: a total leaves int64.
    """
    daily = _daily(rows)
    rated = _with_rate(daily, rates)
    month = rated["usage_date"].dt.to_period("M")
    rated["period"] = month.astype(str)
    starts, ends = month.dt.start_time.astype("datetime64[s]"), month.dt.end_time.dt.floor("D").astype("datetime64[s]")
    rated["service_from"] = starts.where(~(rated["starts_on"] > starts), rated["starts_on"])
    rated["service_to"] = ends.where(~(rated["ends_on"] < ends), rated["ends_on"])
    interval = [*KEY, "period", "service_from", "service_to", "unit"]
    others = [*rates.columns.difference([*KEY, "unit", "source", "pointer"]), "rate_source", "rate_pointer"]
    firsts = dict.fromkeys([*others, "source", "row"], "first")
    totals = _summed(rated, interval, firsts)
    totals["pointer"] = _pointers(totals)
    return totals


def _stacked(*frames: DataFrame) -> DataFrame:
    return pd.concat(frames, ignore_index=True)


def _daily(rows: DataFrame) -> DataFrame:
    return _summed(rows, [*KEY, "unit", "usage_date"], {"source": "first", "row": "first"})


def _summed(rows: DataFrame, by: list[str], firsts: dict[str, str]) -> DataFrame:
    """Sum quantities exactly: within a group at its finest scale, refusing what could leave int64."""
    finest = rows.groupby(by, dropna=False)["quantity_scale"].transform("max")
    scaled = rescaled(rows["quantity_scaled"], rows["quantity_scale"], finest)
    if len(scaled) and int(scaled.abs().max()) * len(scaled) > INT64_MAX:
        exact = scaled.astype(object).groupby([rows[column] for column in by], dropna=False).sum()
        if exact.map(abs).max() > INT64_MAX:
            raise AmountOverflow("a usage total leaves 64-bit integers")
    frame = rows.assign(quantity_scaled=scaled, quantity_scale=finest)
    grouped = frame.groupby(by, dropna=False, sort=True)
    return grouped.agg({"quantity_scaled": "sum", "quantity_scale": "max", **firsts}).reset_index()


def rescaled(quantity: "Series[Any]", scale: "Series[Any]", target: "Series[Any]") -> "Series[Any]":
    """Bring int64 quantities to finer scales exactly, each row to its own.

    Raises:
        AmountOverflow: a quantity leaves int64 at its scale.
    """
    factor = 10 ** (target - scale)
    if (quantity.abs() > INT64_MAX // factor).any():
        raise AmountOverflow("a usage quantity leaves 64-bit integers at the scale of its SKU")
    return quantity * factor


def _with_rate(daily: DataFrame, rates: DataFrame) -> DataFrame:
    """Put the rate in force beside each row: the one of its day and, where the usage names a unit, of its unit."""
    named = rates.rename(columns={"source": "rate_source", "pointer": "rate_pointer", "unit": "rate_unit"})
    # Nullable integers: the left merge would turn int64 prices into floats.
    named = named.astype({"price_scaled": "Int64", "price_scale": "Int64"})
    daily = daily.assign(row_id=range(len(daily)))
    pairs = daily.merge(named, on=KEY, how="inner", validate="many_to_many")
    in_force = (pairs["starts_on"] <= pairs["usage_date"]) & ~(pairs["ends_on"] < pairs["usage_date"])
    in_force &= pairs["unit"].eq("") | pairs["unit"].eq(pairs["rate_unit"])
    columns = ["row_id", *named.columns.difference(KEY)]
    rated = daily.merge(pairs.loc[in_force, columns], on="row_id", how="left", validate="one_to_one")
    unit = rated["unit"].where(rated["unit"].ne(""), rated["rate_unit"].fillna(""))
    return rated.assign(unit=unit).drop(columns=["row_id", "rate_unit"])


def _pointers(totals: DataFrame) -> "Series[Any]":
    # A YAML report is pointed at by line index, a table by its row.
    is_record = totals["source"].str.endswith(".yaml")
    return totals["row"].astype(str).where(~is_record, pointer("lines", "") + totals["row"].astype(str))
