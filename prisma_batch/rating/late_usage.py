"""Usage that came after the late window of its month: told once, with its money, and not matched any more."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled, plain
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.match import MatchScope, of_service_account
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, usage_totals
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of, safe_to_sum
from prisma_batch.records.tables import CHARGES, USAGE_ROWS

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

    ``known_sources`` are files that it knew in some form; ``totals`` are those published with the months of the rows.
    """

    rows: DataFrame = field(default_factory=lambda: USAGE_ROWS.of([]))
    known_sources: AbstractSet[str] = frozenset()
    totals: Mapping[LateUnit, UnitTotal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sums:
    quantity: Decimal
    amount_minor: int
    currency: str


def usage_after_window(
    late: LateRows, rates: Rates, charges: DataFrame, lines: DataFrame, scope: MatchScope
) -> list[Discrepancy]:
    """Return ``late_usage`` for the units of rows that came after their window, with all that is used and billed.

    A unit that is what was published with its month is not told, nor is one that only stands in a file that has changed
    and was billed as it was used: a file that grows by the month has all of its months in it.

    Args:
        rates: what was agreed: it says in which month the rows are matched.
        charges: CHARGES of every month.
        lines: INVOICE_LINES with their period.
        scope: what is matched in this run.
    """
    if late.rows.empty:
        return []
    priced = price_usage(usage_totals(late.rows, daily_keys(rates)), rates)
    units = priced[~scope.holds(priced)].drop_duplicates(_MONTH)
    used, billed = _by_unit(charges, units), _by_unit(of_service_account(lines), units)
    found: list[Discrepancy] = []
    for unit in rows_of(units):
        found += _told(late, unit, used.get(_key(unit), CHARGES.of([])), billed.get(_key(unit), lines.head(0)))
    return found


def _by_unit(table: DataFrame, units: DataFrame) -> dict[Any, DataFrame]:
    own = table.merge(units[_MONTH], on=_MONTH, how="inner", validate="many_to_one")
    return dict(list(own.groupby(_MONTH, dropna=False)))


def _told(late: LateRows, unit: Any, used: DataFrame, billed: DataFrame) -> Iterator[Discrepancy]:
    if used.empty and billed.empty:  # rows of the source that does not count
        return
    unpriced = used["amount_minor"].isna()
    for row in rows_of(used[unpriced]):
        yield _without_price(row)
    if unpriced.any() and unpriced.all():
        return
    expected, invoiced = _sums(used[~unpriced]), _sums(billed)
    is_known = late.totals.get(_key(unit)) == (expected.quantity, expected.amount_minor)
    is_settled = unit.source in late.known_sources and expected.amount_minor == invoiced.amount_minor
    if not is_known and not is_settled:
        yield _with_money(unit, expected, invoiced)


def _key(unit: Any) -> LateUnit:
    return LateUnit(*(getattr(unit, column) for column in _MONTH))


def _sums(table: DataFrame) -> _Sums:
    quantities = (from_scaled(row.quantity_scaled, row.quantity_scale) for row in rows_of(table))
    amounts = safe_to_sum(table["amount_minor"].astype("int64"))
    return _Sums(
        quantity=sum(quantities, Decimal(0)),
        amount_minor=int(amounts.sum()),
        currency=min(table["currency"], default=""),
    )


def _with_money(unit: Any, expected: _Sums, invoiced: _Sums) -> Discrepancy:
    currency = expected.currency or invoiced.currency
    amount = f"{plain(expected.quantity)} = {from_minor(expected.amount_minor, currency)} {currency}".rstrip()
    return Discrepancy(
        message=f"used {amount}, {_too_late(unit)}",
        expected_quantity=expected.quantity,
        invoiced_quantity=invoiced.quantity,
        expected_minor=expected.amount_minor,
        invoiced_minor=invoiced.amount_minor,
        currency=currency,
        **_about(unit),
    )


def _without_price(row: Any) -> Discrepancy:
    quantity = from_scaled(row.quantity_scaled, row.quantity_scale)
    return Discrepancy(
        message=f"used {plain(quantity)} {row.unit}".rstrip() + f" without a price, {_too_late(row)}",
        line=row.unit,
        expected_quantity=quantity,
        **_about(row),
    )


def _too_late(row: Any) -> str:
    return f"on record only after the late window of {row.period}"


def _about(row: Any) -> dict[str, Any]:
    place = {"kind": "late_usage", "source": row.source, "pointer": row.pointer}
    return place | {column: getattr(row, column) for column in _MONTH}
