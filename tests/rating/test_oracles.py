"""Random months, priced and matched a second and a third time: with Decimal, and with DuckDB's DECIMAL in SQL."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import duckdb
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas import DataFrame

from prisma_batch.rating.invariants import check_usage
from prisma_batch.rating.match import match_usage
from prisma_batch.records.table import rows_of
from tests.rating.tables import billed, invoice_lines, priced, rate, rates, scope, usage_rows, used

# A match takes a tenth of a second: shrinking an example would take minutes.
QUICK = settings(deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
CENT = Decimal("0.01")
ACCOUNTS, SKUS = ("ACME-001", "BETA-002"), {"A1": 11, "B2": 0, "C3": 2}
MONTHS = {"2026-09": (date(2026, 9, 1), date(2026, 9, 30)), "2026-10": (date(2026, 10, 1), date(2026, 10, 31))}
CHANGE = date(2026, 10, 16)

Key = tuple[str, str]
Unit = tuple[str, str, str]


@dataclass(frozen=True)
class Event:
    key: Key
    on: date
    quantity: Decimal


@dataclass(frozen=True)
class Agreed:
    """A price per key, and another one from 16 October on where it changes; no price: no rate."""

    price: Decimal | None
    later: Decimal | None

    def parts(self) -> Iterator[tuple[date, date, Decimal]]:
        if self.price is not None:
            yield date(2026, 1, 1), (CHANGE - timedelta(days=1) if self.later else date(2026, 12, 31)), self.price
            if self.later:
                yield CHANGE, date(2026, 12, 31), self.later


@dataclass(frozen=True)
class Billed:
    document: str
    line: int
    unit: Unit
    quantity: Decimal
    amount: Decimal
    price: Decimal | None


@dataclass(frozen=True)
class World:
    events: list[Event]
    agreed: dict[Key, Agreed]
    lines: list[Billed]


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


# The worlds: few keys, few quantities and few prices, so that equal, doubled and shifted things happen by themselves.


def quantities(sku: str) -> st.SearchStrategy[Decimal]:
    step = Decimal(1).scaleb(-SKUS[sku])
    return st.sampled_from([Decimal(3), Decimal(5), Decimal(3) + step, -step, Decimal(1000) * step, Decimal(0)])


PRICES = st.sampled_from([Decimal("1.00"), Decimal("0.335"), Decimal("7.005"), Decimal("123456.789")])
KEYS = st.tuples(st.sampled_from(ACCOUNTS), st.sampled_from(sorted(SKUS)))


@st.composite
def events(draw: st.DrawFn) -> Event:
    key = draw(KEYS)
    day = draw(st.sampled_from([date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 15), CHANGE, date(2026, 10, 31)]))
    return Event(key, day, draw(quantities(key[1])))


@st.composite
def lines(draw: st.DrawFn, used_units: list[tuple[Unit, Decimal, Decimal]], months: list[str]) -> tuple[Any, ...]:
    """A line that bills a used unit rightly, wrongly, under another month, or as a credit; or one out of the blue."""
    if used_units and draw(st.integers(0, 4)):
        (account, sku, month), quantity, amount = draw(st.sampled_from(used_units))
        quantity += draw(st.sampled_from([Decimal(0)] * 4 + [Decimal(1)]))
        amount += draw(st.sampled_from([Decimal(0)] * 4 + [CENT, -CENT, Decimal(1)]))
        month = draw(st.sampled_from([month] * 4 + months))
    else:
        (account, sku), month = draw(KEYS), draw(st.sampled_from(months))
        quantity, amount = Decimal(draw(st.integers(1, 3))), Decimal(draw(st.integers(0, 3)))
    sign = draw(st.sampled_from([1, 1, 1, 1, -1]))
    price = draw(st.none() | PRICES)
    return (account, sku, month), sign * quantity, sign * amount, price


@st.composite
def worlds(draw: st.DrawFn, months: list[str]) -> World:
    happened = [event for event in draw(st.lists(events(), max_size=10)) if month_of(event.on) in months]
    agreed = {
        (account, sku): Agreed(draw(st.none() | PRICES) if sku == "C3" else draw(PRICES), draw(st.none() | PRICES))
        for account in ACCOUNTS
        for sku in SKUS
    }
    expected = [(unit, quantity, amount) for unit, (quantity, amount, _) in expected_units(happened, agreed).items()]
    drawn = draw(st.lists(lines(expected, months), max_size=8))
    lines_in_a_document = draw(st.integers(1, 2))
    return World(
        happened,
        agreed,
        [
            Billed(f"INV-{index // lines_in_a_document}", index % lines_in_a_document + 1, *row)
            for index, row in enumerate(drawn)
        ],
    )


def tables(world: World) -> tuple[DataFrame, DataFrame, DataFrame]:
    usage = [used(str(event.quantity), str(event.on), account=event.key[0], sku=event.key[1]) for event in world.events]
    agreed = [
        rate(str(price), str(first), str(last), account=account, sku=sku)
        for (account, sku), terms in world.agreed.items()
        for first, last, price in terms.parts()
    ]
    rows = []
    for line in world.lines:
        account, sku, month = line.unit
        first, last = map(str, MONTHS[month])
        place = {"document": line.document, "account": account, "sku": sku, "service_from": first, "service_to": last}
        price = None if line.price is None else str(line.price)
        rows.append(billed(str(line.quantity), str(line.amount), price, line=line.line, **place))
    return usage_rows(*usage), rates(*agreed), invoice_lines(*rows)


# The second computation: Decimal, row by row, from the words of the contract.


def price_on(agreed: dict[Key, Agreed], key: Key, day: date) -> tuple[date, Decimal] | None:
    parts = agreed[key].parts()
    return next(((first, price) for first, last, price in parts if first <= day <= last), None)


def expected_charges(
    happened: list[Event], agreed: dict[Key, Agreed]
) -> dict[tuple[Unit, date | None], tuple[Decimal, Decimal | None]]:
    """Quantity and rounded amount per unit and rate."""
    totals: dict[tuple[Unit, date | None], Decimal] = defaultdict(Decimal)
    for event in happened:
        found = price_on(agreed, event.key, event.on)
        totals[(*event.key, month_of(event.on)), found[0] if found else None] += event.quantity
    charges = {}
    for (unit, since), quantity in totals.items():
        price = next((price for first, _, price in agreed[unit[:2]].parts() if first == since), None)
        charges[unit, since] = (quantity, None if price is None else cents(quantity * price))
    return charges


def expected_units(
    happened: list[Event], agreed: dict[Key, Agreed]
) -> dict[Unit, tuple[Decimal, Decimal, list[Decimal]]]:
    """Quantity, amount and prices of each unit that has rates."""
    units: dict[Unit, tuple[Decimal, Decimal, list[Decimal]]] = {}
    for (unit, since), (quantity, amount) in sorted(expected_charges(happened, agreed).items(), key=str):
        if amount is not None:
            so_far = units.get(unit, (Decimal(0), Decimal(0), []))
            price = next(price for first, _, price in agreed[unit[:2]].parts() if first == since)
            units[unit] = (so_far[0] + quantity, so_far[1] + amount, [*so_far[2], price])
    return units


Found = tuple[str, str, str, str, str, Decimal | None]


def without_refunded(lines: list[Billed]) -> list[Billed]:
    """Take out each credit with the first line, by document and line, that it is the mirror image of."""
    left = sorted(lines, key=lambda line: (line.document, line.line))
    for credit in [line for line in left if line.amount < 0]:
        mirrored = (credit.unit, -credit.quantity, -credit.amount)
        debit = next((line for line in left if (line.unit, line.quantity, line.amount) == mirrored), None)
        if debit:
            left = [line for line in left if line is not debit and line is not credit]
    return left


def without_repetitions(world: World, expected: dict[Unit, Any]) -> tuple[list[Billed], list[Found]]:
    """Take out lines that repeat earlier ones, where the unit was billed for at least as much too much."""
    ordered = without_refunded(world.lines)
    seen: Counter[Any] = Counter()
    repeated = []
    for line in ordered:
        if line.amount > 0:
            seen[line.unit, line.quantity, line.amount] += 1
            if seen[line.unit, line.quantity, line.amount] > 1:
                repeated.append(line)
    extra = []
    for unit in {line.unit for line in repeated}:
        repeats = [line for line in repeated if line.unit == unit]
        surplus = sum(line.amount for line in ordered if line.unit == unit) - expected.get(unit, (0, Decimal(0)))[1]
        if surplus >= sum(line.amount for line in repeats):
            extra += repeats
    whole = {line.document for line in extra} - {line.document for line in world.lines if line not in extra}
    found: Counter[Found] = Counter()
    for line in extra:
        account, sku, month = line.unit
        if line.document in whole:
            found["duplicate_invoice", account, "", month, line.document, None] += 1
        else:
            found["duplicate_line", account, sku, month, line.document, line.amount] += 1
    return [line for line in ordered if line not in extra], list(found)


def without_misplaced(
    expected: dict[Unit, Any], invoiced: dict[Unit, list[Billed]]
) -> tuple[list[Found], set[Unit], set[Unit]]:
    """Pair unbilled usage with unused lines of the same key and quantity, the earliest with the earliest."""
    unused = sorted(unit for unit in invoiced if unit not in expected)
    found, used_units, line_units = [], set(), set()
    for unit in sorted(unit for unit in expected if unit not in invoiced and expected[unit][1] != 0):
        for candidate in unused:
            same_key = candidate[:2] == unit[:2] and candidate not in line_units
            if same_key and sum(line.quantity for line in invoiced[candidate]) == expected[unit][0]:
                amount = sum((line.amount for line in invoiced[candidate]), Decimal(0))
                found.append(("wrong_service_period", *unit, "", amount - expected[unit][1]))
                used_units.add(unit)
                line_units.add(candidate)
                break
    return found, used_units, line_units


def differences_of(unit: Unit, expected: Any, billed_lines: list[Billed]) -> Iterator[Found]:
    quantity, amount, prices = expected
    invoiced = sum((line.amount for line in billed_lines), Decimal(0))
    billed_quantity = sum((line.quantity for line in billed_lines), Decimal(0))
    at_agreed = amount
    if billed_quantity != quantity:
        at_agreed = cents(billed_quantity * prices[0]) if len(prices) == 1 else invoiced
        yield ("quantity_mismatch", *unit, "", at_agreed - amount)
    if at_agreed != invoiced:
        tolerance = CENT * (len(billed_lines) + len(prices) - 1)
        named = [line.price for line in billed_lines if line.price is not None]
        same_price = named[-1:] in ([], prices[:1])
        rounded = same_price and abs(invoiced - at_agreed) <= tolerance
        yield ("rounding_difference" if rounded else "price_mismatch", *unit, "", invoiced - at_agreed)


def expected_discrepancies(world: World) -> Counter[Found]:
    charges = expected_charges(world.events, world.agreed)
    found: list[Found] = [
        ("no_agreed_rate", *unit, "", None) for (unit, _), (_, amount) in charges.items() if amount is None
    ]
    expected = expected_units(world.events, world.agreed)
    kept, repeated = without_repetitions(world, expected)
    invoiced: dict[Unit, list[Billed]] = defaultdict(list)
    for line in kept:
        invoiced[line.unit].append(line)
    misplaced, used_units, line_units = without_misplaced(expected, invoiced)
    found += [*repeated, *misplaced]
    for unit in expected.keys() | invoiced.keys():
        if unit in used_units or unit in line_units:
            continue
        amount = sum((line.amount for line in invoiced.get(unit, [])), Decimal(0))
        if unit not in invoiced:
            found += [("unbilled_usage", *unit, "", -expected[unit][1])] if expected[unit][1] else []
        elif unit not in expected:
            found += [("billed_without_usage", *unit, "", amount)] if amount else []
        else:
            found += differences_of(unit, expected[unit], invoiced[unit])
    return Counter(found)


def actual(found: Any) -> Counter[Found]:
    named = ("duplicate_line", "duplicate_invoice")
    return Counter(
        (
            *(item.kind, item.account, "" if item.kind == "duplicate_invoice" else item.sku, item.period),
            item.invoice if item.kind in named else "",
            None
            if item.difference_minor is None or item.kind == "duplicate_invoice"
            else Decimal(item.difference_minor).scaleb(-2),
        )
        for item in found
    )


@settings(QUICK, max_examples=25)
@given(worlds(["2026-09", "2026-10"]))
def test_charges_and_discrepancies_are_those_of_decimal_arithmetic(world: World) -> None:
    usage, agreed, invoiced = tables(world)
    charges = priced(usage, agreed)
    check_usage(usage, charges)
    amounts: dict[Unit, list[Any]] = defaultdict(list)
    for row in rows_of(charges):
        minor = None if row.price_scaled is None or str(row.amount_minor) == "<NA>" else int(row.amount_minor)
        amounts[row.account, row.sku, row.period].append((str(row.service_from.date()), minor))
    expected: dict[Unit, list[Any]] = defaultdict(list)
    for (unit, since), (_, amount) in expected_charges(world.events, world.agreed).items():
        first = max(since or MONTHS[unit[2]][0], MONTHS[unit[2]][0])
        expected[unit].append((str(first), None if amount is None else int(amount.scaleb(2))))
    assert {unit: sorted(rows) for unit, rows in amounts.items()} == {
        unit: sorted(rows) for unit, rows in expected.items()
    }
    found = match_usage(charges, invoiced, scope("2026-09", "2026-10", accounts=ACCOUNTS))
    assert actual(found) == expected_discrepancies(world)


# The third computation: SQL over DECIMAL, without duplicates and shifted months, which SQL says badly.

PRICED = """
    select account, sku, sum(amount) as amount, sum(quantity) as quantity, count(*) as rates, min(price) as price
    from (
        select u.account, u.sku, r.starts_on, any_value(r.price) as price, sum(u.quantity) as quantity,
               round(sum(u.quantity)::decimal(27, 11) * any_value(r.price)::decimal(11, 3), 2) as amount
        from used u join agreed r
          on u.account = r.account and u.sku = r.sku and u.on_day between r.starts_on and r.ends_on
        group by u.account, u.sku, r.starts_on
    ) group by account, sku
"""
COMPARED = f"""
    with priced as ({PRICED}),
    invoiced as (
        select account, sku, sum(amount) as amount, sum(quantity) as quantity from billed group by account, sku
    ),
    compared as (
        select account, sku, p.amount as expected, i.amount as invoiced, p.quantity as used, i.quantity as billed,
               case when p.quantity = i.quantity then p.amount
                    when p.rates > 1 then i.amount
                    else round(i.quantity::decimal(27, 11) * p.price::decimal(11, 3), 2) end as at_agreed
        from priced p full join invoiced i using (account, sku)
    )
    select 'unbilled_usage', account, sku, -expected from compared where invoiced is null and expected <> 0
    union all
    select 'billed_without_usage', account, sku, invoiced from compared where expected is null and invoiced <> 0
    union all
    select 'quantity_mismatch', account, sku, at_agreed - expected from compared where used <> billed
    union all
    select 'price', account, sku, invoiced - at_agreed from compared where invoiced <> at_agreed
"""  # noqa: S608 - no input in it


COLUMNS = {
    "used": "account text, sku text, on_day date, quantity decimal(27, 11)",
    "agreed": "account text, sku text, starts_on date, ends_on date, price decimal(11, 3)",
    "billed": "account text, sku text, quantity decimal(27, 11), amount decimal(18, 2)",
}


def in_duckdb(world: World) -> duckdb.DuckDBPyConnection:
    rows_by_table = {
        "used": [(*event.key, event.on, event.quantity) for event in world.events],
        "agreed": [(*key, *part) for key, terms in world.agreed.items() for part in terms.parts()],
        "billed": [(*line.unit[:2], line.quantity, line.amount) for line in world.lines],
    }
    connection = duckdb.connect()
    for table, rows in rows_by_table.items():
        connection.execute(f"create table {table} ({COLUMNS[table]})")
        if rows:
            places = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into {table} values ({places})", rows)  # noqa: S608 - our own names
    return connection


@settings(QUICK, max_examples=25)
@given(worlds(["2026-10"]))
def test_charges_and_discrepancies_are_those_of_sql(world: World) -> None:
    distinct = {(line.unit, abs(line.quantity), abs(line.amount)): line for line in world.lines}
    world = World(world.events, world.agreed, list(distinct.values()))
    usage, agreed, invoiced = tables(world)
    charges = priced(usage, agreed)
    with in_duckdb(world) as connection:
        sums = connection.execute(PRICED).fetchall()
        compared = connection.execute(COMPARED).fetchall()
    rated = charges[charges["amount_minor"].notna()].groupby(["account", "sku"])["amount_minor"].sum()
    assert {(account, sku): Decimal(amount) for account, sku, amount, *_ in sums} == {
        key: Decimal(int(minor)).scaleb(-2) for key, minor in rated.items()
    }
    found = match_usage(charges, invoiced, scope("2026-10", accounts=ACCOUNTS))
    price = {"price_mismatch": "price", "rounding_difference": "price"}
    assert Counter(tuple(row) for row in compared) == Counter(
        (price.get(item.kind, item.kind), item.account, item.sku, Decimal(item.difference_minor or 0).scaleb(-2))
        for item in found
        if item.kind != "no_agreed_rate"
    )
