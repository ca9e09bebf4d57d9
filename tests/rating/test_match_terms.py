"""What is invoiced under tiers, packages and options is compared under the same terms."""

from dataclasses import replace
from typing import Any

import pytest

from prisma_batch.rating.match import match_usage
from prisma_batch.rating.rates import agreed_rates
from tests.rating.agreed import Document, agreement, charges, rate
from tests.rating.tables import Row, billed, invoice_lines, scope, used

GRADUATED = {"model": "graduated", "tiers": [{"up_to": 20, "price": "2"}, {"price": "20"}]}
PACKAGE = rate({"model": "package", "price": "5", "package_size": 100}, included_quantity=100)
BLOCKS = rate("1", quantity_block=10)
SUBSCRIBED = {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 25}]}}


def found(usage: list[Row], agreed: Document, *lines: Row) -> list[tuple[str, int | None, str]]:
    rates = agreed_rates([agreement(agreed)])
    within = replace(scope(), terms=rates.terms, advance=rates.in_advance)
    discrepancies = match_usage(charges(usage, rates), invoice_lines(*lines), within)
    return [(item.kind, item.difference_minor, item.message) for item in discrepancies]


@pytest.mark.parametrize(
    ("usage", "agreed", "lines"),
    [
        ([used("120")], rate(GRADUATED), [billed("120", "2040.00")]),
        ([used("120")], rate(GRADUATED), [billed("20", "40.00", "2"), billed("100", "2000.00", "20", line=2)]),
        ([used("201")], PACKAGE, [billed("201", "10.00")]),
        ([used("201")], PACKAGE, [billed("101", "10.00")]),
        ([used("201")], PACKAGE, [billed("2", "10.00", "5")]),
        ([used("16")], BLOCKS, [billed("20", "20.00", "1")]),
        ([used("3", "2026-10-01"), used("9", "2026-10-02")], rate("1", aggregate="max"), [billed("9", "9.00", "1")]),
        ([], rate("10", basis=SUBSCRIBED), [billed("25", "250.00", "10")]),
        ([used("12")], rate("1", minimum_amount="50.00"), [billed("12", "12.00", "1"), billed("1", "38.00", line=2)]),
        ([used("12")], rate("1", minimum_amount="24.00"), [billed("12", "12.00", "1"), billed("1", "12.00", line=2)]),
        ([used("12")], rate("1", minimum_amount="50.00"), [billed("12", "50.00")]),
        ([used("60")], rate("1", maximum_amount="50.00"), [billed("60", "50.00")]),
    ],
    ids=[
        "tiers",
        "a line a tier",
        "used",
        "less what is included",
        "packages",
        "blocks",
        "highest day",
        "subscription",
        "minimum on its line",
        "minimum as high as the usage",
        "minimum in one line",
        "maximum",
    ],
)
def test_what_is_right(usage: list[Row], agreed: Document, lines: list[Row]) -> None:
    assert found(usage, agreed, *lines) == []


@pytest.mark.parametrize(
    ("usage", "agreed", "lines", "expected"),
    [
        (
            [used("120")],
            rate(GRADUATED),
            [billed("130", "2240.00")],
            ("quantity_mismatch", 20000, "used 120 unit: (20 × 2 + 100 × 20) = 2040.00 EUR, invoiced 130"),
        ),
        (
            [used("120")],
            rate(GRADUATED),
            [billed("120", "2400.00")],
            ("price_mismatch", 36000, "agreed 120 unit: (20 × 2 + 100 × 20) = 2040.00 EUR, invoiced 2400.00 EUR"),
        ),
        (
            [used("201")],
            PACKAGE,
            [billed("3", "15.00", "5")],
            ("quantity_mismatch", 500, "used (201 unit − 100 included) in packages of 100 × 5 = 10.00 EUR, invoiced 3"),
        ),
        (
            [used("201")],
            PACKAGE,
            [],
            (
                "unbilled_usage",
                -1000,
                "used (201 unit − 100 included) in packages of 100 × 5 = 10.00 EUR, nothing invoiced",
            ),
        ),
        (
            [],
            rate("10", basis=SUBSCRIBED, prorate="actual"),
            [],
            ("unbilled_usage", -25000, "agreed 25 unit × 10 = 250.00 EUR, nothing invoiced"),
        ),
        (
            [used("12")],
            rate("1", minimum_amount="50.00"),
            [billed("12", "12.00", "1")],
            ("minimum_not_billed", -3800, "the agreed minimum leaves 38.00 EUR beyond what was used, not invoiced"),
        ),
        (
            [used("10")],
            rate("1", discount_percent="5"),
            [billed("10", "10.00", "1")],
            ("price_mismatch", 50, "agreed 10 unit × 1 − 5 % = 9.50 EUR, invoiced 10.00 EUR"),
        ),
    ],
)
def test_what_is_wrong(usage: list[Row], agreed: Document, lines: list[Row], expected: Any) -> None:
    assert found(usage, agreed, *lines) == [expected]


def test_usage_is_named_before_the_minimum_that_it_did_not_reach() -> None:
    minimum, usage = sorted(found([used("12")], rate("1", minimum_amount="50.00")))
    assert minimum[:2] == ("minimum_not_billed", -3800)
    assert usage == ("unbilled_usage", -1200, "used 12 unit × 1 = 12.00 EUR, nothing invoiced")
