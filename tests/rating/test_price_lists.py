"""Price lists apply where the agreement has no rate of its own."""

import pytest

from prisma_batch.rating.grants import temporary_discounts
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.records.agreements import Agreement
from tests.rating.agreed import Document, agreement, case, charges, dated, price_list, rate, texts
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


def test_accounts_with_the_same_lists_are_priced_as_each_alone() -> None:
    """Own rates, discounts for a time and subscriptions of one account change nothing for the others."""
    seats = {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 2}]}}
    lists = {"l": price_list("l", rate("1"), rate("2", sku="B2"), rate("3", sku="C3", basis=seats))}
    agreements = [
        agreement(account="ACME-001", price_lists=uses(l="2026-01-01")),
        agreement(rate("9", ends_on="2026-06-30"), account="ACME-002", price_lists=uses(l="2026-01-01")),
        agreement(account="ACME-003", price_lists=uses(l="2026-01-01")),
    ]
    discount = {"kind": "temporary_discount", "program": "cloud", "sku": "B2", "percent": "5"}
    granted = case(discount | {"from": "2026-10-10", "to": "2026-10-20"}, account="ACME-003")
    grants = temporary_discounts([granted])

    def texts_of(*own: Agreement) -> list[str]:
        found = agreed_rates(own, lists, grants=grants)
        tables = (found.table, found.subscriptions)
        return sorted(str(row[:-3]) + row[-2] + row[-1] for table in tables for row in table.itertuples(index=False))

    assert texts_of(*agreements) == sorted(text for own in agreements for text in texts_of(own))
    assert len(texts_of(agreements[1])) == 4
    assert len(texts_of(agreements[2])) == 5
