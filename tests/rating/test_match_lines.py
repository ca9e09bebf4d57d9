"""What is netted or placed before units are compared: refunds, minimums, advance billing, currencies."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from pandas import DataFrame

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.rating.match import MatchScope, match_usage
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.refunds import refunded_pairs
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.units import UNIT, at_one_scale, differing
from prisma_batch.records.agreements import Tier
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.price_tables import RATES
from prisma_batch.records.tables import CHARGES
from tests.rating.tables import Row, billed, invoice_lines, matched, priced, rate, rates, scope, usage_rows, used

AGREED = [rate("23.45")]


def told(found: list[Discrepancy]) -> list[tuple[Any, ...]]:
    return sorted((item.kind, item.period, item.expected_minor, item.invoiced_minor, item.currency) for item in found)


def with_minimums(usage: list[Row], agreed: list[Row], *amounts_minor: int, kind: str = "minimum") -> DataFrame:
    """CHARGES of usage, and of minimums beside it: what the first charge of usage lacks of what was agreed."""
    charges = priced(usage_rows(*usage), rates(*agreed))
    extra = [charges.head(1).assign(kind=kind, quantity_scaled=0, amount_minor=amount) for amount in amounts_minor]
    return CHARGES.conform(pd.concat([charges, *extra]))


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param([billed("10", "10.00", "1"), billed("1", "40.00", line=2)], [], id="both billed"),
        pytest.param([billed("10", "10.00", "1"), billed("0", "40.00", line=2)], [], id="the minimum without pieces"),
        pytest.param([billed("10", "50.00")], [], id="together on one line"),
        pytest.param(
            [billed("10", "10.00", "1")], [("minimum_not_billed", "2026-10", 4000, 0, "EUR")], id="usage alone"
        ),
        pytest.param(
            [billed("10", "10.00", "1"), billed("0", "30.00", line=2)],
            [("minimum_not_billed", "2026-10", 4000, 3000, "EUR")],
            id="a part of the minimum",
        ),
        pytest.param(
            [],
            [("minimum_not_billed", "2026-10", 4000, 0, "EUR"), ("unbilled_usage", "2026-10", 1000, 0, "EUR")],
            id="nothing",
        ),
        pytest.param(
            [billed("8", "8.00", "1")],
            [("minimum_not_billed", "2026-10", 4000, 0, "EUR"), ("quantity_mismatch", "2026-10", 1000, 800, "EUR")],
            id="less than was used",
        ),
        pytest.param(
            [billed("12", "12.00", "1"), billed("1", "40.00", line=2)],
            [("quantity_mismatch", "2026-10", 1000, 1200, "EUR")],
            id="the minimum, and more than was used",
        ),
        pytest.param(
            [billed("10", "12.00", "1.2"), billed("1", "40.00", line=2)],
            [("price_mismatch", "2026-10", 1000, 1200, "EUR")],
            id="the minimum, and another price",
        ),
    ],
)
@pytest.mark.parametrize("kind", ["minimum", "commitment"])
def test_minimums(lines: list[Row], found: list[tuple[Any, ...]], kind: str) -> None:
    """10 pieces at 1.00, and 40.00 up to a minimum of 50.00."""
    charges = with_minimums([used("10")], [rate("1")], 4000, kind=kind)
    assert told(match_usage(charges, invoice_lines(*lines), scope())) == found


@pytest.mark.parametrize(("kind", "words"), [("minimum", "the agreed minimum"), ("commitment", "the commitment")])
def test_what_is_owed_beyond_usage_is_called_what_was_agreed(kind: str, words: str) -> None:
    charges = with_minimums([used("10")], [rate("1")], 4000, kind=kind)
    [item] = match_usage(charges[charges["kind"].eq(kind)], invoice_lines(), scope())
    assert item.message == f"{words} leaves 40.00 EUR beyond what was used, not invoiced"


def test_a_cent_is_taken_back_too_and_nothing_takes_nothing_back() -> None:
    lines = invoice_lines(billed("1", "0.01"), billed("-1", "-0.01", line=2), billed("-1", "0.00", line=3))
    assert refunded_pairs(at_one_scale(CHARGES.of([]), lines)[1]) == {1: 0}


def test_a_difference_is_named_after_a_line_of_an_invoice() -> None:
    lines = [billed("12", "290.40"), billed("0", "-3.00", document="XCN-1", kind="credit_note")]
    [found] = matched([used("12")], AGREED, lines)
    assert (found.kind, found.invoice, found.line, found.difference_minor) == ("price_mismatch", "INV-1", "1", 600)


def credit(quantity: str, amount: str, corrects: str = "", corrects_line: int = 0, **row: Any) -> Row:
    named = {"corrects": corrects, "corrects_line": str(corrects_line), "document": "CN-1", "kind": "credit_note"}
    return billed(quantity, amount, **named | row)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(
            [billed("12", "281.40"), credit("-12", "-281.40")], [("unbilled_usage", "", "")], id="taken back whole"
        ),
        pytest.param(
            [billed("12", "281.40"), credit("-12", "-281.40"), billed("11", "257.95", document="INV-2")],
            [("quantity_mismatch", "INV-2", "1")],
            id="refunded and billed wrongly again: the new line is named",
        ),
        pytest.param(
            [
                *(billed("12", "281.40", document=f"INV-{number}") for number in (1, 2, 3)),
                credit("-12", "-281.40", "INV-3"),
            ],
            [("duplicate_invoice", "INV-2", "")],
            id="the document that the credit names is gone",
        ),
        pytest.param(
            [
                *(billed("12", "281.40", line=number) for number in (1, 2, 3)),
                credit("-12", "-281.40", "INV-1", 1),
            ],
            [("duplicate_line", "INV-1", "3")],
            id="the line that the credit names is gone",
        ),
        pytest.param(
            [billed("12", "281.40"), billed("0", "-9.00", document="CN-1", kind="credit_note")],
            [("price_mismatch", "INV-1", "1")],
            id="a credit of another size counts against it",
        ),
        pytest.param(
            [billed("1", "0.00"), billed("1", "0.00", line=2), billed("12", "281.40", line=3)],
            [("price_mismatch", "INV-1", "3"), ("quantity_mismatch", "INV-1", "3")],
            id="lines of nothing are no duplicates",
        ),
        pytest.param(
            [billed("10", "281.40")],
            [("price_mismatch", "INV-1", "1"), ("quantity_mismatch", "INV-1", "1")],
            id="another quantity for the same money",
        ),
        pytest.param(
            [billed("1", "0.00")],
            [("price_mismatch", "INV-1", "1"), ("quantity_mismatch", "INV-1", "1")],
            id="a line of nothing is neither a debit nor a refund",
        ),
    ],
)
def test_refunds(lines: list[Row], found: list[tuple[str, str, str]]) -> None:
    discrepancies = matched([used("12")], AGREED, lines)
    assert [(item.kind, item.invoice, item.line) for item in discrepancies] == found


def in_advance(*agreed: Row, months: tuple[str, ...] = ("2026-10", "2026-11")) -> MatchScope:
    advance = [(*row[:7], "advance", *row[8:]) for row in agreed]
    return MatchScope(
        periods={"cloud": frozenset(months)},
        default_periods=frozenset(months),
        accounts=frozenset({"ACME-001"}),
        advance=RATES.of(advance),
    )


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param([billed("15", "150.00", "10")], [("price_mismatch", 7500), ("quantity_mismatch", -500)], id="one"),
        pytest.param(
            [billed("15", "150.00", "10"), billed("-15", "-150.00", "10", line=2)],
            [("unbilled_usage", -8000)],
            id="two",
        ),
        pytest.param(
            [billed("15", "150.00", "10"), billed("-15", "-150.00", "10", line=2), billed("16", "80.00", "5", line=3)],
            [],
            id="both deltas",
        ),
    ],
)
def test_usage_that_is_rated_again(lines: list[Row], found: list[tuple[str, int]]) -> None:
    """15 at 10 = 150, then 16 at 5 = 80 shows as −150 and +80."""
    discrepancies = matched([used("16")], [rate("5")], lines)
    assert [(item.kind, item.difference_minor) for item in discrepancies] == found


@pytest.mark.parametrize(
    ("agreed", "period"),
    [
        ([rate("1")], "2026-10"),
        ([], "2026-11"),
        ([rate("1", sku="B2")], "2026-11"),
        ([rate("1", "2026-10-16")], "2026-11"),
        ([rate("1", ends_on="2026-10-14")], "2026-11"),
        ([rate("1", "2026-10-15", "2026-10-15")], "2026-10"),
    ],
    ids=["advance", "arrears", "another SKU in advance", "in advance from later", "until before", "on that day"],
)
def test_lines_billed_in_advance_are_placed_by_their_first_day(agreed: list[Row], period: str) -> None:
    line = billed("1", "1.00", service_from="2026-10-15", service_to="2026-11-14")
    assert [item.period for item in matched([], [], [line], in_advance(*agreed))] == [period]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        pytest.param(
            [billed("12", "200.00", currency="USD"), billed("1", "80.00", currency="USD", line=2)],
            [("currency_mismatch", "2026-10", None, 28000, "USD")],
            id="several lines of one currency are one finding",
        ),
        pytest.param(
            [billed("12", "280.00", currency="USD"), billed("12", "250.00", currency="GBP", line=2)],
            [
                ("currency_mismatch", "2026-10", None, 25000, "GBP"),
                ("currency_mismatch", "2026-10", None, 28000, "USD"),
            ],
            id="two other currencies are two",
        ),
        pytest.param(
            [billed("12", "0.00", currency="USD")],
            [("unbilled_usage", "2026-10", 28140, 0, "EUR")],
            id="a line of nothing is none",
        ),
    ],
)
def test_currencies(lines: list[Row], found: list[tuple[Any, ...]]) -> None:
    assert told(matched([used("12")], AGREED, lines)) == found


def test_usage_agreed_in_two_currencies_of_which_one_was_billed_wrongly() -> None:
    """Neither may be lost: one is explained by the line in dollars, the other was not billed."""
    agreed = [rate("1", ends_on="2026-10-14"), rate("2", "2026-10-15", currency="GBP")]
    found = matched([used("5"), used("6", "2026-10-20")], agreed, [billed("5", "5.00", currency="USD")])
    assert told(found) == [
        ("currency_mismatch", "2026-10", None, 500, "USD"),
        ("unbilled_usage", "2026-10", 1200, 0, "GBP"),
    ]


def test_only_units_that_differ_are_looked_at() -> None:
    charges = priced(usage_rows(used("3"), used("4", sku="B2")), rates(rate("1"), rate("1", sku="B2")))
    lines = invoice_lines(billed("3", "3.00"), billed("5", "5.00", sku="B2", line=2)).assign(period="2026-10")
    left = differing(*at_one_scale(charges.astype({"amount_minor": "int64"}), lines))
    assert [table["sku"].tolist() for table in left] == [["B2"], ["B2"]]


def test_sums_that_might_leave_int64_are_refused() -> None:
    half = str(2**62)
    with pytest.raises(AmountOverflow):
        matched([], [], [billed("1", f"{half[:-2]}.{half[-2:]}", line=line) for line in (1, 2)])
    with pytest.raises(AmountOverflow):
        matched([], [], [billed(half, "1.00", line=line) for line in (1, 2)])
    assert len(matched([], [], [billed(half, "1.00", sku=sku) for sku in ("A1", "B2")])) == 2  # never added up


def test_a_quantity_may_fill_int64_at_the_scale_of_its_sku() -> None:
    """2^63 − 1 at one decimal is the most; 1.5 of the same SKU asks for that decimal."""
    most = (2**63 - 1) // 10
    for quantity, fits in ((most, True), (most + 1, False), (-most - 1, False)):
        lines = invoice_lines(billed(str(quantity), "1.00"), billed("1.5", "1.00", line=2)).assign(period="2026-10")
        if fits:
            _, scaled = at_one_scale(CHARGES.of([]), lines)
            assert scaled["quantity"].tolist() == [most * 10, 15]
            continue
        with pytest.raises(AmountOverflow):
            at_one_scale(CHARGES.of([]), lines)


def test_an_invoice_that_is_repeated_names_its_program_where_it_has_one() -> None:
    for program, named in (("cloud", "cloud"), ("desk", "")):
        lines = [
            line
            for document in ("INV-1", "INV-2")
            for line in (
                billed("1", "5.00", document=document),
                billed("2", "8.00", document=document, line=2, program=program),
            )
        ]
        [found] = [item for item in matched([], [], lines) if item.kind == "duplicate_invoice"]
        assert (found.invoice, found.program, found.invoiced_minor) == ("INV-2", named, 1300)


def test_many_names_do_not_mix_up_units() -> None:
    """More combinations of names than int64 has numbers: they are numbered again on the way."""
    names = [f"{number:05d}" for number in range(7000)]
    charges = DataFrame(dict.fromkeys(UNIT, names)).assign(
        amount_minor=1, quantity_scaled=1, quantity_scale=0, model="per_unit"
    )
    lines = charges.assign(amount_minor=[1] * 6999 + [2])
    assert [table["account"].tolist() for table in differing(*at_one_scale(charges, lines))] == [["06999"]] * 2


TIERS = (Tier(up_to=Decimal(10), price=Decimal(2)), Tier(price=Decimal(1)))


@pytest.mark.parametrize(
    ("terms", "line", "found", "words"),
    [
        pytest.param(
            Terms(model="graduated", tiers=TIERS),
            billed("15", "25.00"),
            ("quantity_mismatch", "2026-10", 2200, 2500, "EUR"),
            "used 12: (10 × 2 + 2 × 1) = 22.00 EUR, invoiced 15",
            id="the agreed tiers value it",
        ),
        pytest.param(
            Terms(model="volume", tiers=TIERS),
            billed("8", "16.00"),
            ("quantity_mismatch", "2026-10", 1200, 1600, "EUR"),
            "used 12: (12 × 1) = 12.00 EUR, invoiced 8",
            id="less cost more",
        ),
        pytest.param(
            Terms(model="graduated", tiers=TIERS),
            billed("12", "24.00"),
            ("price_mismatch", "2026-10", 2200, 2400, "EUR"),
            "agreed 12: (10 × 2 + 2 × 1) = 22.00 EUR, invoiced 24.00 EUR",
            id="another price",
        ),
        pytest.param(
            Terms(model="graduated", tiers=TIERS, maximum_amount=Decimal(20)),
            billed("15", "25.00"),
            ("quantity_mismatch", "2026-10", 2000, 2500, "EUR"),
            "used 12: (10 × 2 + 2 × 1), at most 20 = 20.00 EUR, invoiced 15",
            id="capped: no price values it",
        ),
    ],
)
def test_other_models(terms: Terms, line: Row, found: tuple[Any, ...], words: str) -> None:
    agreed = Rates(table=rates(rate("0", model=terms.model)).table, terms=(terms,))
    charges = priced(usage_rows(used("12")), agreed)
    [item] = match_usage(charges, invoice_lines(line), replace(scope(), terms=agreed.terms))
    assert told([item]) == [found]
    assert item.message == words


def test_a_commitment_alone_has_no_quantity_to_compare() -> None:
    charges = with_minimums([used("10")], [rate("1")], 4000, kind="commitment")
    lines = invoice_lines(billed("1", "41.00"))
    [item] = match_usage(charges[charges["kind"].eq("commitment")], lines, scope())
    assert told([item]) == [("price_mismatch", "2026-10", 0, 100, "EUR")]


def test_many_charges_of_a_unit_are_not_all_written_out() -> None:
    usage = [used("1", f"2026-10-{day:02d}") for day in (1, 2, 3, 4)]
    agreed = [rate(str(day), f"2026-10-{day:02d}", f"2026-10-{day:02d}") for day in (1, 2, 3, 4)]
    assert matched(usage, agreed, [])[0].message == "used 4 charges = 10.00 EUR, nothing invoiced"
    two = matched(usage[:2], agreed[:2], [])
    assert two[0].message == "used 1 × 1 = 1.00 and 1 × 2 = 2.00, together 3.00 EUR, nothing invoiced"
