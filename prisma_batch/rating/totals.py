"""Usage added up: one row per account, program, SKU, unit and interval, quantities as exact integers."""

from collections.abc import Set as AbstractSet
from typing import Any

from pandas import DataFrame, Series

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX
from prisma_batch.records.tables import USAGE_TOTALS

KEY = ["account", "program", "sku"]
Key = tuple[str, str, str]


def usage_totals(rows: DataFrame, daily: AbstractSet[Key]) -> DataFrame:
    """Add up usage per account, program, SKU, unit and interval: a day for the ``daily`` keys, else a whole month.

    Args:
        rows: USAGE_ROWS, any order.
        daily: account, program and SKU of the keys whose price depends on days.
    Returns:
        USAGE_TOTALS, sorted by key and interval; each names its first usage row.
    Raises:
        AmountOverflow: a total leaves int64.
    """
    by_day = Series(
        [key in daily for key in zip(*(rows[column] for column in KEY), strict=True)], index=rows.index, dtype=bool
    )
    month, day = rows["usage_date"].dt.to_period("M"), rows["usage_date"]
    placed = rows.assign(
        service_from=day.where(by_day, month.dt.start_time.astype(day.dtype)),
        service_to=day.where(by_day, month.dt.end_time.dt.floor("D").astype(day.dtype)),
    )
    firsts = {"source": "first", "row": "first"}
    return USAGE_TOTALS.conform(summed(placed, [*KEY, "unit", "service_from", "service_to"], firsts))


def summed(rows: DataFrame, by: list[str], firsts: dict[str, str]) -> DataFrame:
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
