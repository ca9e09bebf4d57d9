"""Minimums and commitments: what is due although it was not used, on a line of its own."""

from typing import Any

from pandas import DataFrame

from prisma_batch.rating.units import UNIT

MINIMUM_KINDS = ("minimum", "commitment")


def without_quantity_of_minimums(lines: DataFrame, charges: DataFrame) -> DataFrame:
    """Set the quantity of lines that bill a minimum to 0: a document counts them as one piece, or not at all.

    Such a line has the amount of a minimum of its unit, and no price.
    """
    minimums = charges.loc[charges["kind"].isin(MINIMUM_KINDS), [*UNIT, "amount_minor"]].drop_duplicates()
    if minimums.empty or lines.empty:
        return lines
    found = lines[[*UNIT, "amount_minor"]].merge(
        minimums, on=[*UNIT, "amount_minor"], how="left", validate="many_to_one", indicator="side"
    )
    bills_minimum = found["side"].eq("both").to_numpy() & lines["price_scaled"].isna().to_numpy()
    return lines.assign(quantity=lines["quantity"].where(~bills_minimum, 0))


def split_minimum(row: Any) -> tuple[int, int, int]:
    """Return how much of the minimum was invoiced, then what was expected and invoiced for usage alone.

    What is missing of the whole is missing of the minimum first: it is billed last.
    """
    expected, invoiced, minimum = int(row.expected), int(row.invoiced), int(row.minimum)
    missing = min(max(expected - invoiced, 0), minimum)
    return minimum - missing, expected - minimum, invoiced - (minimum - missing)
