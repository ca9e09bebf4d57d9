"""What a difference between usage and invoice is: its kind, its amount and the sentence that explains it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from pandas import NA, DataFrame

from prisma_batch.base.money import from_minor, from_scaled, plain
from prisma_batch.rating.agreed_prices import AgreedPrices
from prisma_batch.rating.minimums import split_minimum
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
    if unbilled.empty or unused.empty:
        return [], compared
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


def differences(compared: DataFrame, prices: AgreedPrices) -> list[Discrepancy]:
    """Return the discrepancies of compared units; equal units give none."""
    by_side: dict[str, list[Any]] = defaultdict(list)
    for row in rows_of(compared):
        by_side[row.side].append(row)
    unbilled: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for row in by_side["left_only"]:
        unbilled[_month(row)].append(row)
    found: list[Discrepancy] = []
    explained = set()
    for row in by_side["right_only"]:
        in_agreed_currency = unbilled.get(_month(row))
        if in_agreed_currency and row.invoiced:
            found.append(_other_currency(row, in_agreed_currency[0], prices))
            explained.add(_month(row))
        elif row.invoiced:
            found.append(_billed_without_usage(row))
    for month, rows in unbilled.items():
        # One invoice in another currency stands for one agreed currency; a second one was not billed.
        found += [item for row in rows[month in explained :] for item in _not_invoiced(row, prices)]
    for row in by_side["both"]:
        found.extend(_both_sides(row, prices))
    return found


def _month(row: Any) -> tuple[str, str, str, str]:
    return row.account, row.program, row.sku, row.period


def _not_invoiced(row: Any, prices: AgreedPrices) -> Iterator[Discrepancy]:
    if row.minimum:
        yield _minimum_not_billed(row, 0)
    usage_minor = int(row.expected) - int(row.minimum)
    if usage_minor:
        yield Discrepancy(
            kind="unbilled_usage",
            message=f"{_verb(row)} {prices.words(row)}, nothing invoiced",
            **_unit(row),
            source=row.usage_source,
            pointer=row.usage_pointer,
            expected_quantity=_quantity(row.used, row.usage_scale),
            expected_minor=usage_minor,
            invoiced_minor=0,
        )


def _verb(row: Any) -> str:
    """Say whether the usage made the amount: a subscription and a flat price are owed without any."""
    return "used" if row.kind == "usage" and row.model != "flat" else "agreed"


def _minimum_not_billed(row: Any, invoiced_minor: int) -> Discrepancy:
    invoiced = f"{_money(invoiced_minor, row)} of it invoiced" if invoiced_minor else "not invoiced"
    owed = "the commitment" if row.kind == "commitment" else "the agreed minimum"
    return Discrepancy(
        kind="minimum_not_billed",
        message=f"{owed} leaves {_money(row.minimum, row)} beyond what was used, {invoiced}",
        **_unit(row),
        source=row.usage_source,
        pointer=row.usage_pointer,
        expected_minor=int(row.minimum),
        invoiced_minor=invoiced_minor,
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


def _other_currency(row: Any, agreed: Any, prices: AgreedPrices) -> Discrepancy:
    return Discrepancy(
        kind="currency_mismatch",
        message=f"agreed {prices.words(agreed)}, invoiced {_money(row.invoiced, row)}",
        **_unit(row),
        **_line(row),
        expected_quantity=_quantity(agreed.used, agreed.usage_scale),
        invoiced_quantity=_quantity(row.billed, row.line_scale),
        invoiced_minor=int(row.invoiced),
        inputs=(str(agreed.expected), agreed.currency),
    )


def _both_sides(row: Any, prices: AgreedPrices) -> Iterator[Discrepancy]:
    """Yield the minimum that is missing, the difference in quantity at the agreed rate, and what remains, in price."""
    minimum_invoiced, expected, invoiced = split_minimum(row)
    if minimum_invoiced != row.minimum:
        yield _minimum_not_billed(row, minimum_invoiced)
    at_agreed_price, words = expected, prices.words(row)
    if row.rates and row.used != row.billed and row.model != "flat" and not prices.may_show(row, _billed(row)):
        value = prices.value(row, int(row.billed), int(row.line_scale))
        # Without a single price that explains the amount none values the difference: it is all the quantity's.
        at_agreed_price = invoiced if value is None else value
        yield _quantity_mismatch(row, (expected, at_agreed_price), words)
        words = prices.words_at(row, int(row.billed), int(row.line_scale), at_agreed_price)
    if at_agreed_price != invoiced:
        yield _price_mismatch(row, (at_agreed_price, invoiced), words)


def _billed(row: Any) -> Any:
    return _quantity(row.billed, row.line_scale)


def _quantity_mismatch(row: Any, amounts: tuple[int, int], words: str) -> Discrepancy:
    billed = _billed(row)
    return Discrepancy(
        kind="quantity_mismatch",
        message=f"{_verb(row)} {words}, invoiced {plain(billed)}",
        **_unit(row),
        **_line(row),
        expected_quantity=_quantity(row.used, row.usage_scale),
        invoiced_quantity=billed,
        expected_minor=amounts[0],
        invoiced_minor=amounts[1],
    )


def _price_mismatch(row: Any, amounts: tuple[int, int], words: str) -> Discrepancy:
    billed, line_price = _quantity(row.billed, row.line_scale), _line_price(row)
    agreed = line_price is None or (row.rates and line_price == from_scaled(row.price_scaled, row.price_scale))
    at_agreed_price, invoiced = amounts
    cents = abs(invoiced - at_agreed_price)
    return Discrepancy(
        kind="rounding_difference" if agreed and cents <= row.lines + row.rates - 1 else "price_mismatch",
        message=f"agreed {words}, invoiced {_money(invoiced, row)}",
        **_unit(row),
        **_line(row),
        expected_quantity=billed,
        invoiced_quantity=billed,
        expected_minor=at_agreed_price,
        invoiced_minor=invoiced,
        inputs=(str(line_price), str(row.price_scaled), str(row.price_scale)),
    )


def _unit(row: Any) -> dict[str, Any]:
    columns = ("account", "program", "sku", "period", "currency")
    return {column: getattr(row, column) for column in columns}


def _line(row: Any) -> dict[str, Any]:
    return {"invoice": row.document, "line": str(row.line), "source": row.line_source, "pointer": row.line_pointer}


def _line_price(row: Any) -> Any:
    return None if row.line_price_scaled is NA else from_scaled(row.line_price_scaled, row.line_price_scale)


def _quantity(scaled: Any, scale: Any) -> Any:
    return from_scaled(int(scaled), int(scale))


def _money(minor: Any, row: Any) -> str:
    return f"{from_minor(int(minor), row.currency)} {row.currency}"
