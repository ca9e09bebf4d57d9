"""Temporary discounts that cases granted come off the charges of their days."""

from typing import Any

import pytest

from prisma_batch.rating.grants import temporary_discounts
from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import Document, agreement, case, charges, dated, rate
from tests.rating.tables import Row, used

FLAT = {"model": "flat", "price": "31"}


def granted(percent: str = "20", first: str = "2026-10-01", last: str = "2026-10-31", **fields: str) -> Document:
    return {"kind": "temporary_discount", "program": "cloud", "percent": percent, "from": first, "to": last} | fields


def billed(usage: list[Row], agreed: Document, *grants: Document, **fields: Any) -> list[str]:
    rates = agreed_rates([agreement(agreed)], grants=temporary_discounts([case(*grants, **fields)]))
    return dated(charges(usage, rates))


@pytest.mark.parametrize(
    ("grants", "rows"),
    [
        pytest.param([], ["10-01..10-31 30 = 30.00 EUR"], id="none"),
        pytest.param([granted()], ["10-01..10-31 30 = 24.00 EUR"], id="the whole month"),
        pytest.param([granted(first="2026-01-01", last="2027-01-01")], ["10-01..10-31 30 = 24.00 EUR"], id="longer"),
        pytest.param([granted(sku="A1")], ["10-01..10-31 30 = 24.00 EUR"], id="its SKU"),
        pytest.param([granted(sku="B2")], ["10-01..10-31 30 = 30.00 EUR"], id="another SKU"),
        pytest.param([granted(program="other")], ["10-01..10-31 30 = 30.00 EUR"], id="another program"),
        pytest.param(
            [granted(last="2026-10-10")],
            ["10-01..10-10 10 = 8.00 EUR", "10-11..10-31 20 = 20.00 EUR"],
            id="a part of the month splits it by usage date",
        ),
        pytest.param([granted(first="2026-11-01", last="2026-11-30")], ["10-01..10-31 30 = 30.00 EUR"], id="later"),
        pytest.param(
            [granted(), granted("50", "2026-10-11", "2026-10-20")],
            ["10-01..10-10 10 = 8.00 EUR", "10-11..10-20 10 = 5.00 EUR", "10-21..10-31 10 = 8.00 EUR"],
            id="the higher of two",
        ),
    ],
)
def test_usage_by_date(grants: list[Document], rows: list[str]) -> None:
    usage = [used("10", "2026-10-05"), used("10", "2026-10-15"), used("10", "2026-10-25")]
    assert billed(usage, rate("1"), *grants) == [f"2026-10 {row}" for row in rows]


@pytest.mark.parametrize(
    ("agreed", "cost"),
    [(rate(FLAT), "25.00"), (rate("31", included_quantity=1), "25.00"), (rate(FLAT, discount_percent="10"), "22.50")],
    ids=["flat", "included units", "after the rate's own discount"],
)
def test_a_charge_that_has_no_price_a_day_is_reduced_by_days(agreed: Document, cost: str) -> None:
    """15 of 31 days at 40 %: a share of 6/31 comes off."""
    usage = [used("2", "2026-10-05")]
    reduced = billed(usage, agreed, granted("40", "2026-10-01", "2026-10-15"))
    assert reduced == [f"2026-10 10-01..10-31 2 = {cost} EUR"]


@pytest.mark.parametrize(
    ("first", "last", "cost"),
    [
        ("2026-10-07", "2026-10-07", "30.00"),
        ("2026-10-01", "2026-10-01", "30.00"),
        ("2026-10-31", "2026-10-31", "30.00"),
        ("2026-09-30", "2026-09-30", "31.00"),
        ("2026-11-01", "2026-11-30", "31.00"),
    ],
    ids=["one day", "the first", "the last", "the day before", "the month after"],
)
def test_days_outside_the_charge_do_not_count(first: str, last: str, cost: str) -> None:
    reduced = billed([used("2", "2026-10-05")], rate(FLAT), granted("100", first, last))
    assert reduced == [f"2026-10 10-01..10-31 2 = {cost} EUR"]


def test_a_subscription_is_reduced_by_days() -> None:
    basis = {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 31}]}}
    assert billed([], rate("1", basis=basis), granted("100", "2026-10-31", "2026-11-30")) == [
        "2026-10 10-01..10-31 subscription 31 = 30.00 EUR"
    ]


def test_another_account_pays_in_full() -> None:
    assert billed([used("30")], rate("1"), granted(), account="BETA-002") == ["2026-10 10-01..10-31 30 = 30.00 EUR"]


def test_other_outcomes_grant_nothing() -> None:
    assert temporary_discounts([case({"kind": "declined", "reason": "no"})]) == ()
