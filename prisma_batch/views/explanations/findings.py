"""Steps that name the discrepancies about something."""

from collections.abc import Iterator

from pandas import NA, DataFrame, Series

from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.usage import Unit
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step


def about_line(basis: Basis, unit: Unit | None, number: str, line: int) -> list[Step]:
    """Return the discrepancies of a line, and of the usage that it bills."""
    table = basis.discrepancies
    own = table["invoice"].eq(number) & table["line"].isin([str(line), ""])
    return _steps(table[own | _about_unit(table, unit)])


def about_unit(basis: Basis, unit: Unit) -> list[Step]:
    """Return the discrepancies of an account, program, SKU and month."""
    return _steps(basis.discrepancies[_about_unit(basis.discrepancies, unit)])


def about(basis: Basis, column: str, value: str) -> list[Step]:
    """Return the discrepancies with a value in a column: of an account, an invoice or a payment."""
    return _steps(basis.discrepancies[basis.discrepancies[column].eq(value)])


def difference(row: Row) -> Money | None:
    """Return invoiced − expected of a discrepancy, where it has an amount."""
    return None if row.difference_minor is NA else Money(int(row.difference_minor), row.currency)


def _about_unit(table: DataFrame, unit: Unit | None) -> "Series[bool]":
    if unit is None:
        return table["id"].eq("")
    mine = table["account"].eq(unit.account) & table["program"].eq(unit.program)
    return mine & table["sku"].eq(unit.sku) & table["period"].eq(unit.period)


def _steps(rows: DataFrame) -> list[Step]:
    return list(_listed(rows))


def _listed(rows: DataFrame) -> Iterator[Step]:
    for row in rows_of(rows):
        place = Place(source=row.source, pointer=row.pointer) if row.source else None
        text = f"{row.kind} {row.id} ({row.state}): {row.message}"
        yield Step(text=text, figure=difference(row), place=place)
