"""Refunds: a line and the credit that takes it back whole are no longer there for the match."""

from pandas import DataFrame

from prisma_batch.rating.totals import KEY

_SAME = [*KEY, "service_from", "service_to", "quantity", "amount_minor", "currency"]
# First the line that a credit names, then one of the document that it names, then any that is the same.
_PASSES: tuple[list[str], ...] = (["target", "target_line"], ["target"], [])


def without_refunded(lines: DataFrame) -> DataFrame:
    """Take out pairs of a line and its mirror image: same interval, quantity and amount with the other sign.

    A refund and a new line for the same usage leave the new line alone; a credit of another size stays, and counts
    against what it corrects. Among equal lines the first, by document and line, is taken back first.

    Args:
        lines: INVOICE_LINES with ``quantity`` at one scale, by service account; the index is unique.
    """
    paired = refunded_pairs(lines)
    return lines.drop(index=[*paired, *paired.values()])


def refunded_pairs(lines: DataFrame) -> dict[int, int]:
    """Return for each line that takes another one back whole the index of that other one.

    Args:
        lines: as for ``without_refunded``.
    """
    debits, refunds = lines[lines["amount_minor"] > 0], lines[lines["amount_minor"] < 0]
    debits = debits.assign(target=debits["document"], target_line=debits["line"])
    refunds = refunds.assign(target=refunds["corrects"], target_line=refunds["corrects_line"])
    refunds = refunds.assign(quantity=-refunds["quantity"], amount_minor=-refunds["amount_minor"])
    paired: dict[int, int] = {}
    for named in _PASSES:
        if len(refunds) and len(debits):
            pairs = _paired(debits, refunds, [*_SAME, *named])
            taken, taking = pairs["row"].tolist(), pairs["row_refund"].tolist()
            debits, refunds = debits.drop(index=taken), refunds.drop(index=taking)
            paired |= dict(zip(taking, taken, strict=True))
    return paired


def _paired(debits: DataFrame, refunds: DataFrame, same: list[str]) -> DataFrame:
    sides = [
        side.sort_values(["document", "line"], kind="stable")
        .assign(row=lambda table: table.index, rank=lambda table: table.groupby(same, dropna=False).cumcount())
        .loc[:, [*same, "rank", "row"]]
        for side in (debits, refunds)
    ]
    return sides[0].merge(sides[1], on=[*same, "rank"], how="inner", validate="one_to_one", suffixes=("", "_refund"))
