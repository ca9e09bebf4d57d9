"""What cannot be priced: an unknown account, no agreed or no exchange rate. Listed with its quantity, never dropped."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

import numpy as np
from pandas import DataFrame

from prisma_batch.base.money import from_scaled, plain
from prisma_batch.rating.formulas import formula_of, in_price_currency
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.totals import KEY
from prisma_batch.records.coded import where_text
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of

_MONTH = [*KEY, "period"]


def unpriced_usage(
    charges: DataFrame, accounts: AbstractSet[str], terms: Sequence[Terms]
) -> tuple[list[Discrepancy], DataFrame]:
    """Split charges into exceptions and those with a known account and an amount.

    Args:
        terms: those of the Rates that priced the charges.
    """
    known = where_text(charges["account"], accounts.__contains__)
    priced = charges["amount_minor"].notna().to_numpy() & known
    unpriced = charges.take(np.flatnonzero(~priced))
    found = [_no_rate(row, terms) if row.account in accounts else _unknown_account(row) for row in rows_of(unpriced)]
    return listed_once(found), (charges if unpriced.empty else charges[priced]).astype({"amount_minor": "int64"})


def listed_once(found: Iterable[Discrepancy]) -> list[Discrepancy]:
    """Put together what has the same id, such as the parts of a month whose rate changed; known amounts add up.

    Parts in several currencies have no amount together.
    """
    by_id: dict[str, list[Discrepancy]] = defaultdict(list)
    for item in found:
        by_id[item.id].append(item)
    return [items[0] if len(items) == 1 else _together(items) for items in by_id.values()]


def _together(items: Sequence[Discrepancy]) -> Discrepancy:
    currencies = {item.currency for item in items if item.currency}
    is_known = len(currencies) <= 1
    amounts = [f"{item.expected_minor} {item.invoiced_minor} {item.currency}" for item in items]
    return replace(
        items[0],
        message="; ".join(item.message for item in items),
        expected_quantity=_sum([item.expected_quantity for item in items]),
        invoiced_quantity=_sum([item.invoiced_quantity for item in items]),
        expected_minor=_sum([item.expected_minor for item in items]) if is_known else None,
        invoiced_minor=_sum([item.invoiced_minor for item in items]) if is_known else None,
        currency="".join(currencies) if is_known else "",
        inputs=items[0].inputs if is_known else (*items[0].inputs, *amounts),
    )


def _sum(figures: Iterable[Any]) -> Any:
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def with_known_price(lines: DataFrame, charges: DataFrame) -> DataFrame:
    """Leave out lines of months with an agreed charge whose amount is not known: there is nothing to compare them with.

    Args:
        lines: with account, program, SKU and period.
    """
    unknown = charges.loc[charges["amount_minor"].isna() & charges["rate_source"].ne(""), _MONTH].drop_duplicates()
    if unknown.empty or lines.empty:
        return lines
    found = lines[_MONTH].merge(unknown, on=_MONTH, how="left", validate="many_to_one", indicator="side")
    return lines[found["side"].eq("left_only").to_numpy()]


def _unknown_account(row: Any) -> Discrepancy:
    return _exception(row, "unknown_account", "no contacts record has this account id, nor maps it in external_ids")


def _no_rate(row: Any, terms: Sequence[Terms]) -> Discrepancy:
    if row.rate_source:
        return _not_converted(row, terms)
    unit = f" per {row.unit}" if row.unit else ""
    return _exception(row, "no_agreed_rate", f"the agreement has no rate{unit} for this SKU on these days")


def _not_converted(row: Any, terms: Sequence[Terms]) -> Discrepancy:
    before = in_price_currency(row, terms)
    why = f"no exchange rate into {row.currency} is known for {row.period}"
    return replace(
        _exception(row, "no_agreed_rate", why),
        message=f"{'used' if row.kind == 'usage' else 'agreed'} {formula_of(before, terms)} {before.currency}: {why}",
        expected_minor=before.amount_minor,
        currency=before.currency,
    )


def _exception(row: Any, kind: str, why: str) -> Discrepancy:
    quantity = from_scaled(row.quantity_scaled, row.quantity_scale)
    return Discrepancy(
        kind=kind,
        message=f"used {plain(quantity)} {row.unit}".rstrip() + f": {why}",
        source=row.source,
        pointer=row.pointer,
        account=row.account,
        program=row.program,
        sku=row.sku,
        period=row.period,
        unit=row.unit,
        expected_quantity=quantity,
    )
