"""Agreed rates as a table: own rates, those of price lists, and what they ask for."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from prisma_batch.rating.rates import agreed_rates
from prisma_batch.rating.terms import Terms
from prisma_batch.records.agreements import Agreement, BillTo, Pricing, Rate

PER_UNIT = Rate(
    program="cloud",
    sku="A1",
    unit="hour",
    starts_on=date(2026, 1, 1),
    pricing=Pricing(model="per_unit", price=Decimal("23.450")),
)


def agreement(*rates: Rate, account: str = "ACME-001", currency: str = "EUR") -> Agreement:
    return Agreement(
        source=f"agreements/{account}.yaml",
        account=account,
        bill_to=BillTo(legal_name=account),
        active_from=date(2026, 1, 1),
        currency=currency,
        payment_terms=(),
        tax=(),
        rates=rates,
    )


def test_a_rate_becomes_a_row() -> None:
    found = agreed_rates([agreement(PER_UNIT, replace(PER_UNIT, sku="B2", ends_on=date(2026, 6, 30), currency="USD"))])
    first, second = found.table.to_dict("records")
    assert (first["account"], first["program"], first["sku"], first["unit"]) == ("ACME-001", "cloud", "A1", "hour")
    assert (first["price_scaled"], first["price_scale"], first["currency"]) == (2345, 2, "EUR")
    assert (first["source"], first["pointer"], first["rounding"]) == ("agreements/ACME-001.yaml", "/rates/0", "half_up")
    assert str(first["ends_on"]) == "NaT"
    assert (second["currency"], second["ends_on"].date(), second["pointer"]) == ("USD", date(2026, 6, 30), "/rates/1")
    assert found.terms == (Terms(),)


def test_rates_that_bill_in_advance() -> None:
    entry = {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 1}]}}
    seats = replace(PER_UNIT, sku="B2", basis=entry)
    advance = [replace(own, bills="advance", program="other") for own in (PER_UNIT, seats)]
    found = agreed_rates([agreement(PER_UNIT, seats, *advance)]).in_advance
    assert list(zip(found["program"], found["sku"], strict=True)) == [("other", "A1"), ("other", "B2")]


def test_agreements_in_any_order_give_one_table() -> None:
    agreements = [agreement(PER_UNIT, account=account) for account in ("NULL", "007", "ACME-001")]
    table = agreed_rates(agreements).table
    assert table["account"].tolist() == ["007", "ACME-001", "NULL"]
    assert table.equals(agreed_rates(reversed(agreements)).table)
    assert agreed_rates([]).table.empty
