"""How a charge was computed, in words: every figure that made its amount is there."""

from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.commitments import commitment_charges, committed_spend
from prisma_batch.rating.formulas import amount_at, formula_of
from prisma_batch.rating.grants import temporary_discounts
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.records.table import rows_of
from tests.rating.agreed import OCTOBER, Document, agreement, case, charges, exchange, rate
from tests.rating.tables import used

GRADUATED = {
    "model": "graduated",
    "tiers": [{"up_to": 1000, "flat": "10"}, {"up_to": 10000, "price": "0.008"}, {"price": "0.005"}],
}
VOLUME = {"model": "volume", "tiers": [{"up_to": 100, "price": "1", "flat": "2"}, {"price": "0.60"}]}
ECB = exchange("ecb", "2026-10,USD,EUR,0.9215")
GRANT = {"kind": "temporary_discount", "program": "cloud", "percent": "20", "from": "2026-10-01", "to": "2026-10-31"}


def formulas(agreed: Document, *quantities: str, grants: list[Document] | None = None, **fields: Any) -> list[str]:
    usage = [used(quantity, f"2026-10-{day:02d}") for day, quantity in enumerate(quantities, start=1)]
    rates = agreed_rates([agreement(agreed, **fields)], {}, ECB, temporary_discounts([case(*grants or [])]))
    return [formula_of(row, rates.terms) for row in rows_of(charges(usage, rates))]


@pytest.mark.parametrize(
    ("agreed", "quantities", "formula"),
    [
        (rate("23.45", unit="core-pair"), ["12"], "12 core-pair × 23.45 = 281.40"),
        (rate({"model": "flat", "price": "180"}), ["3"], "flat 180 = 180.00"),
        (rate("1", aggregate="max"), ["3", "9", "4"], "9 unit (the highest day) × 1 = 9.00"),
        (rate("1", aggregate="last"), ["3", "9", "4"], "4 unit (the last day) × 1 = 4.00"),
        (rate("2", included_quantity=100), ["201"], "(201 unit − 100 included) × 2 = 202.00"),
        (rate("1", quantity_block=10), ["11"], "11 unit → 20 in blocks of 10 × 1 = 20.00"),
        (
            rate({"model": "package", "price": "5", "package_size": 100}, included_quantity=100),
            ["201"],
            "(201 unit − 100 included) in packages of 100 × 5 = 10.00",
        ),
        (rate(GRADUATED), ["15000"], "15000 unit: (10 + 9000 × 0.008 + 5000 × 0.005) = 107.00"),
        (rate(GRADUATED), ["-15000"], "-15000 unit: −(10 + 9000 × 0.008 + 5000 × 0.005) = -107.00"),
        (rate(GRADUATED), ["0"], "0 unit: (0) = 0.00"),
        (rate(VOLUME), ["100"], "100 unit: (100 × 1 + 2) = 102.00"),
        (rate(VOLUME), ["101"], "101 unit: (101 × 0.6) = 60.60"),
        (rate("31", prorate="actual", ends_on="2026-10-17"), ["2"], "2 unit × 31 × 17/31 days = 34.00"),
        (rate("10", discount_percent="12.5"), ["1"], "1 unit × 10 − 12.5 % = 8.75"),
        (rate("10", price_currency="USD", fx="ecb"), ["3"], "3 unit × 10 × 0.9215 EUR/USD = 27.65"),
        (
            rate("0.3333", price_currency="USD", fx="ecb", rounding="down_twice"),
            ["7"],
            "7 unit × 0.3333 × 0.9215 EUR/USD, cut before and after conversion = 2.14",
        ),
        (rate("1", maximum_amount="50.00"), ["60"], "60 unit × 1, at most 50 = 50.00"),
    ],
)
def test_formulas(agreed: Document, quantities: list[str], formula: str) -> None:
    assert formulas(agreed, *quantities) == [formula]


def test_the_minimum_has_a_line_of_its_own() -> None:
    bounded = rate("1", minimum_amount="50.00", maximum_amount="30.00")
    assert formulas(bounded, "12") == ["minimum 30 − 12.00 charged = 18.00", "12 unit × 1, at most 30 = 12.00"]


def test_a_temporary_discount_shows_its_share_of_the_days() -> None:
    assert formulas(rate("10"), "3", grants=[GRANT]) == ["3 unit × 10 − 20 % granted for a time = 24.00"]
    share = formulas(rate({"model": "flat", "price": "31"}), "3", grants=[GRANT | {"to": "2026-10-10"}])
    assert share == ["flat 31 − 6.4516 % granted for a time = 29.00"]


def test_a_commitment_says_what_was_committed_for_which_days() -> None:
    commitment = {
        "id": "c",
        "programs": ["cloud"],
        "amount": "100.00",
        "starts_on": "2026-10-01",
        "ends_on": "2026-10-20",
    }
    for fields, formula in (
        ({}, "what is missing to 100 committed = 90.00"),
        ({"closed_on": "2026-10-10"}, "what is missing to 100 × 10/20 days committed = 40.00"),
    ):
        agreed = agreement(rate("1", ends_on="2026-10-09"), commitments=[commitment], **fields)
        rates = agreed_rates([agreed])
        table = commitment_charges(charges([used("10")], rates), committed_spend([agreed]), OCTOBER)
        assert [formula_of(row, rates.terms) for row in rows_of(table)] == [formula]


@pytest.mark.parametrize(("quantity", "amount"), [(15_000, 10_700), (1000, 1000), (0, 0), (-15_000, -10_700)])
def test_another_quantity_under_the_same_terms(quantity: int, amount: int) -> None:
    rates = agreed_rates([agreement(rate(GRADUATED))])
    [charge] = rows_of(charges([used("7")], rates))
    assert amount_at(charge, rates.terms, quantity, 0) == amount
    assert amount_at(charge, rates.terms, quantity * 100, 2) == amount


def test_another_quantity_keeps_days_exchange_and_discounts() -> None:
    agreed = rate("10", price_currency="USD", fx="ecb", prorate="actual", starts_on="2026-10-16", discount_percent="50")
    basis = {"subscription": {"quantities": [{"from": "2026-10-16", "quantity": 1}]}}
    grants = temporary_discounts([case(GRANT)])
    rates = agreed_rates([agreement(agreed | {"basis": basis})], {}, ECB, grants)
    [charge] = rows_of(charges([], rates, (Period(2026, 10), Period(2026, 10))))
    # 310 × 0.9215 × 16/31 × 0.5 × 0.8 = 58.976
    assert amount_at(charge, rates.terms, 31, 0) == 5898
