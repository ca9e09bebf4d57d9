"""Random rates and quantities, priced a second time with Decimal, option by option, and the models in SQL as well."""

from collections import defaultdict
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from prisma_batch.rating.formulas import amount_at
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.rating.totals import usage_totals
from prisma_batch.records.table import rows_of
from tests.rating.agreed import OCTOBER, Document, agreement, charges, exchange, rate
from tests.rating.tables import Row, usage_rows, used

QUICK = settings(deadline=None, derandomize=True, max_examples=30, phases=[Phase.explicit, Phase.generate])
ROUNDINGS = {"half_up": ROUND_HALF_UP, "half_even": ROUND_HALF_EVEN, "down": ROUND_DOWN}
ECB = exchange("ecb", "2026-10,USD,EUR,0.9215")
CENT = Decimal("0.01")

prices = st.sampled_from(["0", "1", "0.335", "0.0006", "7.005", "123456.789", "0.000000000001"])
quantities = st.sampled_from(["0", "1", "3", "99.5", "100", "100.000001", "2500", "0.00000000001", "-1", "-250.5"])
tiers = st.builds(
    lambda first, second, flats: [
        {"up_to": 100, "price": first, "flat": flats[0]},
        {"up_to": "1000.5", "price": second},
        {"price": first, "flat": flats[1]},
    ],
    prices,
    prices,
    st.tuples(st.sampled_from(["0", "10"]), st.sampled_from(["0", "0.005"])),
)
pricings = st.one_of(
    st.builds(lambda price: {"model": "per_unit", "price": price}, prices),
    st.builds(lambda price: {"model": "flat", "price": price}, prices),
    st.builds(
        lambda price, size: {"model": "package", "price": price, "package_size": size},
        prices,
        st.sampled_from([1, "2.5", 100]),
    ),
    st.builds(lambda steps: {"model": "graduated", "tiers": steps}, tiers),
    st.builds(lambda steps: {"model": "volume", "tiers": steps}, tiers),
)
unbounded = st.fixed_dictionaries(
    {},
    optional={
        "included_quantity": st.sampled_from([0, 2, "99.75"]),
        "quantity_block": st.sampled_from([1, 10, "0.25"]),
        "prorate": st.sampled_from(["none", "actual"]),
        "discount_percent": st.sampled_from(["0", "5", "33.333", "100"]),
        "rounding": st.sampled_from(sorted(ROUNDINGS)),
        "ends_on": st.sampled_from(["2026-10-09", "2026-10-31"]),
        "currency": st.just("EUR"),
        "fx": st.just("ecb"),
    },
).map(lambda options: options | ({"price_currency": "USD"} if "fx" in options else {}))
bounds = st.fixed_dictionaries(
    {"aggregate": st.sampled_from(["sum", "max", "last"])},
    optional={"minimum_amount": st.just("50.00"), "maximum_amount": st.sampled_from(["20.00", "700.00"])},
)
usages = st.lists(st.tuples(quantities, st.integers(1, 9)), min_size=1, max_size=6)


def rows(usage: list[tuple[str, int]]) -> list[Row]:
    return [used(quantity, f"2026-10-{day:02d}") for quantity, day in usage]


def aggregated(usage: list[tuple[str, int]], rule: str) -> Decimal:
    by_day: dict[int, Decimal] = defaultdict(Decimal)
    for quantity, day in usage:
        by_day[day] += Decimal(quantity)
    return {"sum": sum(by_day.values(), Decimal(0)), "max": max(by_day.values()), "last": by_day[max(by_day)]}[rule]


def blocks(units: Decimal, size: Decimal) -> Decimal:
    whole, rest = divmod(units, size)
    return whole + (rest > 0)


def model_cost(units: Decimal, pricing: dict[str, Any]) -> Decimal:
    """What a quantity that is not below zero costs."""
    if pricing["model"] == "per_unit":
        return units * Decimal(pricing["price"])
    if pricing["model"] == "package":
        return blocks(units, Decimal(pricing["package_size"])) * Decimal(pricing["price"])
    cost, below = Decimal(0), Decimal(0)
    for tier in pricing["tiers"]:
        until = Decimal(tier.get("up_to", "1e30"))
        if units > below:
            inside = min(units, until) - below if pricing["model"] == "graduated" else units
            this = inside * Decimal(tier.get("price", 0)) + Decimal(tier.get("flat", 0))
            cost = cost + this if pricing["model"] == "graduated" else this
        below = until
    return cost


def expected(usage: list[tuple[str, int]], agreed: Document) -> tuple[Decimal, Decimal]:
    """What usage costs, and what is missing to the minimum."""
    quantity = aggregated(usage, agreed.get("aggregate", "sum"))
    units = max(abs(quantity) - Decimal(agreed.get("included_quantity", 0)), Decimal(0))
    if "quantity_block" in agreed:
        size = Decimal(agreed["quantity_block"])
        units = blocks(units, size) * size
    if agreed["pricing"]["model"] == "flat":
        cost = Decimal(agreed["pricing"]["price"])
    else:
        cost = model_cost(units, agreed["pricing"]) * (-1 if quantity < 0 else 1)
    cost *= Decimal("0.9215") if "fx" in agreed else 1
    if agreed.get("prorate") == "actual" and agreed.get("ends_on") == "2026-10-09":
        cost = cost * 9 / 31
    cost = cost * (100 - Decimal(agreed.get("discount_percent", 0))) / 100
    cost = cost.quantize(CENT, ROUNDINGS[agreed.get("rounding", "half_up")])
    most = Decimal(agreed.get("maximum_amount", "1e30"))
    cost, least = min(cost, most), min(Decimal(agreed.get("minimum_amount", "-1e30")), most)
    return cost, max(least - cost, Decimal(0))


def priced(usage: list[Row], agreed: Document) -> dict[str, int]:
    found = charges(usage, agreed_rates([agreement(agreed)], exchange_rates=ECB))
    return {row.kind: int(row.amount_minor) for row in rows_of(found)}


@QUICK
@given(usages, pricings, unbounded, bounds)
def test_amounts_are_those_of_decimal_arithmetic(
    usage: list[tuple[str, int]], pricing: Document, options: Document, bounded: Document
) -> None:
    agreed = rate(pricing, **options, **bounded)
    with localcontext() as context:
        context.prec = 90
        cost, missing = expected(usage, agreed)
    found = priced(rows(usage), agreed)
    assert found.pop("usage") == cost.scaleb(2)
    assert found.pop("minimum", 0) == missing.scaleb(2)
    assert found == {}


@QUICK
@given(st.data(), usages, pricings, unbounded, bounds)
def test_any_order_and_partition_of_rows_gives_the_same_charges(
    data: st.DataObject, usage: list[tuple[str, int]], pricing: Document, options: Document, bounded: Document
) -> None:
    rates = agreed_rates([agreement(rate(pricing, **options, **bounded))], exchange_rates=ECB)
    whole = charges(rows(usage), rates)
    split = [part for quantity, day in usage for part in ((quantity, day), ("0.75", day), ("-0.75", day))]
    shuffled = data.draw(st.permutations(split))
    exact = whole.assign(quantity_scaled=0, quantity_scale=0)
    again = charges(rows(shuffled), rates)
    assert [*map(_value, rows_of(again))] == [*map(_value, rows_of(whole))]
    assert again.assign(quantity_scaled=0, quantity_scale=0).equals(exact)
    totals = usage_totals(usage_rows(*rows(usage)), daily_keys(rates))
    for turned in (totals.iloc[::-1], totals.sample(frac=1, random_state=7)):
        assert price_usage(turned, rates, OCTOBER).equals(whole)


def _value(row: Any) -> Decimal:
    return Decimal(int(row.quantity_scaled)).scaleb(-int(row.quantity_scale))


@QUICK
@given(quantities, pricings.filter(lambda pricing: pricing["model"] != "flat"), unbounded)
def test_a_credit_is_the_negative_of_the_charge(quantity: str, pricing: Document, options: Document) -> None:
    agreed = rate(pricing, **options)
    mirrored = quantity[1:] if quantity.startswith("-") else f"-{quantity}"
    [charge], [credit] = (priced([used(units)], agreed).values() for units in (quantity, mirrored))
    assert credit == -charge


@QUICK
@given(quantities, pricings, unbounded)
def test_the_quantity_of_a_charge_costs_what_the_charge_does(
    quantity: str, pricing: Document, options: Document
) -> None:
    rates = agreed_rates([agreement(rate(pricing, **options))], exchange_rates=ECB)
    [charge] = rows_of(charges([used(quantity)], rates))
    assert amount_at(charge, rates.terms, charge.quantity_scaled, charge.quantity_scale) == charge.amount_minor


GRADUATED = [{"up_to": 100, "price": "0.335", "flat": "10"}, {"up_to": 1000, "price": "0.2005"}, {"price": "0.0006"}]
SQL = {
    "flat": "180.005",
    "per_unit": "q * 0.335::decimal(4, 3)",
    "package": "ceil(q / 100) * 5",
    "graduated": """case when q > 0 then 10 else 0 end + least(q, 100) * 0.335::decimal(4, 3)
        + greatest(least(q, 1000) - 100, 0) * 0.2005::decimal(5, 4) + greatest(q - 1000, 0) * 0.0006::decimal(5, 4)""",
    "volume": """case when q = 0 then 0 when q <= 100 then q * 0.335::decimal(4, 3) + 10
        when q <= 1000 then q * 0.2005::decimal(5, 4) else q * 0.0006::decimal(5, 4) end""",
}
PRICINGS: dict[str, Document] = {
    "flat": {"model": "flat", "price": "180.005"},
    "per_unit": {"model": "per_unit", "price": "0.335"},
    "package": {"model": "package", "price": "5", "package_size": 100},
    "graduated": {"model": "graduated", "tiers": GRADUATED},
    "volume": {"model": "volume", "tiers": GRADUATED},
}


@pytest.mark.parametrize("model", sorted(SQL))
def test_models_are_those_of_sql_decimals(model: str) -> None:
    random = Random(5)  # noqa: S311 - no secrets
    amounts = [f"{random.randrange(0, 3_000_000) / 1000:.3f}" for _ in range(400)] + ["0", "100", "1000", "0.001"]
    rates = agreed_rates([agreement(*(rate(PRICINGS[model], sku=f"S{n}") for n in range(len(amounts))))])
    found = charges([used(quantity, sku=f"S{n}") for n, quantity in enumerate(amounts)], rates)
    ours = {row.sku: Decimal(int(row.amount_minor)).scaleb(-2) for row in rows_of(found)}
    with duckdb.connect() as connection:
        connection.execute("create table used (sku text, q decimal(12, 3))")
        connection.executemany("insert into used values (?, ?)", [(f"S{n}", q) for n, q in enumerate(amounts)])
        sql = f"select sku, round(({SQL[model]})::decimal(24, 9), 2) from used"  # noqa: S608 - our own text
        assert ours == dict(connection.execute(sql).fetchall())
