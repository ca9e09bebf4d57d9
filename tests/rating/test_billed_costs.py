"""What exports say that an invoice comes to, against the invoice of that number."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import pytest

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import to_scaled
from prisma_batch.rating.billed_costs import cost_findings
from prisma_batch.rating.invoice_lines import invoice_lines
from prisma_batch.rating.placement import with_period
from prisma_batch.records.documents import Document
from prisma_batch.records.price_tables import RATES
from prisma_batch.records.tables import SOURCE_COSTS
from tests.rating.tables import scope
from tests.rating.test_corrections import invoice, line

Cost = tuple[str, str, str]  # invoice, cost, currency
BILLED = invoice("INV-1", line(1, "5", "10.00"), line(2, "5", "5.00", sku="B2"))
INVOICE = replace(BILLED, net=Decimal("15.00"), tax=Decimal("3.15"), total=Decimal("18.15"))
NOTE = replace(INVOICE, kind="credit_note")


def differing(costs: Iterable[Cost], document: Document = INVOICE, period: str = "2026-10") -> list[Finding]:
    """What is found of costs, each in a file of its own: ``0.csv``, ``1.csv``, …"""
    table = SOURCE_COSTS.of(
        (f"{number}.csv", "1234", own, currency, *to_scaled(Decimal(cost)))
        for number, (own, cost, currency) in enumerate(costs)
    )
    lines = with_period(invoice_lines([document]), RATES.of([]))
    return list(cost_findings(table, {document.number: document}, lines, scope(period)))


@pytest.mark.parametrize(
    ("costs", "document"),
    [
        ([("INV-1", "15", "EUR")], INVOICE),
        ([("INV-1", "18.15", "EUR")], INVOICE),
        ([("INV-1", "15.01", "EUR")], INVOICE),
        ([("INV-1", "9.999999999999", "EUR"), ("INV-1", "5.000000000001", "EUR")], INVOICE),
        ([("INV-9", "400", "EUR"), ("", "400", "EUR")], INVOICE),
        ([("INV-1", "-15", "EUR")], NOTE),
        ([], INVOICE),
    ],
    ids=["net", "with tax", "each line rounded", "in two files", "no document of ours", "a credit note", "no costs"],
)
def test_what_is_as_invoiced(costs: list[Cost], document: Document) -> None:
    assert differing(costs, document) == []


@pytest.mark.parametrize(
    ("costs", "document", "says"),
    [
        ([("INV-1", "15.010000000001", "EUR")], INVOICE, "15.010000000001 EUR"),
        ([("INV-1", "10", "EUR"), ("INV-9", "5", "EUR")], INVOICE, "10 EUR"),
        ([("INV-1", "15", "USD")], INVOICE, "15 USD"),
        ([("INV-1", "15", "EUR")], NOTE, "15 EUR"),
    ],
    ids=["more than rounding", "half of it under another number", "another currency", "a credit with the wrong sign"],
)
def test_what_differs(costs: list[Cost], document: Document, says: str) -> None:
    [found] = differing(costs, document)
    assert found.message.startswith(f"{says} were billed on INV-1 according to this export; the document comes to ")
    assert (found.code, found.severity, found.source) == ("source-cost-differs", "warning", "0.csv")


def test_it_is_told_as_long_as_the_month_is_matched() -> None:
    costs = [("INV-1", "400", "EUR")]
    assert len(differing(costs)) == 1
    assert differing(costs, period="2026-11") == []
