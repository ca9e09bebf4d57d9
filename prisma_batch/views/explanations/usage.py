"""Steps of usage: what was used according to which rows, what that costs, and which lines bill it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from pandas import NA, DataFrame

from prisma_batch.base.money import from_scaled, plain
from prisma_batch.rating.formulas import formula_of, in_price_currency
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis, UsageKey
from prisma_batch.views.explanations.pricing import bound_steps, rate_steps
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Quantity, Step, sum_of_quantities, summed

# What is charged whatever the quantity: the shortfall to a minimum or a commitment.
_WITHOUT_QUANTITY = ("minimum", "commitment")
_EXPECTED = (
    (False, "expected: what was used, at the agreed rate"),
    (True, "expected: what is missing to an agreed minimum or commitment"),
)
NO_USAGE = "expected: nothing, no usage is on record"
NO_LINE = "invoiced: nothing, no line bills it"


class Unit(NamedTuple):
    """What is compared as one: the usage of an account, program and SKU in a month, and the lines that bill it."""

    account: str
    program: str
    sku: str
    period: str
    currency: str


def compared_steps(basis: Basis, unit: Unit) -> Iterator[Step]:
    """Yield what is expected and what was invoiced in every currency of an account, program, SKU and month."""
    charges, lines = (_of_unit(basis.charges, "account", unit), _of_unit(basis.lines, "service_account", unit))
    for currency in sorted({*charges["currency"]}) or [unit.currency]:
        yield from expected_steps(basis, unit._replace(currency=currency))
    for currency in sorted({*lines["currency"]}) or [unit.currency]:
        yield invoiced_step(basis, unit._replace(currency=currency))


def charges_of(basis: Basis, unit: Unit) -> list[Row]:
    """Return the charges of a unit; those without a price are in no currency."""
    mine = _of_unit(basis.charges, "account", unit)
    return list(rows_of(mine[mine["currency"].eq(unit.currency)]))


def lines_of(basis: Basis, unit: Unit) -> list[Row]:
    """Return the invoice lines of a unit."""
    mine = _of_unit(basis.lines, "service_account", unit)
    return list(rows_of(mine[mine["currency"].eq(unit.currency)]))


def expected_steps(basis: Basis, unit: Unit) -> Iterator[Step]:
    """Yield what is expected for a unit: the charges of usage down to its rows, then what is due whatever was used."""
    charges = charges_of(basis, unit)
    for is_due_anyhow, text in _EXPECTED:
        own = [charge for charge in charges if (charge.kind in _WITHOUT_QUANTITY) == is_due_anyhow]
        steps = [charge_step(basis, charge) for charge in own]
        if any(charge.amount_minor is NA for charge in own):
            yield Step(text=_without_price(own), steps=tuple(steps))
        elif steps:
            yield summed(text, Money(sum(int(charge.amount_minor) for charge in own), unit.currency), steps)
    if not charges:
        yield _nothing(NO_USAGE, unit)


def _without_price(charges: Iterable[Row]) -> str:
    known = [charge for charge in charges if charge.rate_source]
    if not known:
        return "used, but nothing says at which price"
    return f"used, but no exchange rate into {known[0].currency} is known for {known[0].period}"


def invoiced_step(basis: Basis, unit: Unit) -> Step:
    """Return what was invoiced for a unit: its lines added up, credit notes negative."""
    lines = lines_of(basis, unit)
    total = Money(sum(int(line.amount_minor) for line in lines), unit.currency)
    return summed("invoiced", total, map(line_step, lines)) if lines else _nothing(NO_LINE, unit)


def charge_step(basis: Basis, charge: Row) -> Step:
    """Return one charge: how it is computed, the rate that says so, and the usage rows behind its quantity."""
    if charge.amount_minor is NA and not charge.rate_source:
        return used_step(basis, charge)
    if charge.amount_minor is NA:
        charge = in_price_currency(charge, basis.rates.terms)
    days = f"{charge.service_from.date()} to {charge.service_to.date()}"
    if charge.kind == "commitment":
        place = Place(source=charge.rate_source, pointer=charge.rate_pointer)
        steps = [Step(text="the agreed commitment", place=place)]
    elif charge.kind == "minimum":
        steps = list(bound_steps(charge, basis.rates.terms[int(charge.terms)]))
    else:
        steps = [*rate_steps(charge, basis.rates.terms[int(charge.terms)]), used_step(basis, charge)]
    text = f"{formula_of(charge, basis.rates.terms)}, {days}"
    return Step(text=text, figure=Money(int(charge.amount_minor), charge.currency), steps=tuple(steps))


def used_step(basis: Basis, charge: Row) -> Step:
    """Return the quantity of a charge: the usage rows that add up to it, or what is subscribed to.

    Raises:
        InvariantBroken: the rows of the files do not add up to the quantity that was priced.
    """
    quantity = _quantity(charge)
    if charge.kind != "usage":
        place = Place(source=charge.source, pointer=charge.pointer)
        return Step(text=f"{charge.kind}, whatever is used", figure=quantity, place=place)
    units = frozenset([charge.unit, ""] if charge.rate_source else [charge.unit])
    days = (charge.service_from.date(), charge.service_to.date())
    rows = basis.usage_rows(UsageKey(charge.account, charge.program, charge.sku, units, *days))
    aggregate = "sum" if charge.terms is NA else basis.rates.terms[int(charge.terms)].aggregate
    if aggregate == "sum":
        return summed("used", quantity, map(_row_step, rows_of(rows)))
    day = _day_of_peak(rows, quantity, aggregate)
    text = f"the {'highest' if aggregate == 'max' else 'last'} daily total, of {day.date()}"
    return summed(text, quantity, map(_row_step, rows_of(rows[rows["usage_date"].eq(day)])))


def _day_of_peak(rows: DataFrame, quantity: Quantity, aggregate: str) -> Any:
    days: list[Any] = sorted(rows["usage_date"].unique())
    equal = [day for day in days if _total(rows[rows["usage_date"].eq(day)]) == quantity.number]
    return equal[0] if aggregate == "max" and equal else days[-1]


def _total(rows: DataFrame) -> Decimal:
    return sum_of_quantities(_quantity(row).number for row in rows_of(rows))


def line_step(line: Row) -> Step:
    """Return one line of an invoice or credit note, as it adds to the debt."""
    quantity = from_scaled(line.quantity_scaled, line.quantity_scale)
    price = "" if line.price_scaled is NA else f" × {plain(from_scaled(line.price_scaled, line.price_scale))}"
    return Step(
        text=f"{line.document}#{line.line}: {plain(quantity)}{price}, {line.service_from.date()} to "
        f"{line.service_to.date()}",
        figure=Money(int(line.amount_minor), line.currency),
        place=Place(source=line.source, pointer=line.pointer),
    )


def _of_unit(table: DataFrame, account: str, unit: Unit) -> DataFrame:
    wanted = {account: unit.account, "program": unit.program, "sku": unit.sku, "period": unit.period}
    return _where(table, wanted.items())


def _where(table: DataFrame, wanted: Iterable[tuple[str, str]]) -> DataFrame:
    for column, value in wanted:
        table = table[table[column].eq(value)]
    return table


def _row_step(row: Row) -> Step:
    # A YAML report is pointed at by line index, a table by its row.
    is_report = row.source.endswith(".yaml")
    stands_in = is_report and f"/{row.usage_date:%Y-%m}/" not in row.source
    reported = "as reported before: an estimate, this month's report is missing" if stands_in else "as reported"
    return Step(
        text=reported if is_report else str(row.usage_date.date()),
        figure=_quantity(row),
        place=Place(source=row.source, pointer=f"/lines/{row.row}" if is_report else str(row.row)),
    )


def _quantity(row: Any) -> Quantity:
    return Quantity(from_scaled(row.quantity_scaled, row.quantity_scale), row.unit)


def _nothing(text: str, unit: Unit) -> Step:
    return Step(text=text, figure=Money(0, unit.currency) if unit.currency else None)
