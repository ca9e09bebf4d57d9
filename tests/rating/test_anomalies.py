"""What is out of the ordinary: against the mean of the months before, by percentage and by money."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prisma_batch.base.errors import AmountOverflow
from prisma_batch.base.periods import Period
from prisma_batch.rating.anomalies import find_anomalies
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.settings import AnomalyPolicy, ChangeLimits
from tests.rating.agreed import agreement, charges
from tests.rating.agreed import rate as agreed_rate
from tests.rating.tables import Row, priced, rate, rates, usage_rows, used

OCTOBER, FIRST = Period(2026, 10), Period(2026, 1)
NEVER = ChangeLimits(amount={"EUR": Decimal(1_000_000)})
POLICY = AnomalyPolicy(spend=NEVER)


def months(**quantities: str) -> list[Row]:
    """Usage of months by name: ``m07="12"``."""
    return [used(quantity, f"2026-{month[1:]}-05") for month, quantity in quantities.items()]


def found(usage: list[Row], policy: AnomalyPolicy = POLICY, agreed: tuple[Row, ...] = (rate("2"),)) -> list[Anomaly]:
    return find_anomalies(priced(usage_rows(*usage), rates(*agreed)), (), (FIRST, OCTOBER), policy)


def limits(percent: str, **amount: str) -> ChangeLimits:
    return ChangeLimits(percent=Decimal(percent), amount={name: Decimal(value) for name, value in amount.items()})


@pytest.mark.parametrize(
    ("quantities", "is_found"),
    [
        pytest.param({"m07": "10", "m08": "10", "m09": "10", "m10": "15"}, False, id="at the percentage"),
        pytest.param({"m07": "10", "m08": "10", "m09": "10", "m10": "15.000001"}, True, id="over it"),
        pytest.param({"m07": "10", "m08": "10", "m09": "10", "m10": "5"}, False, id="down to it"),
        pytest.param({"m07": "10", "m08": "10", "m09": "10", "m10": "4.999999"}, True, id="below it"),
        pytest.param({"m06": "100", "m07": "10", "m08": "10", "m09": "10", "m10": "10"}, False, id="earlier than 3"),
        pytest.param({"m09": "10", "m10": "15.5"}, True, id="one month before"),
        pytest.param({"m08": "10", "m10": "15.5"}, True, id="a month without anything does not count"),
        pytest.param({"m10": "15"}, False, id="the first month"),
        pytest.param({"m09": "10"}, True, id="no longer used"),
        pytest.param({"m09": "10", "m10": "-1"}, True, id="corrected below nothing"),
        pytest.param({"m09": "10", "m10": "10", "m11": "99"}, False, id="later months"),
    ],
)
def test_usage_changes(quantities: Mapping[str, str], is_found: bool) -> None:
    assert [item.kind for item in found(months(**quantities))] == ["usage_change"] * is_found


@pytest.mark.parametrize(("amount", "is_found"), [("9.99", True), ("10.00", False)])
def test_money_must_change_by_more_than_its_limit(amount: str, is_found: bool) -> None:
    usage = months(m09="5", m10="10")
    assert bool(found(usage, AnomalyPolicy(usage=limits("50", EUR=amount), spend=NEVER))) is is_found
    other = AnomalyPolicy(usage=limits("50", USD=amount), spend=NEVER)
    assert found(usage, other), "a currency without a limit is judged by the percentage alone"


def test_words_and_figures() -> None:
    (item,) = found(months(m08="10", m09="5.5", m10="20.25"))
    assert item.message == "20.25 used, 7.75 on average in 2 months before"
    assert (item.amount_minor, item.usual_minor, item.currency) == (4050, 1550, "EUR")
    assert (item.account, item.program, item.sku, item.period) == ("ACME-001", "cloud", "A1", "2026-10")
    assert (item.source, item.pointer) == ("usage/2026-10/u.csv", "2")
    (gone,) = found(months(m09="10"))
    assert gone.message == "none used, 10 on average in the month before"
    new = [*months(m09="10", m10="10"), used("3", sku="B2")]
    (item,) = found(new, agreed=(rate("2"), rate("1", sku="B2")))
    assert (item.sku, item.message, item.usual_minor) == ("B2", "3 used, none in the month before", 0)


def test_spend_of_an_account_only_rises() -> None:
    policy = AnomalyPolicy(usage=NEVER, spend=limits("50", EUR="30"))
    agreed = (rate("2"), rate("1", sku="B2"))
    usage = [*months(m09="20", m10="20"), used("31", sku="B2")]
    (item,) = found(usage, policy, agreed)
    assert (item.kind, item.program, item.sku, item.amount_minor, item.usual_minor) == (
        "spend_spike",
        "",
        "",
        7100,
        4000,
    )
    assert item.message == "71.00 EUR to be billed, 40.00 on average in the month before"
    assert found([*months(m09="20", m10="20"), used("30", sku="B2")], policy, agreed) == []
    assert found(months(m09="100", m10="1"), policy, agreed) == []


def test_other_accounts_change_nothing() -> None:
    usage = months(m09="10", m10="20")
    others = [used(quantity, f"2026-{month}-05", account="BOLT-001") for month, quantity in (("09", "1"), ("10", "1"))]
    agreed = (rate("2"), rate("2", account="BOLT-001"))
    assert found([*others, *usage], agreed=agreed) == found(usage, agreed=agreed)


def test_months_before_the_first_are_not_looked_at() -> None:
    table = priced(usage_rows(*months(m09="10", m10="99")), rates(rate("2")))
    assert find_anomalies(table, (), (OCTOBER, OCTOBER), POLICY) == []
    assert find_anomalies(table.head(0), (), (FIRST, OCTOBER), POLICY) == []


def test_usage_without_a_price_is_left_out() -> None:
    assert found(months(m09="10", m10="99"), agreed=()) == []


def test_large_quantities_are_compared_exactly() -> None:
    largest = 2**61
    usage = months(m09=str(largest), m10=str(largest + largest // 2))
    free = (rate("0"),)
    assert found(usage, agreed=free) == []
    assert found(months(m09=str(largest), m10=str(largest + largest // 2 + 1)), agreed=free)
    with pytest.raises(AmountOverflow):
        found(months(m08=str(2 * largest), m09=str(2 * largest)), agreed=free)


def inversions(quantity: str, **options: object) -> list[Anomaly]:
    """Volume prices of 2 up to 100 and 1.50 above, and what is found of a quantity in October."""
    agreed = agreed_rates([agreement(agreed_rate(TIERS, **options))])
    table = charges([used(quantity)], agreed)
    return find_anomalies(table, agreed.terms, (OCTOBER, OCTOBER), POLICY)


TIERS = {"model": "volume", "tiers": [{"up_to": 100, "price": "2"}, {"up_to": 500, "price": "1.50"}, {"price": "1"}]}


@pytest.mark.parametrize(
    ("quantity", "least"),
    [
        pytest.param("75", None, id="150.00 is not more than 101 × 1.50"),
        pytest.param("76", 15150, id="152.00 is more than 151.50"),
        pytest.param("100", 15150, id="at the boundary"),
        pytest.param("101", None, id="in the next tier"),
        pytest.param("334", None, id="501.00 is as much as 501 × 1"),
        pytest.param("335", 50100, id="more than the tier after it"),
        pytest.param("501", None, id="in the last tier"),
        pytest.param("99.5", 15015, id="100.1 may be used, too"),
        pytest.param("-100", None, id="a correction"),
    ],
)
def test_more_units_may_cost_less(quantity: str, least: int | None) -> None:
    found_here = inversions(quantity)
    assert [(item.kind, item.usual_minor) for item in found_here] == ([("tier_inversion", least)] if least else [])


def test_inversions_count_what_is_included_and_discounts() -> None:
    (item,) = inversions("90", included_quantity=10, discount_percent="10")
    assert (item.amount_minor, item.usual_minor) == (14400, 13635)
    assert item.message == "90 unit cost 144.00 EUR, while any more than 110 would begin at 136.35 EUR"
    assert inversions("80", included_quantity=10, discount_percent="10") == []


def test_the_cheapest_tier_counts() -> None:
    steep = {"model": "volume", "tiers": [{"up_to": 10, "price": "9"}, {"up_to": 12, "price": "7"}, {"price": "3"}]}
    table = charges([used("10")], agreed := agreed_rates([agreement(agreed_rate(steep))]))
    (item,) = find_anomalies(table, agreed.terms, (OCTOBER, OCTOBER), POLICY)
    assert (item.amount_minor, item.usual_minor) == (9000, 3900)
    assert "any more than 12 " in item.message


def test_a_boundary_between_whole_units_is_compared_at_the_finer_scale() -> None:
    """10.125 × 9 = 91.13; 10.501 × 3 = 31.503 is the first quantity above the boundary."""
    halves = {"model": "volume", "tiers": [{"up_to": "10.5", "price": "9"}, {"price": "3"}]}
    for quantity, least in (("10.125", [3150]), ("10.501", [])):
        table = charges([used(quantity)], agreed := agreed_rates([agreement(agreed_rate(halves))]))
        found_here = find_anomalies(table, agreed.terms, (OCTOBER, OCTOBER), POLICY)
        assert [item.usual_minor for item in found_here] == least


def test_months_in_which_nobody_uses_anything() -> None:
    seats = {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": "3"}]}}
    agreed = agreed_rates([agreement(agreed_rate("31.00", basis=seats))])
    table = charges([], agreed, (FIRST, OCTOBER))
    assert len(table) == 10
    assert find_anomalies(table, agreed.terms, (FIRST, OCTOBER), POLICY) == []


@settings(deadline=None, max_examples=50)
@given(
    before=st.lists(st.integers(0, 40), max_size=3),
    now=st.integers(0, 60),
    percent=st.integers(0, 200),
    amount=st.integers(0, 60),
)
def test_as_fractions_say(before: list[int], now: int, percent: int, amount: int) -> None:
    quantities = dict(zip(("m07", "m08", "m09"), map(str, before), strict=False)) | {"m10": str(now)}
    policy = AnomalyPolicy(usage=limits(str(percent), EUR=str(amount)), spend=NEVER)
    is_found = bool(found(months(**quantities), policy))
    if not before:
        assert not is_found
        return
    mean = Fraction(sum(before), len(before))
    assert is_found == (abs(now - mean) * 100 > mean * percent and abs(now - mean) * 2 > amount)
