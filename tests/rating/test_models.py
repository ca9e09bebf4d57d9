"""What quantities cost by each model and option, worked out by hand."""

from typing import Any

import pytest

from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import Document, agreement, charges, costs, rate, texts
from tests.rating.tables import Row, used

GRADUATED = {
    "model": "graduated",
    "tiers": [{"up_to": 1000, "flat": "10"}, {"up_to": 10000, "price": "0.008"}, {"price": "0.005"}],
}
PACKAGE = {"model": "package", "price": "5", "package_size": 100}
VOLUME = {
    "model": "volume",
    "tiers": [{"up_to": 100, "price": "1.00", "flat": "2"}, {"price": "0.60", "flat": "10"}],
}


def daily(*quantities: str) -> list[Row]:
    """One quantity a day from 1 October on."""
    return [used(quantity, f"2026-10-{day:02d}") for day, quantity in enumerate(quantities, start=1)]


@pytest.mark.parametrize(
    ("quantity", "agreed", "cost"),
    [
        (
            "65000",
            rate({"model": "volume", "tiers": [{"up_to": 50000, "price": "1"}, {"price": "0.0006", "flat": "10"}]}),
            "49.00",
        ),
        ("201", rate(PACKAGE, included_quantity=100), "10.00"),
        ("15000", rate(GRADUATED), "107.00"),
        ("120", rate({"model": "graduated", "tiers": [{"up_to": 20, "price": "2"}, {"price": "20"}]}), "2040.00"),
        ("120", rate({"model": "volume", "tiers": [{"up_to": 20, "price": "2"}, {"price": "20"}]}), "2400.00"),
    ],
    ids=["volume with a flat", "package with free units", "graduated with a flat", "graduated", "volume"],
)
def test_vectors_of_other_billing_systems(quantity: str, agreed: Document, cost: str) -> None:
    assert costs([used(quantity)], agreed) == [f"{quantity} = {cost} EUR"]


@pytest.mark.parametrize(
    ("quantity", "pricing", "cost"),
    [
        ("0", GRADUATED, "0.00"),
        ("0.5", GRADUATED, "10.00"),
        ("1000", GRADUATED, "10.00"),
        ("1000.5", GRADUATED, "10.00"),
        ("1001.25", GRADUATED, "10.01"),
        ("10000", GRADUATED, "82.00"),
        ("10001", GRADUATED, "82.01"),
        ("-15000", GRADUATED, "-107.00"),
        ("0", VOLUME, "0.00"),
        ("100", VOLUME, "102.00"),
        ("100.01", VOLUME, "70.01"),
        ("-100.01", VOLUME, "-70.01"),
        ("0", PACKAGE, "0.00"),
        ("1", PACKAGE, "5.00"),
        ("100", PACKAGE, "5.00"),
        ("100.000001", PACKAGE, "10.00"),
        ("-101", PACKAGE, "-10.00"),
        ("0", {"model": "flat", "price": "180"}, "180.00"),
        ("7", {"model": "flat", "price": "-12.50"}, "-12.50"),
        ("3", {"model": "volume", "tiers": [{"up_to": "2.5", "price": "1"}, {"price": "0.335"}]}, "1.01"),
    ],
)
def test_models(quantity: str, pricing: Document, cost: str) -> None:
    """A tier ends with its ``up_to``; a flat amount is due once a tier is reached; credits mirror charges."""
    assert costs([used(quantity)], rate(pricing)) == [f"{quantity} = {cost} EUR"]


OPTIONS: list[tuple[list[str], dict[str, Any], list[str]]] = [
    (["3", "9", "4"], {"aggregate": "sum"}, ["16 = 16.00 EUR"]),
    (["3", "9", "4"], {"aggregate": "max"}, ["9 = 9.00 EUR"]),
    (["3", "9", "4"], {"aggregate": "last"}, ["4 = 4.00 EUR"]),
    (["-3", "-9"], {"aggregate": "max"}, ["-3 = -3.00 EUR"]),
    (["16"], {"included_quantity": 10}, ["16 = 6.00 EUR"]),
    (["10"], {"included_quantity": "10.5"}, ["10 = 0.00 EUR"]),
    (["-16"], {"included_quantity": 10}, ["-16 = -6.00 EUR"]),
    (["16"], {"quantity_block": 10}, ["16 = 20.00 EUR"]),
    (["20"], {"quantity_block": 10}, ["20 = 20.00 EUR"]),
    (["0.3"], {"quantity_block": "0.25"}, ["0.3 = 0.50 EUR"]),
    (["-16"], {"quantity_block": 10}, ["-16 = -20.00 EUR"]),
    (["10"], {"discount_percent": "12.5"}, ["10 = 8.75 EUR"]),
    (["10"], {"discount_percent": "100"}, ["10 = 0.00 EUR"]),
    (["10"], {"minimum_amount": "50.00"}, ["minimum 0 = 40.00 EUR", "10 = 10.00 EUR"]),
    (["50"], {"minimum_amount": "50.00"}, ["50 = 50.00 EUR"]),
    (["-5"], {"minimum_amount": "50.00"}, ["minimum 0 = 55.00 EUR", "-5 = -5.00 EUR"]),
    ([], {"minimum_amount": "50.00"}, ["minimum 0 = 50.00 EUR"]),
    (["60"], {"maximum_amount": "50.00"}, ["60 = 50.00 EUR"]),
    (["40"], {"maximum_amount": "50.00"}, ["40 = 40.00 EUR"]),
    (["10"], {"minimum_amount": "50.00", "maximum_amount": "30.00"}, ["minimum 0 = 20.00 EUR", "10 = 10.00 EUR"]),
    (["0.005"], {"rounding": "half_up"}, ["0.005 = 0.01 EUR"]),
    (["0.025"], {"rounding": "half_even"}, ["0.025 = 0.02 EUR"]),
    (["0.019"], {"rounding": "down"}, ["0.019 = 0.01 EUR"]),
]


@pytest.mark.parametrize(("quantities", "options", "charges"), OPTIONS, ids=str)
def test_options(quantities: list[str], options: dict[str, Any], charges: list[str]) -> None:
    """At 1 EUR a unit."""
    assert costs(daily(*quantities), rate("1", **options)) == charges


def test_no_minimum_is_due_of_a_closed_account() -> None:
    for closed_on, due in (("2026-09-30", []), ("2026-10-01", ["minimum 0 = 50.00 EUR"])):
        account = agreement(rate("1", minimum_amount="50.00"), closed_on=closed_on)
        assert texts(charges([], agreed_rates([account]))) == due


ORDER: list[tuple[list[str], Document, list[str]]] = [
    # max before included: 9 − 5 = 4, not (3 + 9 + 4 − 5 = 11) or 9 − 3 × 5
    (["3", "9", "4"], rate("1", aggregate="max", included_quantity=5), ["9 = 4.00 EUR"]),
    # included before block: 16 − 5 = 11 → 20, not 20 − 5 = 15
    (["16"], rate("1", included_quantity=5, quantity_block=10), ["16 = 20.00 EUR"]),
    # block before model: 101 → 110 units in the second tier
    (
        ["91"],
        rate({"model": "volume", "tiers": [{"up_to": 95, "price": "1"}, {"price": "0.5"}]}, quantity_block=10),
        ["91 = 50.00 EUR"],
    ),
    # model before prorate: 100 units at 17/31, not 54.8 units (all in the first tier)
    (
        ["100"],
        rate(
            {"model": "volume", "tiers": [{"up_to": 60, "price": "1"}, {"price": "0.5"}]},
            prorate="actual",
            ends_on="2026-10-17",
        ),
        ["100 = 27.42 EUR"],
    ),
    # prorate before discount and minimum: 310 × 10/31 = 100, − 10 % = 90, minimum 95: not 95 × 10/31
    (
        ["310"],
        rate("1", prorate="actual", ends_on="2026-10-10", discount_percent="10", minimum_amount="95.00"),
        ["minimum 0 = 5.00 EUR", "310 = 90.00 EUR"],
    ),
    # discount before maximum: 120 − 50 % = 60, not min(120, 100) − 50 %
    (["120"], rate("1", discount_percent="50", maximum_amount="100.00"), ["120 = 60.00 EUR"]),
    # rounded once, at the end: 0.0045, not half of 0.01
    (["0.009"], rate("1", discount_percent="50"), ["0.009 = 0.00 EUR"]),
]


@pytest.mark.parametrize(("quantities", "agreed", "charges"), ORDER)
def test_the_order_of_the_options(quantities: list[str], agreed: Document, charges: list[str]) -> None:
    assert costs(daily(*quantities), agreed) == charges


@pytest.mark.parametrize(
    ("days", "prorate", "cost"),
    [
        ({}, "none", "31.00"),
        ({"ends_on": "2026-10-10"}, "none", "31.00"),
        ({}, "actual", "31.00"),
        ({"ends_on": "2026-10-10"}, "actual", "10.00"),
        ({"starts_on": "2026-10-31"}, "actual", "1.00"),
        ({}, "thirty_360", "31.00"),
        ({"ends_on": "2026-10-30"}, "thirty_360", "31.00"),
        ({"starts_on": "2026-10-16"}, "thirty_360", "15.50"),
        ({"ends_on": "2026-10-15"}, "thirty_360", "15.50"),
    ],
)
def test_proration(days: dict[str, str], prorate: str, cost: str) -> None:
    usage = [used("1", days.get("starts_on", days.get("ends_on", "2026-10-05")))]
    assert costs(usage, rate({"model": "flat", "price": "31"}, prorate=prorate, **days)) == [f"1 = {cost} EUR"]


def test_february_has_30_days_where_every_month_has() -> None:
    flat = {"model": "flat", "price": "30"}
    half = rate(flat, prorate="thirty_360", starts_on="2026-02-16", ends_on="2026-03-31")
    assert costs([used("1", "2026-02-28")], half, months=None) == ["1 = 15.00 EUR"]


def test_a_quarter_and_a_year_are_counted_from_the_month_of_the_rate() -> None:
    usage = [used("1", f"2026-{month:02d}-10") for month in range(2, 13)]
    tiers = {"model": "graduated", "tiers": [{"up_to": 2, "price": "1"}, {"price": "0.5"}]}
    quarterly = costs(usage, rate(tiers, every="quarter", starts_on="2026-02-01"), months=None)
    assert quarterly == ["3 = 2.50 EUR", "3 = 2.50 EUR", "3 = 2.50 EUR", "2 = 2.00 EUR"]
    assert costs(usage, rate(tiers, every="year", starts_on="2026-02-01"), months=None) == ["11 = 6.50 EUR"]


def test_an_anchor_day_begins_the_month() -> None:
    usage = [used("1", "2026-10-14"), used("2", "2026-10-15"), used("4", "2026-11-14")]
    assert costs(usage, rate("1", anchor_day=15), months=None) == ["1 = 1.00 EUR", "6 = 6.00 EUR"]
