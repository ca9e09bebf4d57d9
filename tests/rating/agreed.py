"""Agreements as they stand in YAML, and what usage under them costs: ACME-001, program cloud, SKU A1."""

from collections.abc import Iterable, Mapping
from typing import Any

from pandas import DataFrame, isna

from prisma_batch.base.money import from_minor, from_scaled, plain
from prisma_batch.base.periods import Period
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import Rates, agreed_rates
from prisma_batch.rating.totals import usage_totals
from prisma_batch.records.agreements import Agreement, ExchangeRate, PriceList
from prisma_batch.records.build import build
from prisma_batch.records.cases import Case
from prisma_batch.records.table import rows_of
from tests.rating.tables import Row, usage_rows

Document = Mapping[str, Any]
OCTOBER = (Period(2026, 10), Period(2026, 10))


def rate(pricing: Document | str, **options: Any) -> dict[str, Any]:
    """A rate of an agreement; a text is a price per unit."""
    pricing = {"model": "per_unit", "price": pricing} if isinstance(pricing, str) else pricing
    fixed = {"program": "cloud", "sku": "A1", "unit": "unit", "starts_on": "2026-01-01", "pricing": pricing}
    return fixed | options


def agreement(*rates: Document, **fields: Any) -> Agreement:
    document = {
        "account": "ACME-001",
        "bill_to": {"legal_name": "Acme"},
        "active_from": "2026-01-01",
        "currency": "EUR",
        "payment_terms": [],
        "tax": [],
        "rates": list(rates),
    }
    return build(Agreement, document | fields, source="agreements/ACME-001.yaml")


def price_list(name: str, *rates: Document, currency: str = "EUR") -> PriceList:
    source = f"agreements/price-lists/{name}.yaml"
    return build(PriceList, {"id": name, "currency": currency, "rates": list(rates)}, source=source)


def exchange(table: str, *rows: str) -> dict[str, tuple[ExchangeRate, ...]]:
    """Rows are written as in the table: ``2026-10,USD,EUR,0.92``."""
    names = ("period", "from_currency", "to_currency", "rate")
    return {table: tuple(build(ExchangeRate, dict(zip(names, row.split(","), strict=True))) for row in rows)}


def charges(usage: Iterable[Row], rates: Rates, months: tuple[Period, Period] | None = OCTOBER) -> DataFrame:
    return price_usage(usage_totals(usage_rows(*usage), daily_keys(rates)), rates, months)


def costs(usage: Iterable[Row], *rates: Document, months: tuple[Period, Period] | None = OCTOBER) -> list[str]:
    """Each charge as a text: its quantity and amount, after its kind where that is not usage."""
    return texts(charges(usage, agreed_rates([agreement(*rates)]), months))


def texts(table: DataFrame) -> list[str]:
    return [_text(row) for row in rows_of(table)]


def dated(table: DataFrame) -> list[str]:
    """Each charge with its month of billing and its days."""
    return [f"{row.period} {row.service_from:%m-%d}..{row.service_to:%m-%d} {_text(row)}" for row in rows_of(table)]


def _text(row: Any) -> str:
    quantity = plain(from_scaled(row.quantity_scaled, row.quantity_scale))
    amount = "?" if isna(row.amount_minor) else f"{from_minor(row.amount_minor, row.currency)} {row.currency}"
    return f"{'' if row.kind == 'usage' else row.kind + ' '}{quantity} = {amount}"


def case(*outcome: Document, account: str = "ACME-001") -> Case:
    document = {
        "id": "CASE-1",
        "account": account,
        "kind": "payment_assistance",
        "opened_at": "2026-10-01T09:00:00+02:00",
        "channel": "email",
        "subject": "Hardship",
        "status": "resolved",
        "outcome": [{"on": "2026-10-01", "approved_by": "finance@example.com"} | dict(entry) for entry in outcome],
    }
    return build(Case, document, source="cases/ACME-001/CASE-1.yaml")
