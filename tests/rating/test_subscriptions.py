"""Subscriptions are charged without usage, by quantities with dates; billing periods are months to years."""

from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.anomalies import find_anomalies
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.records.settings import AnomalyPolicy
from tests.rating.agreed import Document, agreement, charges, dated, rate
from tests.rating.tables import used

YEAR = (Period(2026, 1), Period(2026, 12))
Q4 = (Period(2026, 10), Period(2026, 12))


def subscribed(*quantities: tuple[str, int], **options: Any) -> Document:
    entries = [{"from": since, "quantity": quantity} for since, quantity in quantities]
    price = options.pop("pricing", "10")
    return rate(price, basis={"subscription": {"quantities": entries}}, **options)


def billed(agreed: Document, months: tuple[Period, Period], **fields: str) -> list[str]:
    return dated(charges([], agreed_rates([agreement(agreed, **fields)]), months))


@pytest.mark.parametrize(
    ("agreed", "months", "rows"),
    [
        pytest.param(
            subscribed(("2026-11-01", 25)),
            Q4,
            ["2026-11 11-01..11-30 subscription 25 = 250.00 EUR", "2026-12 12-01..12-31 subscription 25 = 250.00 EUR"],
            id="from its first day, each month",
        ),
        pytest.param(
            subscribed(("2026-10-01", 25), ("2026-12-01", 0)),
            Q4,
            ["2026-10 10-01..10-31 subscription 25 = 250.00 EUR", "2026-11 11-01..11-30 subscription 25 = 250.00 EUR"],
            id="0 ends it",
        ),
        pytest.param(
            subscribed(("2026-11-11", 30), ("2026-11-12", 0), prorate="actual"),
            (Period(2026, 11), Period(2026, 11)),
            ["2026-11 11-11..11-11 subscription 30 = 10.00 EUR"],
            id="a single day",
        ),
        pytest.param(
            subscribed(("2026-10-01", 30), ("2026-11-16", 40), prorate="actual", maximum_amount="180.00"),
            (Period(2026, 11), Period(2026, 11)),
            ["2026-11 11-01..11-15 subscription 30 = 150.00 EUR", "2026-11 11-16..11-30 subscription 40 = 30.00 EUR"],
            id="what is above the most comes off the last",
        ),
        pytest.param(
            subscribed(("2026-11-11", 30), prorate="actual"),
            (Period(2026, 11), Period(2026, 11)),
            ["2026-11 11-11..11-30 subscription 30 = 200.00 EUR"],
            id="a part of the first month",
        ),
        pytest.param(
            subscribed(("2026-10-01", 30), ("2026-11-16", 40), ("2026-11-28", 20), prorate="actual"),
            (Period(2026, 11), Period(2026, 11)),
            [
                "2026-11 11-01..11-15 subscription 30 = 150.00 EUR",
                "2026-11 11-16..11-27 subscription 40 = 160.00 EUR",
                "2026-11 11-28..11-30 subscription 20 = 20.00 EUR",
            ],
            id="a change inside the month, prorated",
        ),
        pytest.param(
            subscribed(("2026-10-01", 30), ("2026-11-16", 40), ("2026-11-28", 20)),
            (Period(2026, 11), Period(2026, 12)),
            ["2026-11 11-01..11-30 subscription 40 = 400.00 EUR", "2026-12 12-01..12-31 subscription 20 = 200.00 EUR"],
            id="a change inside the month, in full",
        ),
        pytest.param(
            subscribed(("2026-10-01", 30), ("2026-11-16", 40), ("2026-11-28", 20), aggregate="last"),
            (Period(2026, 11), Period(2026, 11)),
            ["2026-11 11-01..11-30 subscription 20 = 200.00 EUR"],
            id="the last quantity",
        ),
        pytest.param(
            subscribed(("2026-01-01", 4), every="quarter"),
            YEAR,
            [
                "2026-03 01-01..03-31 subscription 4 = 40.00 EUR",
                "2026-06 04-01..06-30 subscription 4 = 40.00 EUR",
                "2026-09 07-01..09-30 subscription 4 = 40.00 EUR",
                "2026-12 10-01..12-31 subscription 4 = 40.00 EUR",
            ],
            id="quarters in arrears",
        ),
        pytest.param(
            subscribed(("2026-02-01", 4), every="quarter", bills="advance", starts_on="2026-02-01"),
            (Period(2026, 5), Period(2026, 8)),
            ["2026-05 05-01..07-31 subscription 4 = 40.00 EUR", "2026-08 08-01..10-31 subscription 4 = 40.00 EUR"],
            id="quarters in advance, counted from the month of the rate",
        ),
        pytest.param(
            subscribed(("2026-03-15", 4), every="year", anchor_day=15, bills="advance", starts_on="2026-03-15"),
            (Period(2026, 3), Period(2027, 3)),
            ["2026-03 03-15..03-14 subscription 4 = 40.00 EUR", "2027-03 03-15..03-14 subscription 4 = 40.00 EUR"],
            id="a year from its anchor day",
        ),
        pytest.param(
            subscribed(("2026-01-31", 4), anchor_day=31, starts_on="2026-01-31"),
            (Period(2026, 2), Period(2026, 3)),
            ["2026-02 01-31..02-27 subscription 4 = 40.00 EUR", "2026-03 02-28..03-30 subscription 4 = 40.00 EUR"],
            id="an anchor day beyond the end of the month",
        ),
        pytest.param(
            subscribed(("2026-01-01", 12), every="year", prorate="thirty_360", ends_on="2026-03-31"),
            (Period(2026, 3), Period(2026, 3)),
            ["2026-03 01-01..03-31 subscription 12 = 30.00 EUR"],
            id="a quarter of a year of 360 days",
        ),
        pytest.param(
            subscribed(("2026-10-01", 30), ("2026-10-16", 40), prorate="thirty_360", maximum_amount="300.00"),
            (Period(2026, 10), Period(2026, 10)),
            ["2026-10 10-01..10-15 subscription 30 = 150.00 EUR", "2026-10 10-16..10-31 subscription 40 = 150.00 EUR"],
            id="the maximum holds for the whole period",
        ),
        pytest.param(
            subscribed(("2026-10-01", 30), ("2026-10-16", 40), prorate="thirty_360", minimum_amount="400.00"),
            (Period(2026, 10), Period(2026, 10)),
            [
                "2026-10 10-01..10-15 subscription 30 = 150.00 EUR",
                "2026-10 10-01..10-31 minimum 0 = 50.00 EUR",
                "2026-10 10-16..10-31 subscription 40 = 200.00 EUR",
            ],
            id="the minimum holds for the whole period",
        ),
        pytest.param(
            subscribed(("2026-10-01", 7), pricing={"model": "flat", "price": "99"}),
            (Period(2026, 10), Period(2026, 10)),
            ["2026-10 10-01..10-31 subscription 7 = 99.00 EUR"],
            id="a flat fee",
        ),
    ],
)
def test_subscriptions(agreed: Document, months: tuple[Period, Period], rows: list[str]) -> None:
    assert billed(agreed, months) == rows


def test_a_subscription_ends_with_its_account() -> None:
    rows = billed(subscribed(("2026-01-01", 30), prorate="actual"), Q4, closed_on="2026-11-10")
    assert rows == [
        "2026-10 10-01..10-31 subscription 30 = 300.00 EUR",
        "2026-11 11-01..11-10 subscription 30 = 100.00 EUR",
    ]


def test_usage_under_a_subscription_is_no_usage_that_was_agreed() -> None:
    rates = agreed_rates([agreement(subscribed(("2026-10-01", 25)))])
    assert dated(charges([used("3")], rates)) == [
        "2026-10 10-01..10-31 3 = ?",
        "2026-10 10-01..10-31 subscription 25 = 250.00 EUR",
    ]


def test_months_without_a_charge_owe_the_minimum_while_rate_and_account_are_active() -> None:
    minimum = rate("1", minimum_amount="50.00", ends_on="2026-11-30")
    rates = agreed_rates([agreement(minimum, active_from="2026-10-20")])
    months = (Period(2026, 9), Period(2026, 12))
    assert dated(charges([used("60", "2026-11-05")], rates, months)) == [
        "2026-10 10-01..10-31 minimum 0 = 50.00 EUR",
        "2026-11 11-01..11-30 60 = 60.00 EUR",
    ]
    assert dated(charges([], rates, None)) == []


def test_nothing_is_charged_before_the_account_is_active() -> None:
    agreed = subscribed(("2026-01-01", 30), prorate="actual", starts_on="2026-01-01")
    november = (Period(2026, 11), Period(2026, 11))
    assert billed(agreed, november, active_from="2026-11-21") == ["2026-11 11-21..11-30 subscription 30 = 100.00 EUR"]
    assert billed(agreed, november, active_from="2026-12-01") == []


def test_a_flat_price_of_usage_waits_for_usage_and_one_of_a_subscription_does_not() -> None:
    """180 a month: in October 3 were used, in November a row says 0, in December there is none."""
    flat = {"model": "flat", "price": "180"}
    usage = [used("3", unit="unit"), used("0", "2026-11-05", unit="unit")]
    by_usage = charges(usage, agreed_rates([agreement(rate(flat))]), Q4)
    assert [row[:7] for row in dated(by_usage)] == ["2026-10", "2026-11"]
    assert by_usage["amount_minor"].tolist() == [18000, 18000]
    always = billed(subscribed(("2026-10-01", 1), pricing=flat), Q4)
    assert [row.partition("= ")[2] for row in always] == ["180.00 EUR"] * 3


def test_usage_of_a_flat_price_that_stops_is_out_of_the_ordinary() -> None:
    agreed = agreed_rates([agreement(rate({"model": "flat", "price": "180"}))])
    table = charges([used("3", "2026-09-05", unit="unit")], agreed, YEAR)
    [found] = find_anomalies(table, agreed.terms, (Period(2026, 1), Period(2026, 10)), AnomalyPolicy())
    assert (found.kind, found.amount_minor, found.usual_minor) == ("usage_change", 0, 18000)
