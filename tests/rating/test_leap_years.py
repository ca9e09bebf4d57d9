"""February 29 of 2024 and 2028, worked out by hand: anchor days, yearly terms, and both ways of proration."""

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import Document, agreement, charges, costs, dated, rate
from tests.rating.tables import used

SINCE = {"starts_on": "2024-01-01"}


def subscribed(price: str, since: str, **options: str | int) -> Document:
    basis = {"subscription": {"quantities": [{"from": since, "quantity": 1}]}}
    return rate(price, basis=basis, **{"starts_on": since, **options})


def billed(agreed: Document, *months: str) -> list[str]:
    first, last = Period.parse(months[0]), Period.parse(months[-1])
    return dated(charges([], agreed_rates([agreement(agreed, active_from="2024-01-01")]), (first, last)))


@pytest.mark.parametrize(
    ("anchor_day", "year", "rows"),
    [
        (29, 2027, ["2027-02 01-29..02-27", "2027-03 02-28..03-28"]),
        (29, 2028, ["2028-02 01-29..02-28", "2028-03 02-29..03-28"]),
        (30, 2027, ["2027-02 01-30..02-27", "2027-03 02-28..03-29"]),
        (30, 2028, ["2028-02 01-30..02-28", "2028-03 02-29..03-29"]),
        (31, 2028, ["2028-02 01-31..02-28", "2028-03 02-29..03-30"]),
    ],
)
def test_an_anchor_day_beyond_february_is_its_last_day(anchor_day: int, year: int, rows: list[str]) -> None:
    agreed = subscribed("10", "2024-01-01", anchor_day=anchor_day)
    expected = [f"{row} subscription 1 = 10.00 EUR" for row in rows]
    assert billed(agreed, f"{year}-02", f"{year}-03") == expected


def test_a_year_from_february_29() -> None:
    agreed = subscribed("10", "2024-02-29", every="year", anchor_day=29)
    assert billed(agreed, "2024-03", "2029-03") == [
        "2025-02 02-29..02-27 subscription 1 = 10.00 EUR",
        "2026-02 02-28..02-27 subscription 1 = 10.00 EUR",
        "2027-02 02-28..02-27 subscription 1 = 10.00 EUR",
        "2028-02 02-28..02-28 subscription 1 = 10.00 EUR",
        "2029-02 02-29..02-27 subscription 1 = 10.00 EUR",
    ]


@pytest.mark.parametrize(
    ("every", "days", "actual", "thirty_360"),
    [
        ("month", ("2028-02-01", "2028-02-29"), "29/29", "30/30"),
        ("month", ("2028-02-29", "2028-02-29"), "1/29", "2/30"),
        ("month", ("2028-02-28", "2028-02-28"), "1/29", "1/30"),
        ("month", ("2027-02-28", "2027-02-28"), "1/28", "3/30"),
        ("month", ("2028-02-15", "2028-02-29"), "15/29", "16/30"),
        ("month", ("2028-02-01", "2028-02-14"), "14/29", "14/30"),
        ("year", ("2028-01-01", "2028-02-29"), "60/366", "60/360"),
        ("year", ("2027-01-01", "2027-02-28"), "59/365", "60/360"),
        ("year", ("2028-03-01", "2028-12-31"), "306/365", "300/360"),  # the year of the rate: to 2029-02-28
        ("quarter", ("2028-01-01", "2028-02-29"), "60/91", "60/90"),
        ("quarter", ("2027-01-01", "2027-02-28"), "59/90", "60/90"),
    ],
)
def test_proration(every: str, days: tuple[str, str], actual: str, thirty_360: str) -> None:
    """A period costs 1.00 for each of its days."""
    starts_on, ends_on = days
    basis = {"subscription": {"quantities": [{"from": starts_on, "quantity": 1}]}}
    for prorate, share in (("actual", actual), ("thirty_360", thirty_360)):
        part, whole = map(int, share.split("/"))
        agreed = rate(str(whole), basis=basis, every=every, prorate=prorate, starts_on=starts_on, ends_on=ends_on)
        year = starts_on[:4]
        [row] = billed(agreed, f"{year}-01", f"{year}-12")
        assert row.endswith(f" subscription 1 = {part}.00 EUR")


def test_usage_of_february_29_is_in_its_month_and_in_its_tiers() -> None:
    tiers = {"model": "graduated", "tiers": [{"up_to": 28, "price": "1"}, {"price": "0.5"}]}
    usage = [used("1", f"2028-02-{day:02d}") for day in range(1, 30)]
    assert costs(usage, rate(tiers, **SINCE), months=None) == ["29 = 28.50 EUR"]
    assert costs(usage, rate("1", anchor_day=29, **SINCE), months=None) == ["28 = 28.00 EUR", "1 = 1.00 EUR"]


def test_a_rate_that_ends_on_february_29_prices_that_day() -> None:
    usage = [used("1", "2028-02-28"), used("1", "2028-02-29"), used("1", "2028-03-01")]
    old, new = rate("1", ends_on="2028-02-29", **SINCE), rate("3", starts_on="2028-03-01")
    assert costs(usage, old, new, months=None) == ["2 = 2.00 EUR", "1 = 3.00 EUR"]
    old, new = rate("1", ends_on="2028-02-28", **SINCE), rate("3", starts_on="2028-02-29")
    assert costs(usage, old, new, months=None) == ["1 = 1.00 EUR", "1 = 3.00 EUR", "1 = 3.00 EUR"]
