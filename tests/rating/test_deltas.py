"""Rating again shows what is taken back and what is charged anew, never a bare difference."""

import pytest
from pandas import DataFrame

from prisma_batch.rating.deltas import delta_charges
from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import Document, agreement, charges, rate, texts
from tests.rating.tables import Row, used


def rated(usage: list[Row], *rates: Document) -> DataFrame:
    return charges(usage, agreed_rates([agreement(*rates)]))


@pytest.mark.parametrize(
    ("first", "again", "lines"),
    [
        pytest.param(
            ([used("15")], rate("10")), ([used("16")], rate("5")), ["-15 = -150.00 EUR", "16 = 80.00 EUR"], id="both"
        ),
        pytest.param(([used("15")], rate("10")), ([used("15")], rate("10")), [], id="nothing changed"),
        pytest.param(([used("15")], rate("10")), ([used("15.0")], rate("10.00")), [], id="written otherwise"),
        pytest.param(([], rate("10")), ([used("2")], rate("10")), ["2 = 20.00 EUR"], id="late usage"),
        pytest.param(([used("2")], rate("10")), ([], rate("10")), ["-2 = -20.00 EUR"], id="usage taken back"),
        pytest.param(
            ([used("2"), used("3", sku="B2")], rate("10")),
            ([used("4"), used("3", sku="B2")], rate("10")),
            ["-2 = -20.00 EUR", "4 = 40.00 EUR"],
            id="another SKU stays",
        ),
        pytest.param(
            ([used("2")], rate("10")),
            ([used("2")], rate("10", currency="USD")),
            ["-2 = -20.00 EUR", "2 = 20.00 USD"],
            id="another currency",
        ),
    ],
)
def test_deltas(first: tuple[list[Row], Document], again: tuple[list[Row], Document], lines: list[str]) -> None:
    assert texts(delta_charges(rated(*first), rated(*again))) == lines


def test_the_deltas_add_up_to_the_change() -> None:
    minimum = rate("1", minimum_amount="50.00")
    before, after = rated([used("10")], minimum), rated([used("60")], minimum)
    assert texts(delta_charges(before, after)) == [
        "minimum 0 = -40.00 EUR",
        "-10 = -10.00 EUR",
        "60 = 60.00 EUR",
    ]
