"""Price lists apply where the agreement has no rate of its own."""

import pytest

from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import Document, agreement, charges, dated, price_list, rate, texts
from tests.rating.tables import used

LISTS = {
    "old": price_list("old", rate("10"), rate("5", sku="B2")),
    "new": price_list("new", rate("8"), currency="USD"),
    "tiers": price_list(
        "tiers", rate({"model": "graduated", "tiers": [{"up_to": 1, "price": "4", "flat": "1"}, {"price": "2"}]})
    ),
}


def uses(**starts: str) -> list[Document]:
    return [{"id": name, "starts_on": start} for name, start in starts.items()]


@pytest.mark.parametrize(
    ("own", "lists", "rows"),
    [
        pytest.param([], uses(old="2026-01-01"), ["10-01..10-31 2 = 20.00 EUR"], id="the list's rate"),
        pytest.param([rate("7")], uses(old="2026-01-01"), ["10-01..10-31 2 = 14.00 EUR"], id="own rates win"),
        pytest.param(
            [rate("7", ends_on="2026-10-09")],
            uses(old="2026-01-01"),
            ["10-01..10-09 1 = 7.00 EUR", "10-10..10-31 1 = 10.00 EUR"],
            id="the list begins where the own rate ends",
        ),
        pytest.param([rate("7", sku="C3")], uses(old="2026-01-01"), ["10-01..10-31 2 = 20.00 EUR"], id="other SKU"),
        pytest.param(
            [],
            uses(old="2026-01-01", new="2026-10-11"),
            ["10-01..10-10 1 = 10.00 EUR", "10-11..10-31 1 = 8.00 USD"],
            id="a later list takes over on its first day",
        ),
        pytest.param(
            [],
            uses(new="2026-10-11", old="2026-01-01"),
            ["10-01..10-10 1 = 10.00 EUR", "10-11..10-31 1 = 8.00 USD"],
            id="in whatever order they are named",
        ),
        pytest.param(
            [], uses(old="2026-10-11"), ["10-01..10-31 1 = ?", "10-11..10-31 1 = 10.00 EUR"], id="not before it starts"
        ),
        pytest.param(
            [],
            [{"id": "old", "starts_on": "2026-01-01", "ends_on": "2026-10-10"}],
            ["10-01..10-10 1 = 10.00 EUR", "10-01..10-31 1 = ?"],
            id="not after it ends",
        ),
        pytest.param(
            [],
            [{"id": "old", "starts_on": "2026-01-01", "discount_percent": "7.25"}],
            ["10-01..10-31 2 = 18.55 EUR"],
            id="its discount",
        ),
        pytest.param(
            [],
            [{"id": "tiers", "starts_on": "2026-01-01", "discount_percent": "50"}],
            ["10-01..10-31 2 = 3.50 EUR"],
            id="its discount on tiers and their flat amounts",
        ),
    ],
)
def test_price_lists(own: list[Document], lists: list[Document], rows: list[str]) -> None:
    rates = agreed_rates([agreement(*own, price_lists=lists)], LISTS)
    found = dated(charges([used("1", "2026-10-05"), used("1", "2026-10-20")], rates))
    assert sorted(found) == [f"2026-10 {row}" for row in rows]


def test_a_sku_that_the_later_list_lacks_keeps_the_earlier_price() -> None:
    rates = agreed_rates([agreement(price_lists=uses(old="2026-01-01", new="2026-10-01"))], LISTS)
    assert texts(charges([used("1"), used("1", sku="B2")], rates)) == ["1 = 8.00 USD", "1 = 5.00 EUR"]


def test_charges_name_the_list_that_prices_them() -> None:
    rates = agreed_rates([agreement(price_lists=uses(old="2026-01-01"))], LISTS)
    [charge] = charges([used("1", sku="B2")], rates).to_dict("records")
    assert (charge["rate_source"], charge["rate_pointer"]) == ("agreements/price-lists/old.yaml", "/rates/1")
