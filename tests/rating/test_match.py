"""The three-way match: every kind of difference with figures worked by hand.

Each case is usage, rates and invoice lines, then kind, expected, invoiced and difference in cents.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.rating.match import MatchScope
from tests.rating.tables import Row, amounts, billed, matched, rate, scope, used

AGREED = [rate("23.45")]
Found = list[tuple[str, int | None, int | None, int | None]]


@pytest.mark.parametrize(
    ("usage", "agreed", "lines", "found"),
    [
        pytest.param([], [], [], [], id="nothing"),
        pytest.param([used("12")], AGREED, [billed("12", "281.40", "23.45")], [], id="equal"),
        pytest.param([used("12")], AGREED, [billed("12", "281.40")], [], id="equal, no price on the line"),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("5", "117.25", line=1), billed("7", "164.15", line=2)],
            [],
            id="equal, two lines",
        ),
        pytest.param([used("12.000")], AGREED, [billed("12", "281.40")], [], id="equal at different scales"),
        pytest.param([used("12")], AGREED, [], [("unbilled_usage", 28140, 0, -28140)], id="unbilled"),
        pytest.param(
            [used("-2")], AGREED, [], [("unbilled_usage", -4690, 0, 4690)], id="a correction that was not credited"
        ),
        pytest.param([used("0")], AGREED, [], [], id="zero usage need not be billed"),
        pytest.param([used("12")], [rate("0")], [], [], id="free usage need not be billed"),
        pytest.param(
            [], AGREED, [billed("12", "281.40")], [("billed_without_usage", 0, 28140, 28140)], id="billed without usage"
        ),
        pytest.param([], AGREED, [billed("12", "0.00")], [], id="a line of nothing needs no usage"),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("14", "328.30", "23.45")],
            [("quantity_mismatch", 28140, 32830, 4690)],
            id="more billed than used",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("11.5", "269.68", "23.45")],
            [("quantity_mismatch", 28140, 26968, -1172)],
            id="less billed than used, 11.5 × 23.45 = 269.675",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "290.40", "24.20")],
            [("price_mismatch", 28140, 29040, 900)],
            id="another price",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("14", "338.80", "24.20")],
            [("price_mismatch", 32830, 33880, 1050), ("quantity_mismatch", 28140, 32830, 4690)],
            id="both: 2 × 23.45 of quantity, 14 × 0.75 of price",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.41", "23.45")],
            [("rounding_difference", 28140, 28141, 1)],
            id="a cent on a line",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.42", "23.45")],
            [("price_mismatch", 28140, 28142, 2)],
            id="two cents on a line",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("6", "140.69", "23.45", line=1), billed("6", "140.69", "23.45", document="INV-2")],
            [("rounding_difference", 28140, 28138, -2)],
            id="two cents on two lines",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.41", "23.46")],
            [("price_mismatch", 28140, 28141, 1)],
            id="a cent, but another price on the line",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.39")],
            [("rounding_difference", 28140, 28139, -1)],
            id="a cent, and no price on the line",
        ),
        pytest.param(
            [used("3", "2026-10-05"), used("4", "2026-10-25")],
            [rate("10", ends_on="2026-10-14"), rate("11", "2026-10-15")],
            [billed("3", "30.00", "10"), billed("4", "44.00", "11", line=2)],
            [],
            id="two rates in the month, equal",
        ),
        pytest.param(
            [used("3", "2026-10-05"), used("4", "2026-10-25")],
            [rate("10", ends_on="2026-10-14"), rate("11", "2026-10-15")],
            [billed("7", "77.00", "11")],
            [("price_mismatch", 7400, 7700, 300)],
            id="two rates in the month, billed at one",
        ),
        pytest.param(
            [used("3", "2026-10-05"), used("4", "2026-10-25")],
            [rate("10", ends_on="2026-10-14"), rate("11", "2026-10-15")],
            [billed("9", "99.00", "11")],
            [("quantity_mismatch", 7400, 9900, 2500)],
            id="two rates and another quantity: no single price values it",
        ),
        pytest.param(
            [used("12")],
            [rate("100", model="flat")],
            [billed("1", "100.00")],
            [],
            id="flat: the quantity does not matter",
        ),
        pytest.param(
            [used("12")],
            [rate("100", model="flat")],
            [billed("1", "120.00")],
            [("price_mismatch", 10000, 12000, 2000)],
            id="flat: the amount does",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.40", currency="USD")],
            [("currency_mismatch", None, 28140, None)],
            id="billed in another currency",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.40"), billed("12", "281.40", currency="USD", document="INV-2")],
            [("billed_without_usage", 0, 28140, 28140)],
            id="billed in both currencies",
        ),
        pytest.param(
            [used("12"), used("3", sku="B2")],
            [rate("23.45"), rate("1", sku="B2")],
            [billed("12", "281.40"), billed("3", "3.00", sku="B2", line=2)],
            [],
            id="two SKUs",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.40", sku="B2")],
            [("billed_without_usage", 0, 28140, 28140), ("unbilled_usage", 28140, 0, -28140)],
            id="billed under another SKU",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.40", account="BETA-002")],
            [("billed_without_usage", 0, 28140, 28140), ("unbilled_usage", 28140, 0, -28140)],
            id="billed for another service account",
        ),
        pytest.param(
            [used("12")],
            AGREED,
            [billed("12", "281.40", payer="NORTH-000")],
            [],
            id="billed to another account, rightly",
        ),
    ],
)
def test_differences(usage: list[Row], agreed: list[Row], lines: list[Row], found: Found) -> None:
    assert amounts(matched(usage, agreed, lines)) == found


@pytest.mark.parametrize(
    ("usage", "lines", "found"),
    [
        pytest.param(
            [used("12")],
            [billed("14", "328.30"), billed("-2", "-46.90", document="CN-1", kind="credit_note")],
            [],
            id="a credit corrects the quantity",
        ),
        pytest.param(
            [used("12")],
            [billed("12", "290.40"), billed("0", "-9.00", document="CN-1", kind="credit_note")],
            [],
            id="a credit corrects the price",
        ),
        pytest.param(
            [],
            [billed("12", "281.40"), billed("-12", "-281.40", document="CN-1", kind="credit_note")],
            [],
            id="all credited",
        ),
        pytest.param(
            [],
            [billed("12", "281.40"), billed("-2", "-46.90", document="CN-1", kind="credit_note")],
            [("billed_without_usage", 0, 23450, 23450)],
            id="credited in part",
        ),
        pytest.param(
            [used("12")],
            [billed("12", "281.40"), billed("-12", "-281.40"), billed("12", "281.40", document="INV-2")],
            [],
            id="refunded and billed again",
        ),
    ],
)
def test_credits_are_netted(usage: list[Row], lines: list[Row], found: Found) -> None:
    assert amounts(matched(usage, AGREED, lines)) == found


@pytest.mark.parametrize(
    ("usage", "lines", "found"),
    [
        pytest.param(
            [used("12"), used("1", sku="B2")],
            [billed("12", "281.40"), billed("12", "281.40", line=2), billed("1", "23.45", sku="B2", line=3)],
            [("duplicate_line", "INV-1", "2", 28140)],
            id="a line twice on one invoice",
        ),
        pytest.param(
            [used("12"), used("1", sku="B2")],
            [
                billed("12", "281.40"),
                billed("12", "281.40", document="INV-2"),
                billed("1", "23.45", sku="B2", document="INV-2", line=2),
            ],
            [("duplicate_line", "INV-2", "1", 28140)],
            id="a line again on another invoice",
        ),
        pytest.param(
            [used("12"), used("1", sku="B2")],
            [
                *(billed("12", "281.40"), billed("1", "23.45", sku="B2", line=2)),
                *(billed("12", "281.40", document="INV-2"), billed("1", "23.45", sku="B2", document="INV-2", line=2)),
            ],
            [("duplicate_invoice", "INV-2", "", 30485)],
            id="every line again: the invoice",
        ),
        pytest.param(
            [used("12")],
            [billed("12", "281.40", document=f"INV-{number}") for number in (1, 2, 3)],
            [("duplicate_invoice", "INV-2", "", 28140), ("duplicate_invoice", "INV-3", "", 28140)],
            id="an invoice three times",
        ),
        pytest.param(
            [used("24")],
            [billed("12", "281.40"), billed("12", "281.40", document="INV-2")],
            [],
            id="usage explains both lines",
        ),
        pytest.param(
            [used("12")],
            [billed("12", "281.40"), billed("12", "281.40", document="INV-2", service_from="2026-10-16")],
            [("quantity_mismatch", "INV-2", "1", 28140)],
            id="another interval is no duplicate",
        ),
        pytest.param(
            [used("12")],
            [billed("12", "281.40"), billed("12", "281.41", document="INV-2")],
            [("quantity_mismatch", "INV-2", "1", 28140), ("rounding_difference", "INV-2", "1", 1)],
            id="another amount is no duplicate",
        ),
        pytest.param(
            [used("12")],
            [
                billed("12", "281.40"),
                billed("12", "281.40", document="INV-2"),
                billed("-12", "-281.40", document="INV-3", kind="credit_note"),
            ],
            [],
            id="a credit of the same size takes the duplicate back",
        ),
        pytest.param(
            [used("12")],
            [
                *(billed("12", "281.40", document=f"INV-{number}") for number in (1, 2, 3)),
                billed("-12", "-281.40", document="INV-4", kind="credit_note"),
            ],
            [("duplicate_invoice", "INV-3", "", 28140)],
            id="one credit takes back one of two duplicates",
        ),
        pytest.param(
            [],
            [billed("12", "281.40"), billed("12", "281.40", document="INV-2")],
            [("billed_without_usage", "INV-1", "1", 28140), ("duplicate_invoice", "INV-2", "", 28140)],
            id="twice, and no usage at all",
        ),
        pytest.param(
            [used("24")],
            [billed("12", "281.40", document=f"INV-{number}") for number in (1, 2, 3)],
            [("quantity_mismatch", "INV-3", "1", 28140)],
            id="usage explains one of two repetitions",
        ),
    ],
)
def test_duplicates(usage: list[Row], lines: list[Row], found: list[tuple[str, str, str, int]]) -> None:
    agreed = [*AGREED, rate("23.45", sku="B2")]
    discrepancies = matched(usage, agreed, lines)
    assert [(item.kind, item.invoice, item.line, item.difference_minor) for item in discrepancies] == found


@pytest.mark.parametrize(
    ("usage", "lines", "found"),
    [
        pytest.param(
            [used("12", "2026-09-15")],
            [billed("12", "281.40")],
            [("wrong_service_period", "2026-09", 28140, 28140)],
            id="used in September, billed for October",
        ),
        pytest.param(
            [used("12", "2026-09-15")],
            [billed("12", "290.40")],
            [("wrong_service_period", "2026-09", 28140, 29040)],
            id="and at another price",
        ),
        pytest.param(
            [used("12", "2026-09-15")],
            [billed("11", "257.95")],
            [("billed_without_usage", "2026-10", 0, 25795), ("unbilled_usage", "2026-09", 28140, 0)],
            id="another quantity is another thing",
        ),
        pytest.param(
            [used("12", "2026-09-15"), used("12", "2026-10-15")],
            [billed("12", "281.40")],
            [("unbilled_usage", "2026-09", 28140, 0)],
            id="the month that is billed rightly is left alone",
        ),
        pytest.param(
            [used("12", "2026-09-15"), used("12", "2026-08-15")],
            [billed("12", "281.40")],
            [("unbilled_usage", "2026-09", 28140, 0), ("wrong_service_period", "2026-08", 28140, 28140)],
            id="one line explains one month",
        ),
        pytest.param(
            [used("12")],
            [billed("12", "281.40", service_from="2026-10-15", service_to="2026-11-14")],
            [("wrong_service_period", "2026-10", 28140, 28140)],
            id="a line belongs to the month of its last day",
        ),
    ],
)
def test_service_periods(usage: list[Row], lines: list[Row], found: list[tuple[Any, ...]]) -> None:
    discrepancies = matched(usage, AGREED, lines, scope("2026-08", "2026-09", "2026-10"))
    assert [(item.kind, item.period, item.expected_minor, item.invoiced_minor) for item in discrepancies] == found


def test_a_misplaced_line_is_named_with_both_months() -> None:
    [found] = matched([used("12", "2026-09-15")], AGREED, [billed("12", "281.40")], scope("2026-09", "2026-10"))
    assert found.message == "usage of 2026-09 was invoiced under 2026-10: same quantity"
    assert (found.invoice, found.line, found.source) == ("INV-1", "1", "invoices/ACME-001/INV-1.yaml")
    assert (found.expected_quantity, found.invoiced_quantity) == (Decimal(12), Decimal(12))


@pytest.mark.parametrize(
    ("usage", "lines"),
    [
        ([used("12", "2026-08-15")], [billed("12", "281.40")]),
        ([used("12")], [billed("12", "281.40", service_from="2026-08-01", service_to="2026-08-31")]),
    ],
    ids=["usage before the window", "line before the window"],
)
def test_a_misplaced_line_is_told_when_either_month_is_matched(usage: list[Row], lines: list[Row]) -> None:
    """The run of the month in which the money moves must not be silent about it."""
    assert len(matched(usage, AGREED, lines, scope("2026-09", "2026-10"))) > 0


def test_a_line_for_nothing_in_another_month_bills_no_usage() -> None:
    free = billed("12", "0.00", service_from="2026-09-01", service_to="2026-09-30")
    [found] = matched([used("12")], AGREED, [free], scope("2026-09", "2026-10"))
    assert (found.kind, found.period, found.expected_minor) == ("unbilled_usage", "2026-10", 28140)


@pytest.mark.parametrize(
    ("usage", "agreed", "quantity", "sku", "unit", "kind"),
    [
        ([used("12", unit="GB")], [rate("1", unit="hour")], "12", "A1", "GB", "no_agreed_rate"),
        ([used("12")], [rate("1", "2026-11-01")], "12", "A1", "", "no_agreed_rate"),
        ([used("12")], [rate("1", ends_on="2026-10-04")], "12", "A1", "", "no_agreed_rate"),
        ([used("1.50", sku="B2")], [rate("1")], "1.5", "B2", "", "no_agreed_rate"),
        ([used("12", account="NA")], [rate("1", account="NA")], "12", "A1", "", "unknown_account"),
    ],
    ids=["unit", "rate starts later", "rate ended", "sku", "account"],
)
def test_usage_that_cannot_be_priced(
    usage: list[Row], agreed: list[Row], quantity: str, sku: str, unit: str, kind: str
) -> None:
    [found] = matched(usage, agreed, [])
    assert (found.kind, found.sku, found.unit, found.line) == (kind, sku, unit, "")
    assert found.expected_quantity == Decimal(quantity)
    assert (found.expected_minor, found.invoiced_minor, found.difference_minor) == (None, None, None)
    assert found.source == "usage/2026-10/u.csv"


@pytest.mark.parametrize("account", ["ACME-001", "NA"], ids=["no rate", "unknown account"])
def test_two_units_without_a_rate_are_two_discrepancies(account: str) -> None:
    usage = [used("1", unit="GB", account=account), used("2", unit="TB", account=account)]
    found = matched(usage, [rate("1", unit="hour")], [])
    assert len({item.id for item in found}) == 2


def test_both_sides_are_quoted() -> None:
    [found] = matched([used("12")], AGREED, [billed("14", "328.30", "23.45")])
    assert (found.expected_quantity, found.invoiced_quantity, found.currency) == (Decimal(12), Decimal(14), "EUR")
    assert found.message == "used 12 × 23.45 = 281.40 EUR, invoiced 14"
    assert (found.source, found.pointer) == ("invoices/ACME-001/INV-1.yaml", "/lines/0")
    assert (found.account, found.program, found.sku, found.period) == ("ACME-001", "cloud", "A1", "2026-10")


def test_another_price_changes_the_fingerprint() -> None:
    one, other = (
        matched([used("12")], AGREED, [billed("12", "290.40", price)])[0].row() for price in ("24.20", "24.2001")
    )
    assert one[0] == other[0]
    assert one != other


@pytest.mark.parametrize(
    ("usage", "lines", "within", "periods"),
    [
        pytest.param([used("1", "2026-09-05")], [], scope(), [], id="not before the window"),
        pytest.param([used("1", "2026-11-05")], [], scope(), [], id="not later months"),
        pytest.param(
            [used("1", "2026-09-05"), used("1", "2026-10-05")],
            [],
            scope("2026-09", "2026-10"),
            ["2026-09", "2026-10"],
            id="the late window under its own month",
        ),
        pytest.param(
            [used("1", "2026-09-05", program="other")], [], scope("2026-09", "2026-10"), [], id="a window per program"
        ),
        pytest.param(
            [],
            [billed("1", "1.00", service_from="2026-09-01", service_to="2026-09-30")],
            scope(),
            [],
            id="lines before the window",
        ),
        pytest.param(
            [used("1", "2026-09-05", unit="GB")], [], scope(), [], id="exceptions before the window were told then"
        ),
        pytest.param(
            [used("1", "2026-09-05", unit="GB")], [], scope("2026-09"), ["2026-09"], id="exceptions within the window"
        ),
    ],
)
def test_scope(usage: list[Row], lines: list[Row], within: MatchScope, periods: list[str]) -> None:
    agreed = [rate("2", unit="hour"), rate("2", program="other")]
    assert [item.period for item in matched(usage, agreed, lines, within)] == periods


def test_late_usage_in_the_window_settles() -> None:
    usage, lines = [used("1", "2026-09-05")], [billed("1", "2.00", service_from="2026-09-01", service_to="2026-09-30")]
    assert matched(usage, [rate("2")], lines, scope("2026-09", "2026-10")) == []


@pytest.mark.parametrize(
    ("usage", "lines"),
    [([], []), ([used("5")], []), ([], [billed("5", "5.00")])],
    ids=["neither", "no lines", "no usage"],
)
def test_a_side_may_be_empty(usage: list[Row], lines: list[Row]) -> None:
    assert len(matched(usage, [rate("1")], lines)) == len(usage) + len(lines)


def test_a_line_for_usage_without_a_rate_is_told_beside_it() -> None:
    found = matched([used("12")], [rate("1", "2026-11-01")], [billed("12", "281.40")])
    assert amounts(found) == [("billed_without_usage", 0, 28140, 28140), ("no_agreed_rate", None, None, None)]


def test_skus_of_different_scales_do_not_disturb_each_other() -> None:
    """B2 has 10^15 pieces: brought to the eleven decimals of A1 they would leave 64 bits."""
    usage = [used("0.00000000001"), used("1000000000000000", sku="B2")]
    agreed = [rate("100000000000"), rate("0.01", sku="B2")]
    lines = [billed("0.00000000001", "1.00"), billed("1000000000000001", "10000000000000.01", sku="B2", line=2)]
    [found] = matched(usage, agreed, lines)
    assert (found.kind, found.sku, found.difference_minor) == ("quantity_mismatch", "B2", 1)
    assert found.invoiced_quantity == Decimal(1000000000000001)


def test_a_quantity_that_leaves_int64_at_its_scale_is_refused() -> None:
    with pytest.raises(AmountOverflow):
        matched([used("0.00000000001")], [rate("1")], [billed("1000000000", "1000000000.00")])


@settings(max_examples=5, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_any_order_of_rows_gives_the_same_discrepancies(random: Any) -> None:
    usage = [used("3", f"2026-{month:02d}-05", sku=sku) for month in (9, 10) for sku in ("A1", "B2", "C3")]
    agreed = [rate("10"), rate("20", sku="B2"), rate("30", sku="C3")]
    lines = [
        *(billed("3", "30.00", line=1), billed("3", "30.00", line=2), billed("4", "80.00", sku="B2", line=3)),
        *(billed("3", "30.00", document="INV-2"), billed("3", "90.00", sku="C3", document="INV-2", line=2)),
        billed("-3", "-90.00", sku="C3", document="CN-1", kind="credit_note"),
    ]
    within = scope("2026-09", "2026-10")
    expected = [item.row() for item in matched(usage, agreed, lines, within)]
    for rows in (usage, agreed, lines):
        random.shuffle(rows)
    assert [item.row() for item in matched(usage, agreed, lines, within)] == expected
    assert len({row[0] for row in expected}) == len(expected)
