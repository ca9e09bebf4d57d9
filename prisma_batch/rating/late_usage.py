"""Usage of months that no run matches any more: told once, with its money."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from pandas import NA, DataFrame

from prisma_batch.base.money import from_minor, from_scaled, plain
from prisma_batch.rating.exceptions import listed_once
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.match import MatchScope, of_service_account
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, usage_totals
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import USAGE_ROWS

_MONTH = [*KEY, "period"]


class LateUnit(NamedTuple):
    """What usage is told of: account, program and SKU in the month in which they are matched."""

    account: str
    program: str
    sku: str
    period: str


UnitTotal = tuple[Decimal, int]  # quantity, and amount in minor units


@dataclass(frozen=True, kw_only=True, slots=True)
class LateRows:
    """USAGE_ROWS of months before the window, in files that the previous run did not know as they are now.

    Where ``all_new`` there was no such run, and all usage before the window counts. ``known_sources`` are files that it
    knew in some form; ``totals`` are those published with the months of the rows, ``told`` the fingerprints of what
    runs have told. ``first_period`` is the first month that is matched at all. ``named_sources`` are files that were
    named for the run: they need not hold earlier months whole, so their usage of such months is compared with nothing.
    """

    rows: DataFrame = field(default_factory=lambda: USAGE_ROWS.of([]))
    all_new: bool = False
    known_sources: AbstractSet[str] = frozenset()
    totals: Mapping[LateUnit, UnitTotal] = field(default_factory=dict)
    told: AbstractSet[str] = frozenset()
    first_period: str = ""
    named_sources: AbstractSet[str] = frozenset()

    def is_whole(self, period: str) -> bool:
        """Say whether all usage of a month is known here, so that it can be compared with what was invoiced."""
        return period >= self.first_period and not self.named_sources


def usage_after_window(
    late: LateRows, rates: Rates, charges: DataFrame, lines: DataFrame, scope: MatchScope
) -> list[Discrepancy]:
    """Return ``late_usage`` for the units of rows that came after their window, with all that is used and billed.

    A unit that is what was published with its month is not told, nor is one that only stands in a file that has changed
    and was billed as it was used: a file that grows by the month has all of its months in it. What was used before the
    first period has its amount and none invoiced: it was billed elsewhere, and nothing is proposed for it. Neither is
    for usage of an earlier month in a file that was named for the run.

    Args:
        rates: what was agreed: it says in which month the rows are matched.
        charges: CHARGES of every month.
        lines: INVOICE_LINES with their period.
        scope: what is matched in this run.
    """
    units = _units(late, rates, charges, scope)
    if units.empty:
        return []
    used, billed = _by_unit(charges, units), _by_unit(of_service_account(lines), units)
    found = (_found(late, unit, used[_key(unit)], billed[_key(unit)]) for unit in rows_of(units))
    return [item for item in listed_once(chain.from_iterable(found)) if item.fingerprint not in late.told]


def _units(late: LateRows, rates: Rates, charges: DataFrame, scope: MatchScope) -> DataFrame:
    if late.all_new:
        rows = charges[charges["kind"].eq("usage")]
        rows = rows[rows["source"].isin(sorted(late.named_sources))] if late.named_sources else rows
    elif late.rows.empty:
        return late.rows
    else:
        rows = price_usage(usage_totals(late.rows, daily_keys(rates)), rates)
    return rows[~scope.holds(rows)].drop_duplicates(_MONTH)


def _by_unit(table: DataFrame, units: DataFrame) -> dict[LateUnit, list[Any]]:
    found: dict[LateUnit, list[Any]] = defaultdict(list)
    for row in rows_of(table.merge(units[_MONTH], on=_MONTH, how="inner", validate="many_to_one")):
        found[_key(row)].append(row)
    return found


def _found(late: LateRows, unit: Any, used: Sequence[Any], billed: Sequence[Any]) -> Iterator[Discrepancy]:
    if not used and not billed:  # rows of the source that does not count
        return
    priced = [row for row in used if row.amount_minor is not NA]
    why, is_whole = _why(late, unit.period), late.is_whole(unit.period)
    for row in used:
        if row.amount_minor is NA:
            yield _without_price(row, why)
    if used and not priced:
        return
    if late.totals.get(_key(unit)) == _total(priced):
        return
    may_be_settled = late.all_new or unit.source in late.known_sources if is_whole else bool(billed)
    for currency in sorted({row.currency for row in (*priced, *(billed if is_whole else ()))}):
        expected, invoiced = (_total(row for row in rows if row.currency == currency) for rows in (priced, billed))
        if not may_be_settled or expected[1] != invoiced[1]:
            yield _with_money(unit, why, currency, expected, invoiced if is_whole else None)


def _why(late: LateRows, period: str) -> str:
    if period < late.first_period:
        return f"before {late.first_period}, the first period"
    if late.named_sources:
        return f"in a file that was named, which need not hold all of {period}: compared with nothing"
    return f"on record only after the late window of {period}"


def _key(unit: Any) -> LateUnit:
    return LateUnit(*(getattr(unit, column) for column in _MONTH))


def _total(rows: Iterable[Any]) -> UnitTotal:
    quantity, amount_minor = Decimal(0), 0
    for row in rows:
        quantity += from_scaled(row.quantity_scaled, row.quantity_scale)
        amount_minor += int(row.amount_minor)
    return quantity, amount_minor


def _with_money(unit: Any, why: str, currency: str, expected: UnitTotal, invoiced: UnitTotal | None) -> Discrepancy:
    quantity, amount_minor = expected
    invoiced_quantity, invoiced_minor = invoiced or (None, None)
    return Discrepancy(
        message=f"used {plain(quantity)} = {from_minor(amount_minor, currency)} {currency}, {why}",
        expected_quantity=quantity,
        invoiced_quantity=invoiced_quantity,
        expected_minor=amount_minor,
        invoiced_minor=invoiced_minor,
        currency=currency,
        **_about(unit),
    )


def _without_price(row: Any, why: str) -> Discrepancy:
    quantity = from_scaled(row.quantity_scaled, row.quantity_scale)
    return Discrepancy(
        message=f"used {plain(quantity)} {row.unit}".rstrip() + f" without a price, {why}",
        unit=row.unit,
        expected_quantity=quantity,
        **_about(row),
    )


def _about(row: Any) -> dict[str, Any]:
    place = {"kind": "late_usage", "source": row.source, "pointer": row.pointer}
    return place | {column: getattr(row, column) for column in _MONTH}
