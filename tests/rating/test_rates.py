"""Agreed rates as a table; what is not rated is never priced as if it were simpler."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.rating.rates import agreed_rates
from prisma_batch.records.agreements import Agreement, BillTo, Pricing, Rate, Tier

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
    assert (found.unrated, found.findings) == (frozenset(), ())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"pricing": Pricing(model="graduated", tiers=(Tier(price=Decimal(1)),))}, "graduated pricing"),
        ({"pricing": Pricing(model="volume", tiers=(Tier(price=Decimal(1)),))}, "volume pricing"),
        ({"pricing": Pricing(model="package", price=Decimal(5), package_size=Decimal(100))}, "package pricing"),
        ({"basis": {"subscription": {}}}, "other than monthly usage in arrears"),
        ({"bills": "advance"}, "other than monthly usage in arrears"),
        ({"every": "quarter"}, "other than monthly usage in arrears"),
        ({"every": "year"}, "other than monthly usage in arrears"),
        ({"aggregate": "max"}, "aggregate"),
        ({"included_quantity": Decimal(0)}, "included_quantity"),
        ({"quantity_block": Decimal(8)}, "quantity_block"),
        ({"prorate": "actual"}, "prorate"),
        ({"discount_percent": Decimal(5)}, "discount_percent"),
        ({"minimum_amount": Decimal(100)}, "minimum_amount"),
        ({"maximum_amount": Decimal(100)}, "maximum_amount"),
        ({"price_currency": "USD"}, "price_currency"),
        ({"fx": "ecb"}, "fx"),
    ],
    ids=str,
)
def test_what_is_not_rated_is_said(change: dict[str, Any], reason: str) -> None:
    found = agreed_rates([agreement(PER_UNIT, replace(PER_UNIT, sku="B2", **change))])
    assert found.table["sku"].tolist() == ["A1"]
    assert found.unrated == {("ACME-001", "cloud", "B2")}
    [finding] = found.findings
    assert (finding.code, finding.severity, finding.pointer) == ("rate-not-used", "warning", "/rates/1")
    assert reason in finding.message


def test_agreements_in_any_order_give_one_table() -> None:
    agreements = [agreement(PER_UNIT, account=account) for account in ("NULL", "007", "ACME-001")]
    table = agreed_rates(agreements).table
    assert table["account"].tolist() == ["007", "ACME-001", "NULL"]
    assert table.equals(agreed_rates(reversed(agreements)).table)
    assert agreed_rates([]).table.empty
