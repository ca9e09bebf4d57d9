"""Usage is priced exactly: per day under the rate in force, rounded once a charge."""

from itertools import permutations
from typing import Any

import pytest
from pandas import DataFrame, isna

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.money import INT64_MAX
from prisma_batch.rating.invariants import check_usage
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.totals import rescaled, usage_totals
from prisma_batch.records.table import rows_of
from prisma_batch.records.tables import CHARGES
from tests.rating.tables import Row, priced, rate, rates, usage_rows, used

Charge = tuple[str, str, str, int | None]


def charged(usage: list[Row], agreed: list[Row]) -> list[Charge]:
    """First and last service day, quantity and amount of each charge; no usage event gets lost."""
    rows = usage_rows(*usage)
    charges = priced(rows, rates(*agreed))
    check_usage(rows, charges)
    assert {column: str(dtype) for column, dtype in charges.dtypes.items()} == dict(CHARGES.columns)
    return [_charge(row) for row in rows_of(charges)]


def _charge(row: Any) -> Charge:
    quantity = f"{row.quantity_scaled}e-{row.quantity_scale}"
    amount = None if isna(row.amount_minor) else int(row.amount_minor)
    return str(row.service_from.date()), str(row.service_to.date()), quantity, amount


@pytest.mark.parametrize(
    ("usage", "agreed", "charges"),
    [
        pytest.param([used("12")], [rate("23.45")], [("2026-10-01", "2026-10-31", "12e-0", 28140)], id="per unit"),
        pytest.param(
            [used("12")], [rate("23.45", model="flat")], [("2026-10-01", "2026-10-31", "12e-0", 2345)], id="flat"
        ),
        pytest.param(
            [used("0")], [rate("23.45")], [("2026-10-01", "2026-10-31", "0e-0", 0)], id="a zero quantity costs nothing"
        ),
        pytest.param(
            [used("5"), used("-7", "2026-10-06")],
            [rate("0.335")],
            [("2026-10-01", "2026-10-31", "-2e-0", -67)],
            id="corrections are netted before they are rounded",
        ),
        pytest.param(
            [used("1.5", "2026-10-01"), used("0.25", "2026-10-31")],
            [rate("10")],
            [("2026-10-01", "2026-10-31", "175e-2", 1750)],
            id="quantities add up at the finest scale",
        ),
        pytest.param(
            [used("1", "2026-09-30"), used("1", "2026-10-01")],
            [rate("1")],
            [("2026-09-01", "2026-09-30", "1e-0", 100), ("2026-10-01", "2026-10-31", "1e-0", 100)],
            id="a charge a month",
        ),
        pytest.param(
            [used("3", "2026-10-14"), used("4", "2026-10-15")],
            [rate("10", ends_on="2026-10-14"), rate("11", "2026-10-15")],
            [("2026-10-01", "2026-10-14", "3e-0", 3000), ("2026-10-15", "2026-10-31", "4e-0", 4400)],
            id="a rate changes inside the month",
        ),
        pytest.param(
            [used("1", "2026-10-09"), used("1", "2026-10-10"), used("1", "2026-10-20"), used("1", "2026-10-21")],
            [rate("2", "2026-10-10", "2026-10-20")],
            [("2026-10-01", "2026-10-31", "2e-0", None), ("2026-10-10", "2026-10-20", "2e-0", 400)],
            id="no rate before and after",
        ),
        pytest.param(
            [used("1", "2026-10-09"), used("1", "2026-10-10")],
            [rate("2", "2026-10-10")],
            [("2026-10-01", "2026-10-31", "1e-0", None), ("2026-10-10", "2026-10-31", "1e-0", 200)],
            id="no rate before",
        ),
        pytest.param(
            [used("1", "2026-10-31"), used("2", "2026-11-01")],
            [rate("1", ends_on="2026-10-31"), rate("3", "2026-11-01")],
            [("2026-10-01", "2026-10-31", "1e-0", 100), ("2026-11-01", "2026-11-30", "2e-0", 600)],
            id="a rate ends with the month",
        ),
        pytest.param(
            [used("2", unit="hour"), used("3", unit="GB"), used("4")],
            [rate("1", unit="hour")],
            [
                ("2026-10-01", "2026-10-31", "3e-0", None),
                ("2026-10-01", "2026-10-31", "6e-0", 600),
            ],
            id="another unit has no rate; none takes that of the rate",
        ),
        pytest.param(
            [used("1.5")], [rate("333", currency="JPY")], [("2026-10-01", "2026-10-31", "15e-1", 500)], id="yen"
        ),
        pytest.param(
            [used("1.5")], [rate("0.333", currency="KWD")], [("2026-10-01", "2026-10-31", "15e-1", 500)], id="dinar"
        ),
        pytest.param([used("1", sku="B2")], [rate("1")], [("2026-10-01", "2026-10-31", "1e-0", None)], id="other SKU"),
        pytest.param(
            [used("1", account="BETA-002")],
            [rate("1")],
            [("2026-10-01", "2026-10-31", "1e-0", None)],
            id="other account",
        ),
        pytest.param([], [rate("1")], [], id="no usage"),
        pytest.param([used("1")], [], [("2026-10-01", "2026-10-31", "1e-0", None)], id="no rates"),
    ],
)
def test_charges(usage: list[Row], agreed: list[Row], charges: list[Charge]) -> None:
    assert charged(usage, agreed) == charges


@pytest.mark.parametrize(
    ("quantity", "half_up", "half_even", "down"),
    [("0.5", 1, 0, 0), ("1.5", 2, 2, 1), ("-0.5", -1, 0, 0), ("-1.7", -2, -2, -1)],
)
def test_rounding_of_the_rate(quantity: str, half_up: int, half_even: int, down: int) -> None:
    expected = {"half_up": half_up, "half_even": half_even, "down": down}
    for rounding, amount in expected.items():
        [charge] = charged([used(quantity)], [rate("0.01", rounding=rounding)])
        assert charge[-1] == amount, rounding


def test_cents_are_rounded_once_a_charge_and_not_once_a_row() -> None:
    usage = [used("0.4", f"2026-10-{day:02d}") for day in range(1, 11)]
    assert charged(usage, [rate("0.01")]) == [("2026-10-01", "2026-10-31", "40e-1", 4)]


@pytest.mark.parametrize(
    ("quantity", "price", "amount"),
    [
        ("0.00000000001", "500000000", 1),
        ("0.00000000001", "499999999", 0),
        ("9007199254740993", "0.01", 9007199254740993),
        ("1.00000000001", "0.0000000005", 0),
        ("10000000.00000000001", "0.0000000005", 1),
        ("9999999.99999999999", "0.0000000005", 0),
    ],
)
def test_no_digit_is_lost(quantity: str, price: str, amount: int) -> None:
    """Products that a binary float or a second rounding would get wrong by a cent."""
    assert charged([used(quantity)], [rate(price)])[0][-1] == amount


def test_any_order_of_rows_gives_the_same_charges() -> None:
    usage = [used("1", "2026-10-02"), used("2.5", "2026-10-20"), used("3", sku="B2"), used("-1", "2026-10-30")]
    agreed = [rate("1", ends_on="2026-10-15"), rate("2", "2026-10-16"), rate("7", sku="B2")]
    first = priced(usage_rows(*usage), rates(*agreed))
    for turn in range(4):
        turned = usage_rows(*reversed(usage[turn:] + usage[:turn]))
        assert priced(turned, rates(*reversed(agreed[turn % 3 :] + agreed[: turn % 3]))).equals(first)


def test_totals_in_any_order_give_sorted_charges() -> None:
    totals = usage_totals(usage_rows(used("1"), used("2", sku="B2"), used("3", "2026-11-05", sku="B2")), frozenset())
    agreed = rates(rate("1"), rate("1", sku="B2"))
    for order in permutations(range(3)):
        charges = price_usage(totals.take(order), agreed)
        assert charges[["sku", "period", "amount_minor"]].to_numpy().tolist() == [
            ["A1", "2026-10", 100],
            ["B2", "2026-10", 200],
            ["B2", "2026-11", 300],
        ]


def test_overlapping_rates_are_never_priced_twice() -> None:
    with pytest.raises(Exception, match="unique"):
        priced(usage_rows(used("1")), rates(rate("1"), rate("2", "2026-10-01")))
    with pytest.raises(Exception, match="unique"):
        priced(usage_rows(used("1")), rates(rate("1", ends_on="2026-10-01"), rate("2", "2026-10-01")))


@pytest.mark.parametrize(
    ("usage", "agreed"),
    [
        ([used(str(INT64_MAX))], [rate("1")]),
        ([used(str(INT64_MAX)), used("1")], [rate("0.00000001")]),
        ([used(str(2**62)), used(str(2**62), "2026-10-06")], [rate("0.00000001")]),
        ([used(str(-(2**62))), used(str(-(2**62) - 5), "2026-10-06")], [rate("0.00000001")]),
        ([used(str(10**18)), used("0.01")], [rate("0.00000001")]),
    ],
    ids=["the amount", "a total of one day", "a total of a month", "below zero", "the quantity at the finest scale"],
)
def test_what_leaves_int64_is_refused(usage: list[Row], agreed: list[Row]) -> None:
    with pytest.raises(AmountOverflow):
        priced(usage_rows(*usage), rates(*agreed))


def test_large_quantities_that_cancel_are_exact() -> None:
    rows = [used(str(2**62)), used(str(2**61)), used(str(-(2**62) + 1))]
    assert charged(rows, [rate("0.0000000000000001")])[0][2] == f"{2**61 + 1}e-0"


def test_rescaled_is_exact_or_refuses() -> None:
    quantity, scale = (DataFrame({"q": [7, -3], "s": [0, 2]})[column] for column in "qs")
    assert rescaled(quantity, scale, scale + 11).tolist() == [700000000000, -300000000000]
    with pytest.raises(AmountOverflow):
        rescaled(quantity, scale, scale + 18 + 1)


def test_a_charge_names_its_rate_and_its_first_row() -> None:
    rows = usage_rows(used("1", source="usage/b.csv"), used("1", source="usage/a.yaml", sku="B2"))
    charges = priced(rows, rates(rate("1"), rate("1", sku="B2")))
    assert charges["pointer"].tolist() == ["2", "/lines/2"]
    assert charges["source"].tolist() == ["usage/b.csv", "usage/a.yaml"]
    assert charges["rate_source"].tolist() == ["agreements/ACME-001.yaml"] * 2
    assert charges["rate_pointer"].tolist() == ["/rates/0"] * 2
