"""Which line each credit corrects: what the match nets before it compares, for people to read."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from pandas import DataFrame

from prisma_batch.rating.match import MatchScope, of_service_account
from prisma_batch.rating.refunds import refunded_pairs
from prisma_batch.rating.totals import KEY
from prisma_batch.rating.units import at_one_scale
from prisma_batch.records.credited_lines import CREDITED_LINES
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import CHARGES

_MONTH = [*KEY, "period"]
_Place = tuple[str, int, str]  # invoice, line, and how that is known


def credited_lines(lines: DataFrame, scope: MatchScope) -> DataFrame:
    """Return CREDITED_LINES: each line that takes something back in the months that are matched, and what it corrects.

    ``applied_by`` says how that is known: the credit names the ``line``; a line is its ``mirror_image``; it is the
    ``only_line`` of its SKU and month on the document that the credit names; else it counts in its ``month`` alone.

    Args:
        lines: INVOICE_LINES with their period.
    """
    taken_back = lines["amount_minor"].lt(0) & scope.holds(lines)
    if not taken_back.any():
        return CREDITED_LINES.of([])
    lines = of_service_account(lines).assign(row=lines.index)
    concerned = lines[lines["sku"].isin(lines.loc[taken_back, "sku"].unique())]
    pairs = refunded_pairs(at_one_scale(CHARGES.of([]), concerned)[1])
    billed = {row.row: row for row in rows_of(concerned[concerned["amount_minor"].gt(0)])}
    of_document: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for row in billed.values():
        of_document[_key(row, row.document)].append(row.line)
    found = []
    for row in rows_of(lines[taken_back]):
        place = _corrected(row, billed.get(pairs.get(row.row, -1)), of_document)
        found.append(
            (
                *(row.document, row.line, row.account, row.program, row.sku, row.period),
                *(row.quantity_scaled, row.quantity_scale, row.amount_minor, row.currency),
                *(*place, row.source, row.pointer),
            )
        )
    return CREDITED_LINES.of(found)


def _corrected(row: Any, mirrored: Any, of_document: Mapping[tuple[str, ...], Sequence[int]]) -> _Place:
    if row.corrects_line:
        return row.corrects, row.corrects_line, "line"
    if mirrored:
        return mirrored.document, mirrored.line, "mirror_image"
    same = of_document.get(_key(row, row.corrects), ())
    return (row.corrects, same[0], "only_line") if len(same) == 1 else (row.corrects, 0, "month")


def _key(row: Any, document: str) -> tuple[str, ...]:
    return (document, *(getattr(row, column) for column in _MONTH))
