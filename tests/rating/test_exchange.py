"""Prices in another currency take the exchange rate of the month in which they are matched."""

from dataclasses import replace
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.match import match_usage
from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import agreement, charges, dated, exchange, rate, texts
from tests.rating.tables import billed, invoice_lines, scope, used

ECB = exchange("ecb", "2026-09,USD,EUR,0.9", "2026-10,USD,EUR,0.9215", "2026-10,EUR,USD,1.1", "2026-10,USD,JPY,150.005")
DOLLARS: dict[str, Any] = {"price_currency": "USD", "fx": "ecb"}
GRADUATED = {"model": "graduated", "tiers": [{"up_to": 1, "price": "1", "flat": "3"}, {"price": "0.333"}]}


def cost(quantity: str, *, on: str = "2026-10-05", **agreed: Any) -> list[str]:
    options = DOLLARS | agreed
    rates = agreed_rates([agreement(rate(options.pop("pricing", "10"), **options))], exchange_rates=ECB)
    return texts(charges([used(quantity, on)], rates))


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, "3 = 27.65 EUR"),
        ({"on": "2026-09-05"}, "3 = 27.00 EUR"),
        ({"on": "2026-08-05"}, "3 = ? EUR"),
        ({"fx": "other"}, "3 = ? EUR"),
        ({"price_currency": "GBP"}, "3 = ? EUR"),
        ({"currency": "JPY"}, "3 = 4500 JPY"),
        ({"currency": "USD"}, "3 = 30.00 USD"),
        ({"pricing": GRADUATED}, "3 = 4.30 EUR"),
        ({"discount_percent": "50"}, "3 = 13.82 EUR"),
        ({"minimum_amount": "27.00"}, "3 = 27.65 EUR"),
        ({"maximum_amount": "27.60"}, "3 = 27.60 EUR"),
    ],
    ids=str,
)
def test_conversion(options: dict[str, Any], found: str) -> None:
    """27.645; a minimum or maximum is in the currency that is charged; a rate that is not known is never guessed."""
    assert cost("3", **options) == [found.replace("? EUR", "?")]


def test_no_minimum_is_due_where_an_amount_is_not_known() -> None:
    assert cost("3", fx="other", minimum_amount="50.00") == ["3 = ?"]


def test_a_quarter_in_advance_takes_the_rate_of_its_first_month() -> None:
    basis = {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 1}]}}
    options = {"basis": basis, "every": "quarter", "starts_on": "2026-07-01"} | DOLLARS
    for bills, month, row in (
        ("arrears", 9, "2026-09 07-01..09-30 subscription 1 = 9.00 EUR"),
        ("advance", 10, "2026-10 10-01..12-31 subscription 1 = 9.22 EUR"),
    ):
        rates = agreed_rates([agreement(rate("10", bills=bills, **options))], exchange_rates=ECB)
        assert dated(charges([], rates, (Period(2026, month), Period(2026, month)))) == [row]


@pytest.mark.parametrize(
    ("rounding", "price", "quantity", "found"),
    [
        # ⌊⌊0.3333 × 7⌋₂ × 0.9215⌋₂ = ⌊2.33 × 0.9215⌋₂ = ⌊2.147095⌋₂; exactly it is 2.1500 (half up 2.15)
        ("down_twice", "0.3333", "7", "7 = 2.14 EUR"),
        ("half_up", "0.3333", "7", "7 = 2.15 EUR"),
        # ⌊0.3333 × 0.9215⌋₂ × 7 = 0.30 × 7
        ("down_price", "0.3333", "7", "7 = 2.10 EUR"),
        ("down_twice", "0.3333", "-7", "-7 = -2.14 EUR"),
        ("down_price", "0.3333", "-7", "-7 = -2.10 EUR"),
        ("down_price", "12.99", "2.5", "2.5 = 29.92 EUR"),
    ],
)
def test_price_files_that_cut_decimals_on_the_way(rounding: str, price: str, quantity: str, found: str) -> None:
    assert cost(quantity, pricing=price, rounding=rounding) == [found]


def test_tiers_whose_converted_prices_are_cut() -> None:
    """3 × 0.9215 = 2.76 and 0.92 for the first unit, 0.333 × 0.9215 = 0.30 for each of the next two."""
    assert cost("3", pricing=GRADUATED, rounding="down_price") == ["3 = 4.28 EUR"]


def test_without_an_exchange_rate_nothing_is_compared() -> None:
    """The usage is an exception, and its line is not said to be without usage; another SKU is compared as ever."""
    agreed = [rate("10", **DOLLARS | {"fx": "other"}), rate("1", sku="B2")]
    rates = agreed_rates([agreement(*agreed)], exchange_rates=ECB)
    table = charges([used("3"), used("5", sku="B2")], rates)
    lines = invoice_lines(billed("3", "27.65"), billed("5", "6.00", sku="B2", line=2))
    found = match_usage(table, lines, replace(scope(), terms=rates.terms))
    assert [(item.kind, item.sku, item.message) for item in found] == [
        ("no_agreed_rate", "A1", "used 3 unit × 10 = 30.00 USD: no exchange rate into EUR is known for 2026-10"),
        ("price_mismatch", "B2", "agreed 5 unit × 1 = 5.00 EUR, invoiced 6.00 EUR"),
    ]
    assert (found[0].expected_minor, found[0].currency, found[0].difference_minor) == (3000, "USD", None)


def test_a_month_of_two_rates_that_are_not_converted_is_one_discrepancy() -> None:
    """3 × 10 and 2 × 7 USD; in two currencies the two have no amount together."""
    unknown = DOLLARS | {"fx": "other"}
    for second, expected in (({}, (5, 4400, "USD")), ({"price_currency": "GBP"}, (5, None, ""))):
        agreed = [rate("10", ends_on="2026-10-10", **unknown), rate("7", starts_on="2026-10-11", **unknown | second)]
        rates = agreed_rates([agreement(*agreed)], exchange_rates=ECB)
        table = charges([used("3"), used("2", "2026-10-20")], rates)
        [found] = match_usage(table, invoice_lines(), replace(scope(), terms=rates.terms))
        assert (found.expected_quantity, found.expected_minor, found.currency) == expected
        assert (found.invoiced_quantity, found.invoiced_minor, found.message.count("used")) == (None, None, 2)


def test_what_is_not_converted_has_the_money_of_its_options() -> None:
    """(3 − 1 included) × 10 USD, half of it off; a subscription is agreed, not used."""
    basis = {"subscription": {"quantities": [{"from": "2026-10-01", "quantity": 2}]}}
    unknown = DOLLARS | {"fx": "other"}
    agreed = [
        rate("10", included_quantity="1", discount_percent="50", **unknown),
        rate("7", sku="B2", basis=basis, starts_on="2026-10-01", **unknown),
    ]
    rates = agreed_rates([agreement(*agreed)], exchange_rates=ECB)
    table = charges([used("3")], rates, (Period(2026, 10), Period(2026, 10)))
    found = match_usage(table, invoice_lines(), replace(scope(), terms=rates.terms))
    assert [(item.expected_minor, item.message.partition(":")[0]) for item in found] == [
        (1000, "used (3 unit − 1 included) × 10 − 50 % = 10.00 USD"),
        (1400, "agreed 2 unit × 7 = 14.00 USD"),
    ]
