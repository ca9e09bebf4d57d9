"""What exports say that an invoice comes to, against the invoice of that number."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import QUANTITY_SCALE_MAX, from_scaled, minor_digits, plain, to_minor
from prisma_batch.rating.match import MatchScope
from prisma_batch.records.documents import Document
from prisma_batch.records.table import rows_of


def cost_findings(
    costs: DataFrame, documents: Mapping[str, Document], lines: DataFrame, scope: MatchScope
) -> Iterator[Finding]:
    """Yield ``source-cost-differs`` for each document of the matched months that exports know by another amount.

    All costs of a number and currency are one sum, over all files. It is the net of the document, or its total where
    the export has tax as rows of its own; each line of the document may have rounded half a minor unit away. Numbers
    that no document has are those of a provider's own invoices.

    Args:
        costs: SOURCE_COSTS.
        documents: by number.
        lines: INVOICE_LINES with their period.
        scope: which months are matched.
    Source: FOCUS 1.2, BilledCost and InvoiceId.
    """
    billed: dict[str, list[Any]] = defaultdict(list)
    for row in rows_of(costs[costs["invoice"].isin(list(documents))]):
        billed[row.invoice].append(row)
    if not billed:
        return
    own = lines[lines["document"].isin(sorted(billed))]
    for number in sorted(own.loc[scope.holds(own), "document"].unique()):
        yield from _differing(documents[number], billed[number])


def _differing(document: Document, rows: list[Any]) -> Iterator[Finding]:
    currencies = {row.currency for row in rows}
    for currency in sorted(currencies):
        own = [row for row in rows if row.currency == currency]
        scaled = sum(int(row.cost_scaled) * 10 ** (QUANTITY_SCALE_MAX - int(row.cost_scale)) for row in own)
        if currency != document.currency or not _is_amount_of(document, scaled):
            cost = plain(from_scaled(scaled, QUANTITY_SCALE_MAX))
            yield Finding(
                code="source-cost-differs",
                message=f"{cost} {currency} were billed on {document.number} according to this export; "
                f"the document comes to {_net(document)} {document.currency} net, {_total(document)} with tax",
                remedy="see that every file of the invoice is there, and whether the document or the export is wrong",
                source=own[0].source,
                severity="warning",
            )


def _is_amount_of(document: Document, scaled: int) -> bool:
    unit = 10 ** (QUANTITY_SCALE_MAX - minor_digits(document.currency))
    amounts = (to_minor(amount, document.currency) * unit for amount in (_net(document), _total(document)))
    return any(2 * abs(scaled - amount) <= unit * len(document.lines) for amount in amounts)


def _net(document: Document) -> Decimal:
    return document.sign * document.net


def _total(document: Document) -> Decimal:
    return document.sign * document.total
