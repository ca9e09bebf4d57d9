"""Committed spend is trued up once, in its last month."""

from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.commitments import commitment_charges, committed_spend, unknown_commitments
from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import agreement, charges, dated, exchange, rate
from tests.rating.tables import Row, used

RATES = (rate("1"), rate("1", sku="B2"), rate("1", program="other"))


def committed(**fields: Any) -> dict[str, Any]:
    fixed = {"id": "c-1", "programs": ["cloud"], "amount": "100.00", "starts_on": "2026-10-01", "ends_on": "2026-12-31"}
    return fixed | fields


def trued_up(
    usage: list[Row], *commitments: dict[str, Any], first: int = 9, last: int = 12, **fields: Any
) -> tuple[list[str], list[str]]:
    agreed = agreement(*fields.pop("rates", RATES), commitments=list(commitments), **fields)
    months = (Period(2026, first), Period(2026, last))
    priced = charges(usage, agreed_rates([agreed]), months)
    spends = list(committed_spend([agreed]))
    found = [item.message for item in unknown_commitments(priced, spends, months)]
    return dated(commitment_charges(priced, spends, months)), found


DUE = "2026-12 10-01..12-31 commitment 0 = "


@pytest.mark.parametrize(
    ("usage", "commitment", "rows"),
    [
        pytest.param([used("30")], {}, [DUE + "70.00 EUR"], id="one month of three"),
        pytest.param(
            [used("30"), used("20", "2026-11-05", sku="B2"), used("10", "2026-12-31")],
            {},
            [DUE + "40.00 EUR"],
            id="across SKUs and months",
        ),
        pytest.param([used("100")], {}, [], id="reached"),
        pytest.param([used("130")], {}, [], id="exceeded"),
        pytest.param([], {}, [DUE + "100.00 EUR"], id="nothing used"),
        pytest.param([used("30", "2026-09-30")], {}, [DUE + "100.00 EUR"], id="what was used before it does not count"),
        pytest.param([used("30", program="other")], {}, [DUE + "100.00 EUR"], id="another program"),
        pytest.param(
            [used("30", program="other")], {"programs": ["cloud", "other"]}, [DUE + "70.00 EUR"], id="two programs"
        ),
        pytest.param([used("-5")], {}, [DUE + "105.00 EUR"], id="a correction below zero"),
    ],
)
def test_true_up(usage: list[Row], commitment: dict[str, Any], rows: list[str]) -> None:
    assert trued_up(usage, committed(**commitment)) == (rows, [])


def test_the_first_month_that_is_known_is_trued_up() -> None:
    october = committed(ends_on="2026-10-31")
    due = ["2026-10 10-01..10-31 commitment 0 = 70.00 EUR"]
    assert trued_up([used("30")], october, first=10, last=10) == (due, [])
    assert trued_up([used("30")], october, first=10, last=12) == (due, [])
    assert trued_up([used("30")], committed(ends_on="2026-10-30"), first=11) == ([], [])


@pytest.mark.parametrize("last", [10, 11])
def test_only_in_the_last_month(last: int) -> None:
    assert trued_up([used("30")], committed(), last=last) == ([], [])


@pytest.mark.parametrize(
    ("closed_on", "rows"),
    [
        ("2026-11-15", ["2026-11 10-01..11-15 commitment 0 = 20.00 EUR"]),
        ("2027-06-30", [DUE + "70.00 EUR"]),
        ("2026-09-30", []),
    ],
    ids=["46 of 92 days", "later", "before it began"],
)
def test_an_account_that_closes_early_owes_its_days(closed_on: str, rows: list[str]) -> None:
    assert trued_up([used("30")], committed(), closed_on=closed_on) == (rows, [])


def test_subscriptions_and_minimums_count() -> None:
    basis = {"subscription": {"quantities": [{"from": "2026-10-01", "quantity": 5}]}}
    rates = [rate("1", basis=basis), rate("1", sku="B2", minimum_amount="10.00", starts_on="2026-12-01")]
    assert trued_up([used("4", "2026-12-05", sku="B2")], committed(), rates=rates)[0] == [DUE + "75.00 EUR"]


def test_charges_in_another_currency_do_not_count() -> None:
    assert trued_up([used("30")], committed(), rates=[rate("1", currency="USD")])[0] == [DUE + "100.00 EUR"]


def test_what_began_before_the_first_month_is_said_and_not_guessed() -> None:
    rows, found = trued_up([used("30")], committed(starts_on="2026-01-01"))
    assert rows == []
    assert found == ["the commitment c-1 began before 2026-09, the first month with charges"]
    assert trued_up([used("30")], committed(starts_on="2026-01-01"), last=11) == ([], [])


def test_what_is_not_trued_up_is_told_by_the_run_of_its_month_alone() -> None:
    early, unpriced = committed(ends_on="2026-11-30"), [used("30"), used("30", sku="C3")]
    assert [len(trued_up(unpriced, early, last=last)[1]) for last in (10, 11, 12)] == [0, 1, 0]
    early["starts_on"] = "2026-01-01"
    assert [len(trued_up([], early, last=last)[1]) for last in (10, 11, 12)] == [0, 1, 0]


def test_without_a_price_nothing_is_trued_up() -> None:
    unpriced = ["the commitment c-1 is not trued up: C3 of 2026-10 has no price"]
    assert trued_up([used("30"), used("30", sku="C3")], committed()) == ([], unpriced)
    assert trued_up([used("30", sku="C3", program="other")], committed())[1] == []


def test_a_charge_without_an_exchange_rate_leaves_it_open() -> None:
    agreed = agreement(rate("1", price_currency="USD", fx="ecb"), commitments=[committed()])
    months = (Period(2026, 9), Period(2026, 12))
    for month, count in (("2026-10", 1), ("2026-11", 0)):
        rates = agreed_rates([agreed], exchange_rates=exchange("ecb", f"{month},USD,EUR,0.9"))
        priced = charges([used("30")], rates, months)
        assert len(commitment_charges(priced, committed_spend([agreed]), months)) == count
        told = [item.message for item in unknown_commitments(priced, committed_spend([agreed]), months)]
        assert told == ["the commitment c-1 is not trued up: A1 of 2026-10 has no price"] * (1 - count)
