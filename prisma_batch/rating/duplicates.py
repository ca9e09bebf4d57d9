"""Lines and whole invoices that were issued twice."""

from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled
from prisma_batch.rating.totals import KEY
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of

_SAME = [*KEY, "service_from", "service_to", "quantity", "amount_minor", "currency"]


def split_duplicates(charges: DataFrame, lines: DataFrame, all_lines: DataFrame) -> tuple[DataFrame, list[Discrepancy]]:
    """Take out lines that repeat an earlier one, where usage does not explain the repetition.

    A line repeats another when account, program, SKU, interval, quantity and amount are the same. An invoice whose
    every line repeats is one ``duplicate_invoice``.

    Args:
        charges: those of the units that differ.
        lines: likewise; what was refunded is not among them.
        all_lines: every line of every document: those that are not repeated may be in units without a difference.
    """
    lines = lines.sort_values(["document", "line"], kind="stable", ignore_index=True)
    repeated = (lines["amount_minor"] > 0) & (lines.groupby(_SAME, dropna=False).cumcount() > 0)
    if not repeated.any():
        return lines, []
    repeated &= _exceeds_usage(charges, lines, repeated)
    extra = lines[repeated]
    in_whole = extra["document"].isin(_whole(extra, all_lines))
    found = [_duplicate_line(row) for row in rows_of(extra[~in_whole])]
    found += [_duplicate_invoice(rows) for _, rows in extra[in_whole].groupby(["document", "period"])]
    return lines[~repeated], found


def _whole(extra: DataFrame, all_lines: DataFrame) -> list[str]:
    """Return the documents of which every line is among the extra ones."""
    lines = all_lines.loc[all_lines["document"].isin(extra["document"].unique()), "document"].value_counts()
    repeated = extra["document"].value_counts()
    return sorted(repeated.index[repeated == lines.reindex(repeated.index)])


def _exceeds_usage(charges: DataFrame, lines: DataFrame, repeated: Any) -> Any:
    """Say for each line whether its unit was invoiced for at least the repeated amount too much."""
    unit = [*KEY, "period", "currency"]
    used = charges.groupby(unit)["amount_minor"].sum().rename("used").reset_index()
    sums = lines.assign(extra=lines["amount_minor"].where(repeated, 0)).groupby(unit, dropna=False)
    totals = sums[["amount_minor", "extra"]].sum().reset_index().merge(used, on=unit, how="left", validate="one_to_one")
    used_minor = totals["used"].astype("Int64").fillna(0)
    totals["too_much"] = (totals["amount_minor"] - used_minor >= totals["extra"]).astype(bool)
    return lines[unit].merge(totals, on=unit, how="left", validate="many_to_one")["too_much"].astype(bool)


def _duplicate_line(row: Any) -> Discrepancy:
    amount = f"{from_minor(row.amount_minor, row.currency)} {row.currency}"
    return Discrepancy(
        kind="duplicate_line",
        message=f"line {row.line} of {row.document} repeats an earlier one: {amount} invoiced twice",
        source=row.source,
        pointer=row.pointer,
        account=row.account,
        program=row.program,
        sku=row.sku,
        period=row.period,
        invoice=row.document,
        line=str(row.line),
        invoiced_quantity=from_scaled(row.quantity, row.scale),
        invoiced_minor=int(row.amount_minor),
        expected_minor=0,
        currency=row.currency,
    )


def _duplicate_invoice(rows: DataFrame) -> Discrepancy:
    first = rows.iloc[0]
    total = int(rows["amount_minor"].sum())
    amount = f"{from_minor(total, first['currency'])} {first['currency']}"
    return Discrepancy(
        kind="duplicate_invoice",
        message=f"every line of {first['document']} repeats an earlier invoice: {amount} net invoiced twice",
        source=first["source"],
        account=first["account"],
        program=first["program"] if rows["program"].eq(first["program"]).all() else "",
        period=first["period"],
        invoice=first["document"],
        invoiced_minor=total,
        expected_minor=0,
        currency=first["currency"],
    )
