"""Usage of a month that is not over: what is on record so far, carried in a straight line to the month's end."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.money import allocate, divide, from_scaled, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, Key, summed
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import USAGE_ROWS

# On record for the whole month · in a straight line from the days covered · as in the last month known · asked for ·
# below zero so far: what corrects usage is no usage that goes on
Basis: TypeAlias = Literal["reported", "projected", "carried", "set", "corrected"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Projection:
    """How the quantity of an account, program and SKU came about.

    ``used`` is on record, of ``days_covered`` of the month's ``days``; ``carried_from`` is the month whose quantity was
    taken over.
    """

    basis: Basis
    used: Decimal
    unit: str = ""
    days_covered: int = 0
    days: int = 0
    carried_from: Period | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthSoFar:
    """A month that may not be over: which program is reported, and the last day on which each metered one has usage.

    ``reported`` are the accounts and programs with a report of the month; ``ends`` is the last day of each account that
    closes.
    """

    period: Period
    reported_programs: frozenset[str]
    reported: frozenset[tuple[str, str]]
    covered_until: Mapping[str, date]
    ends: Mapping[str, date]


def projected_usage(
    rows: DataFrame, month: MonthSoFar, rates: Rates, wanted: Mapping[Key, Decimal]
) -> tuple[DataFrame, dict[Key, Projection]]:
    """Return usage up to the end of a month, and how each key's quantity in it came about.

    Args:
        rows: USAGE_ROWS of some accounts up to now, of every month.
        rates: what was agreed, for its ``table``.
        wanted: quantities to take instead of those on record.
    Returns:
        USAGE_ROWS; what is added has no source.
    """
    in_month = rows["usage_date"].between(pd.Timestamp(month.period.first_day), pd.Timestamp(month.period.last_day))
    added: list[tuple[Any, ...]] = []
    projections: dict[Key, Projection] = {}
    for used in _totals(_known(rows, in_month, month)):
        key = (used.account, used.program, used.sku)
        if key not in wanted and not _corrects_earlier(used, month):
            projection, more = _projected(used, month, rates)
            projections[key] = projection
            added += more
    for key, quantity in wanted.items():
        projections[key] = Projection(basis="set", used=quantity)
        added += _spread(key, "", to_scaled(quantity), _days(month, key, rates, month.period.first_day))
    is_wanted = [key in wanted for key in zip(*(rows[column] for column in KEY), strict=True)]
    kept = rows[~(in_month & pd.Series(is_wanted, index=rows.index, dtype=bool))]
    return USAGE_ROWS.conform(pd.concat([kept, USAGE_ROWS.of(added)], ignore_index=True)), projections


def _known(rows: DataFrame, in_month: "pd.Series[bool]", month: MonthSoFar) -> DataFrame:
    """Return the rows to project from: of the month, else of the last month with usage of the account and program.

    ``month`` is the first day of the month that a row is of.
    """
    dated = rows[in_month | rows["usage_date"].lt(pd.Timestamp(month.period.first_day))]
    dated = dated.assign(month=dated["usage_date"].dt.to_period("M").dt.start_time.astype("datetime64[s]"))
    # Who has no usage of a metered program that others have usage of has used nothing, and so has who reports nothing.
    now = pd.Timestamp(month.period.first_day)
    pairs = zip(dated["account"], dated["program"], strict=True)
    covered = pd.Series(
        [program in month.covered_until or (account, program) in month.reported for account, program in pairs],
        index=dated.index,
        dtype=bool,
    )
    latest = dated.groupby(["account", "program"])["month"].transform("max")
    return dated[dated["month"].eq(latest.where(~covered, now))]


def _corrects_earlier(used: Any, month: MonthSoFar) -> bool:
    return bool(used.quantity_scaled < 0) and Period.of(used.month.date()) != month.period


def _totals(known: DataFrame) -> Iterator[Any]:
    by = [*KEY, "unit", "month"]
    last = known["usage_date"].groupby([known[column] for column in by], dropna=False).transform("max")
    totals = summed(known, by, {"source": "first"}) if len(known) else known
    final = summed(known[known["usage_date"].eq(last)], by, {"source": "first"}) if len(known) else known
    yield from rows_of(totals.assign(last_scaled=final["quantity_scaled"], last_scale=final["quantity_scale"]))


def _projected(used: Any, month: MonthSoFar, rates: Rates) -> tuple[Projection, list[tuple[Any, ...]]]:
    key: Key = (used.account, used.program, used.sku)
    quantity = from_scaled(used.quantity_scaled, used.quantity_scale)
    of_month = Period.of(used.month.date())
    if of_month != month.period:
        days = _days(month, key, rates, month.period.first_day)
        if used.program in month.reported_programs:
            days = days[-1:]
        carried = Projection(basis="carried", used=quantity, unit=used.unit, carried_from=of_month)
        return carried, _spread(key, used.unit, (used.quantity_scaled, used.quantity_scale), days)
    if used.program in month.reported_programs:
        return Projection(basis="reported", used=quantity, unit=used.unit), []
    until = month.covered_until[used.program]
    covered = (until - _first_day(month, key, rates, until)).days + 1
    remaining = _days(month, key, rates, until + timedelta(days=1))
    if quantity < 0 and remaining:
        return Projection(basis="corrected", used=quantity, unit=used.unit), []
    whole = covered + len(remaining)
    projection = Projection(basis="projected", used=quantity, unit=used.unit, days_covered=covered, days=whole)
    if _aggregate(key, rates) != "sum":  # one daily total is charged: that of the last day stays
        last = (used.last_scaled, used.last_scale)
        return projection, [row for day in remaining for row in _spread(key, used.unit, last, [day])]
    rest = divide(int(used.quantity_scaled) * whole, covered) - int(used.quantity_scaled)
    return projection, _spread(key, used.unit, (rest, used.quantity_scale), remaining)


def _days(month: MonthSoFar, key: Key, rates: Rates, first: date) -> list[date]:
    """Return the days from the first to the end of the month on which the account is active and a rate is agreed."""
    last = min(month.period.last_day, month.ends.get(key[0], month.period.last_day))
    table = _rates_of(key, rates)
    ends = [end.date() for end in table["ends_on"] if not pd.isna(end)]
    if len(ends) == len(table) and ends:
        last = min(last, max(ends))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _first_day(month: MonthSoFar, key: Key, rates: Rates, until: date) -> date:
    """Return the first day of the month on which a rate is agreed that begins until a day, or simply its first day."""
    starts = [start.date() for start in _rates_of(key, rates)["starts_on"] if start.date() <= until]
    return max(month.period.first_day, min(starts, default=month.period.first_day))


def _aggregate(key: Key, rates: Rates) -> str:
    return next((rates.terms[int(row.terms)].aggregate for row in rows_of(_rates_of(key, rates))), "sum")


def _rates_of(key: Key, rates: Rates) -> DataFrame:
    table = rates.table
    return table[table["account"].eq(key[0]) & table["program"].eq(key[1]) & table["sku"].eq(key[2])]


def _spread(key: Key, unit: str, quantity: tuple[int, int], days: Iterable[date]) -> list[tuple[Any, ...]]:
    """Return USAGE_ROWS of a scaled quantity in equal parts a day, adding up to it."""
    days, (scaled, scale) = list(days), quantity
    parts = allocate(int(scaled), [1] * len(days)) if days else []
    return [(*key, day, part, scale, unit, "", 0) for day, part in zip(days, parts, strict=True) if part]
