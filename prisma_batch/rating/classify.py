"""What a difference between usage and invoice is: its kind, its amount and the sentence that explains it."""

from collections.abc import Iterator
from typing import Any

from pandas import NA, DataFrame

from prisma_batch.base.money import from_minor, from_scaled, plain
from prisma_batch.rating.pricing import amount_minor
from prisma_batch.rating.totals import KEY
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of


def misplaced_intervals(compared: DataFrame) -> tuple[list[Discrepancy], DataFrame]:
    """Find usage billed in full, but under another month: one side lacks the invoice, the other the usage.

    Returns the discrepancies, under the month of the usage, where either month is ``told`` in this run, and the units
    that remain to be compared.
    """
    unbilled = compared[compared["side"].eq("left_only") & compared["expected"].ne(0)]
    unused = compared[compared["side"].eq("right_only")]
    same = [*KEY, "currency", "quantity", "rank"]
    pairs = _ranked(unbilled, "used").merge(
        _ranked(unused, "billed"), on=same, how="inner", validate="one_to_one", suffixes=("", "_line")
    )
    rest = compared.drop(index=[*pairs["unit_id"], *pairs["unit_id_line"]])
    return [_misplaced(row) for row in rows_of(pairs) if row.told or row.told_line], rest


def _ranked(units: DataFrame, quantity: str) -> DataFrame:
    units = units.assign(quantity=units[quantity].astype("int64"), unit_id=units.index)
    return units.assign(rank=units.groupby([*KEY, "currency", "quantity"]).cumcount())


def _misplaced(row: Any) -> Discrepancy:
    return Discrepancy(
        kind="wrong_service_period",
        message=f"usage of {row.period} was invoiced under {row.period_line}: same quantity",
        **_unit(row),
        invoice=row.document_line,
        line=str(row.line_line),
        source=row.line_source_line,
        pointer=row.line_pointer_line,
        expected_quantity=_quantity(row.used, row.usage_scale),
        invoiced_quantity=_quantity(row.billed_line, row.line_scale_line),
        expected_minor=int(row.expected),
        invoiced_minor=int(row.invoiced_line),
    )


def differences(compared: DataFrame) -> list[Discrepancy]:
    """Return the discrepancies of compared units; equal units give none."""
    same = (compared["expected"] == compared["invoiced"]) & (compared["used"] == compared["billed"])
    differing = compared[~same.fillna(False)]
    unbilled = {_month(row): row for row in rows_of(differing[differing["side"].eq("left_only")])}
    found: list[Discrepancy] = []
    for row in rows_of(differing[differing["side"].eq("right_only")]):
        in_agreed_currency = unbilled.get(_month(row))
        if in_agreed_currency is not None:
            found.append(_other_currency(row, in_agreed_currency))
        elif row.invoiced:
            found.append(_billed_without_usage(row))
    explained = {
        (item.account, item.program, item.sku, item.period) for item in found if item.kind == "currency_mismatch"
    }
    found += [_unbilled(row) for month, row in unbilled.items() if row.expected and month not in explained]
    for row in rows_of(differing[differing["side"].eq("both")]):
        found.extend(_both_sides(row))
    return found


def _month(row: Any) -> tuple[str, str, str, str]:
    return row.account, row.program, row.sku, row.period


def _unbilled(row: Any) -> Discrepancy:
    return Discrepancy(
        kind="unbilled_usage",
        message=f"used {_formula(row, row.used)} = {_money(row.expected, row)}, nothing invoiced",
        **_unit(row),
        source=row.usage_source,
        pointer=row.usage_pointer,
        expected_quantity=_quantity(row.used, row.usage_scale),
        expected_minor=int(row.expected),
        invoiced_minor=0,
    )


def _billed_without_usage(row: Any) -> Discrepancy:
    return Discrepancy(
        kind="billed_without_usage",
        message=f"{_money(row.invoiced, row)} invoiced, no usage is on record for this month",
        **_unit(row),
        **_line(row),
        invoiced_quantity=_quantity(row.billed, row.line_scale),
        expected_minor=0,
        invoiced_minor=int(row.invoiced),
    )


def _other_currency(row: Any, agreed: Any) -> Discrepancy:
    formula = f"agreed {_formula(agreed, agreed.used)} = {_money(agreed.expected, agreed)}"
    return Discrepancy(
        kind="currency_mismatch",
        message=f"{formula}, invoiced {_money(row.invoiced, row)}",
        **_unit(row),
        **_line(row),
        expected_quantity=_quantity(agreed.used, agreed.usage_scale),
        invoiced_quantity=_quantity(row.billed, row.line_scale),
        invoiced_minor=int(row.invoiced),
        inputs=(str(agreed.expected), agreed.currency),
    )


def _both_sides(row: Any) -> Iterator[Discrepancy]:
    """Yield the difference in quantity, valued at the agreed rate, then what remains as a difference in price."""
    at_agreed_price = int(row.expected)
    if row.used != row.billed and row.model != "flat":
        if row.rates == 1:
            price = (row.price_scaled, row.price_scale)
            at_agreed_price = amount_minor(row.model, row.rounding, row.currency, row.billed, row.line_scale, *price)
        else:  # several rates in the month: no single price values the difference
            at_agreed_price = int(row.invoiced)
        yield _quantity_mismatch(row, at_agreed_price)
    if at_agreed_price != row.invoiced:
        yield _price_mismatch(row, at_agreed_price)


def _quantity_mismatch(row: Any, at_agreed_price: int) -> Discrepancy:
    used, billed = _quantity(row.used, row.usage_scale), _quantity(row.billed, row.line_scale)
    return Discrepancy(
        kind="quantity_mismatch",
        message=f"used {_formula(row, row.used)} = {_money(row.expected, row)}, invoiced {plain(billed)}",
        **_unit(row),
        **_line(row),
        expected_quantity=used,
        invoiced_quantity=billed,
        expected_minor=int(row.expected),
        invoiced_minor=at_agreed_price,
    )


def _price_mismatch(row: Any, at_agreed_price: int) -> Discrepancy:
    billed, line_price = _quantity(row.billed, row.line_scale), _line_price(row)
    agreed = line_price in (None, from_scaled(row.price_scaled, row.price_scale))
    cents = abs(int(row.invoiced) - at_agreed_price)
    formula = f"agreed {_formula(row, row.billed)} = {_money(at_agreed_price, row)}"
    return Discrepancy(
        kind="rounding_difference" if agreed and cents <= row.lines + row.rates - 1 else "price_mismatch",
        message=f"{formula}, invoiced {_money(row.invoiced, row)}",
        **_unit(row),
        **_line(row),
        expected_quantity=billed,
        invoiced_quantity=billed,
        expected_minor=at_agreed_price,
        invoiced_minor=int(row.invoiced),
        inputs=(str(line_price), str(row.price_scaled), str(row.price_scale)),
    )


def _unit(row: Any) -> dict[str, Any]:
    columns = ("account", "program", "sku", "period", "currency")
    return {column: getattr(row, column) for column in columns}


def _line(row: Any) -> dict[str, Any]:
    return {"invoice": row.document, "line": str(row.line), "source": row.line_source, "pointer": row.line_pointer}


def _formula(row: Any, quantity: int) -> str:
    price = plain(from_scaled(row.price_scaled, row.price_scale))
    if row.model == "flat":
        return f"a flat {price}"
    if row.rates > 1:
        return f"{plain(_quantity(quantity, row.usage_scale))} at {row.rates} rates"
    return f"{plain(_quantity(quantity, row.usage_scale))} × {price}"


def _line_price(row: Any) -> Any:
    return None if row.line_price_scaled is NA else from_scaled(row.line_price_scaled, row.line_price_scale)


def _quantity(scaled: Any, scale: Any) -> Any:
    return from_scaled(int(scaled), int(scale))


def _money(minor: Any, row: Any) -> str:
    return f"{from_minor(int(minor), row.currency)} {row.currency}"
