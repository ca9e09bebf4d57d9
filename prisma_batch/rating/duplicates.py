"""Lines and whole invoices that were issued twice."""

from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import from_minor, from_scaled
from prisma_batch.rating.totals import KEY
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.table import rows_of

_SAME = [*KEY, "service_from", "service_to", "quantity", "amount_minor", "currency"]


def split_duplicates(charges: DataFrame, lines: DataFrame) -> tuple[DataFrame, list[Discrepancy]]:
    """Take out lines that repeat an earlier one, where usage does not explain the repetition.

    A line repeats another when account, program, SKU, interval, quantity and amount are the same; a credit of the same
    size takes one repetition back. An invoice whose every line repeats is one ``duplicate_invoice``.
    """
    lines = lines.sort_values(["document", "line"], kind="stable", ignore_index=True)
    repeated = _repetitions(lines)
    repeated &= _exceeds_usage(charges, lines, repeated)
    extra = lines[repeated]
    whole = set(extra["document"]) - set(lines.loc[~repeated, "document"])
    in_whole = extra["document"].isin(sorted(whole))
    found = [_duplicate_line(row) for row in rows_of(extra[~in_whole])]
    found += [_duplicate_invoice(rows) for _, rows in extra[in_whole].groupby(["document", "period"])]
    return lines[~repeated], found


def _repetitions(lines: DataFrame) -> Any:
    debit = lines["amount_minor"] > 0
    occurrence = lines[debit].groupby(_SAME, dropna=False).cumcount()
    mirrored = lines[lines["amount_minor"] < 0].assign(
        quantity=lambda line: -line["quantity"], amount_minor=lambda line: -line["amount_minor"]
    )
    credited = mirrored.groupby(_SAME, dropna=False).size().rename("credited").reset_index()
    taken_back = lines[_SAME].merge(credited, on=_SAME, how="left", validate="many_to_one")["credited"]
    return debit & (occurrence.reindex(lines.index, fill_value=0) > taken_back.fillna(0).astype("int64"))


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
