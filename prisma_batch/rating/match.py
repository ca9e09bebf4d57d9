"""The three-way match: usage × agreement × invoice lines, joined as integers, each difference explained."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
from pandas import DataFrame

from prisma_batch.rating.classify import differences, misplaced_intervals
from prisma_batch.rating.duplicates import split_duplicates
from prisma_batch.rating.exceptions import unpriced_usage
from prisma_batch.rating.totals import KEY, rescaled
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import safe_to_sum

UNIT = [*KEY, "period", "currency"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchScope:
    """What is matched: the periods of each program (the run's own, and earlier ones within its late window).

    ``unrated`` has account, program and SKU of agreed rates that are not rated; ``accounts`` are the known ones.
    """

    periods: Mapping[str, frozenset[str]]
    default_periods: frozenset[str]
    accounts: frozenset[str]
    unrated: frozenset[tuple[str, str, str]]

    def holds(self, table: DataFrame) -> "pd.Series[bool]":
        """Say for each row of a table with program and period whether it is matched in this run."""
        pairs = zip(table["program"], table["period"], strict=True)
        return pd.Series(
            [period in self.periods.get(program, self.default_periods) for program, period in pairs],
            index=table.index,
            dtype=bool,
        )


def match_usage(charges: DataFrame, lines: DataFrame, scope: MatchScope) -> list[Discrepancy]:
    """Compare what was used at the agreed rate with what was invoiced.

    A line belongs to the month of its ``service_to`` (arrears) and is matched once, whole. Credit note lines count
    negative. Duplicates are taken out first, then usage billed under the wrong month, then each unit of account,
    program, SKU, month and currency is compared: a difference in quantity is valued at the agreed rate, what remains is
    a difference in price.

    Args:
        charges: CHARGES of every month in the tree.
        lines: INVOICE_LINES of every document in the tree.
        scope: which rows count.
    Returns:
        Discrepancies in no particular order.
    """
    unpriced, priced = unpriced_usage(_rated_keys(charges, scope), scope.accounts)
    billed = _rated_keys(_of_service_account(with_period(lines)), scope)
    misplaced: list[Discrepancy] = []
    duplicates: list[Discrepancy] = []
    different: list[Discrepancy] = []
    if len(priced) or len(billed):  # Arrow joins no two tables without rows
        priced, billed = _at_one_scale(priced, billed)
        billed, duplicates = split_duplicates(priced, billed)
        compared = _compared(priced, billed)
        misplaced, compared = misplaced_intervals(compared.assign(told=scope.holds(compared)))
        different = differences(compared[compared["told"]])
    found = [*unpriced, *duplicates]
    kept = [item for item in found if item.period in scope.periods.get(item.program, scope.default_periods)]
    return kept + misplaced + different


def _rated_keys(table: DataFrame, scope: MatchScope) -> DataFrame:
    account = "service_account" if "service_account" in table else "account"
    keys = zip(table[account], table["program"], table["sku"], strict=True)
    return table[pd.Series([key not in scope.unrated for key in keys], index=table.index, dtype=bool)]


def with_period(lines: DataFrame) -> DataFrame:
    """Return INVOICE_LINES with the ``period`` in which each is matched."""
    return lines.assign(period=lines["service_to"].dt.strftime("%Y-%m"))


def _of_service_account(lines: DataFrame) -> DataFrame:
    return lines.drop(columns="account").rename(columns={"service_account": "account"})


def _at_one_scale(charges: DataFrame, lines: DataFrame) -> tuple[DataFrame, DataFrame]:
    """Give both tables a ``quantity`` at the finest ``scale`` that its SKU has, so that they compare as integers."""
    columns = [*KEY, "quantity_scale"]
    both = pd.concat([charges[columns], lines[columns]])
    finest = both.groupby(KEY)["quantity_scale"].max().rename("scale").reset_index()
    scaled = []
    for table in (charges, lines):
        wide = table.merge(finest, on=KEY, how="left", validate="many_to_one")
        quantity = rescaled(wide["quantity_scaled"], wide["quantity_scale"], wide["scale"])
        scaled.append(wide.assign(quantity=quantity))
    return scaled[0], scaled[1]


def _compared(charges: DataFrame, lines: DataFrame) -> DataFrame:
    """Join both sides per unit; missing sides are null, integers stay integers."""
    for table in (charges, lines):
        safe_to_sum(table["quantity"])
        safe_to_sum(table["amount_minor"])
    expected = charges.groupby(UNIT, dropna=False, as_index=False).agg(
        used=("quantity", "sum"),
        expected=("amount_minor", "sum"),
        rates=("amount_minor", "size"),
        model=("model", "first"),
        rounding=("rounding", "first"),
        price_scaled=("price_scaled", "first"),
        price_scale=("price_scale", "first"),
        usage_scale=("scale", "first"),
        usage_source=("source", "first"),
        usage_pointer=("pointer", "first"),
    )
    ordered = lines.sort_values(["document", "line"], kind="stable")
    invoiced = ordered.groupby(UNIT, dropna=False, as_index=False).agg(
        billed=("quantity", "sum"),
        invoiced=("amount_minor", "sum"),
        lines=("amount_minor", "size"),
        document=("document", "last"),
        line=("line", "last"),
        line_scale=("scale", "first"),
        line_price_scaled=("price_scaled", "last"),
        line_price_scale=("price_scale", "last"),
        line_source=("source", "last"),
        line_pointer=("pointer", "last"),
    )
    integers = ["used", "expected", "rates", "usage_scale"]
    expected = expected.astype(dict.fromkeys(integers, "Int64"))
    invoiced = invoiced.astype(dict.fromkeys(["billed", "invoiced", "lines", "line", "line_scale"], "Int64"))
    return expected.merge(invoiced, on=UNIT, how="outer", validate="one_to_one", indicator="side")
