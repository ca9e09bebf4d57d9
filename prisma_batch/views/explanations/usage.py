"""Steps of usage: what was used according to which rows, what that costs, and which lines bill it."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pandas import NA, DataFrame

from prisma_batch.base.money import from_scaled, plain
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis, UsageKey
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Quantity, Step, summed

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
        yield expected_step(basis, unit._replace(currency=currency))
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


def expected_step(basis: Basis, unit: Unit) -> Step:
    """Return what is expected for a unit: its charges added up, each down to its usage rows."""
    charges = charges_of(basis, unit)
    steps = [charge_step(basis, charge) for charge in charges]
    if any(charge.amount_minor is NA for charge in charges):
        return Step(text="used, but nothing says at which price", steps=tuple(steps))
    total = Money(sum(int(charge.amount_minor) for charge in charges), unit.currency)
    return summed("expected: what was used, at the agreed rate", total, steps) if steps else _nothing(NO_USAGE, unit)


def invoiced_step(basis: Basis, unit: Unit) -> Step:
    """Return what was invoiced for a unit: its lines added up, credit notes negative."""
    lines = lines_of(basis, unit)
    total = Money(sum(int(line.amount_minor) for line in lines), unit.currency)
    return summed("invoiced", total, map(line_step, lines)) if lines else _nothing(NO_LINE, unit)


def charge_step(basis: Basis, charge: Row) -> Step:
    """Return one charge: how it is computed, the rate that says so, and the usage rows behind its quantity."""
    used = used_step(basis, charge)
    if charge.amount_minor is NA:
        return used
    days = f"{charge.service_from.date()} to {charge.service_to.date()}"
    place = Place(source=charge.rate_source, pointer=charge.rate_pointer)
    rate = Step(text=f"the agreed rate: {_price(charge)}", place=place)
    amount = Money(int(charge.amount_minor), charge.currency)
    return Step(text=f"{_formula(charge)}, {days}", figure=amount, steps=(rate, used))


def used_step(basis: Basis, charge: Row) -> Step:
    """Return the quantity of a charge: the usage rows that add up to it.

    Raises:
        InvariantBroken: the rows of the files do not add up to the quantity that was priced.
    """
    units = frozenset([charge.unit] if charge.amount_minor is NA else [charge.unit, ""])
    days = (charge.service_from.date(), charge.service_to.date())
    rows = basis.usage_rows(UsageKey(charge.account, charge.program, charge.sku, units, *days))
    return summed("used", _quantity(charge), (_row_step(row) for row in rows_of(rows)))


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
    return Step(
        text="as reported" if is_report else str(row.usage_date.date()),
        figure=_quantity(row),
        place=Place(source=row.source, pointer=f"/lines/{row.row}" if is_report else str(row.row)),
    )


def _quantity(row: Any) -> Quantity:
    return Quantity(from_scaled(row.quantity_scaled, row.quantity_scale), row.unit)


def _price(charge: Row) -> str:
    price = plain(from_scaled(charge.price_scaled, charge.price_scale))
    per = "a month, whatever the quantity" if charge.model == "flat" else f"per {charge.unit}"
    return f"{price} {charge.currency} {per}"


def _formula(charge: Row) -> str:
    price = plain(from_scaled(charge.price_scaled, charge.price_scale))
    return f"a flat {price}" if charge.model == "flat" else f"{_quantity(charge).text} × {price}"


def _nothing(text: str, unit: Unit) -> Step:
    return Step(text=text, figure=Money(0, unit.currency) if unit.currency else None)
