"""The coming invoice from usage so far; over the whole month it is what the run expects."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.recipes import OCTOBER, cells, contents, edit, prisma_batch, published, write

Found = dict[str, Any]


def estimated(workspace: Path, *arguments: str) -> Found:
    return dict(json.loads(published(workspace, "estimate", *arguments, "--format", "json")))


def lines(found: Found) -> Iterator[Found]:
    for section in found["sections"]:
        yield from section["lines"]


def line(found: Found, sku: str) -> Found:
    return next(line for line in lines(found) if line["sku"] == sku)


@pytest.mark.parametrize("account", ["DELTA-001", "DELTA-003", "DELTA-004", "COLL-001", "COLL-005", "NORD-201"])
def test_whole_month_is_what_was_rated(example: Path, account: str) -> None:
    found = estimated(example, account, "2026-10", "--as-of", "2026-11-15")
    rated = cells(example / OCTOBER / "rated_usage.csv", "account", "sku", "quantity", "amount", "currency")
    expected = {(sku, *rest) for name, sku, *rest in rated if name == account}
    told = {
        (item["sku"], item["quantity"], item["amount"], section["currency"])
        for section in found["sections"]
        for item in section["lines"]
        if item["amount"] is not None and item["basis"] != "nothing so far"
    }
    assert told == expected
    for section in found["sections"]:
        amounts = [Decimal(item["amount"]) for item in section["lines"] if item["amount"]]
        assert Decimal(section["net"]) == sum(amounts)
        assert Decimal(section["total"]) == Decimal(section["net"]) + Decimal(section["tax"])


def test_straight_line_to_the_end_of_the_month(example: Path) -> None:
    found = estimated(example, "DELTA-004", "2026-10", "--as-of", "2026-10-12")
    assert found["covered_until"] == {"aurora-cloud": "2026-10-12"}
    hours = line(found, "VCPU-HOUR")
    assert (hours["quantity"], hours["amount"]) == ("7482.831667", "308.29")  # 2,896.58 × 31 ÷ 12 = 7,482.831666…
    assert hours["basis"] == "in a straight line from 2896.58 hour on 12 of 31 days"
    assert (hours["last_quantity"], hours["last_amount"], hours["change"]) == ("7175.03", "295.61", "12.68")
    assert (found["last_period"], found["last_documents"]) == ("2026-09", ["INV-2026-0104"])
    # A corrected count of days: later usage is there, so that the month is over.
    assert line(estimated(example, "COLL-005", "2026-09"), "VCPU-HOUR")["basis"].startswith("used: the whole month")


def test_tax_and_invoices_of_tenants(example: Path) -> None:
    found = estimated(example, "DELTA-001", "2026-11")
    (section,) = found["sections"]
    assert (section["net"], section["tax"], section["total"]) == ("974.10", "204.56", "1178.66")
    assert {item["basis"] for item in section["lines"]} == {"as in 2026-10: nothing is on record yet"}
    accounts = {item["account"] for item in lines(estimated(example, "NORD-000", "2026-10"))}
    assert accounts == {"NORD-000", "NORD-101", "NORD-102"}
    assert estimated(example, "NORD-101", "2026-10")["billed_to"] == "NORD-000"


def test_what_another_quantity_would_cost(example: Path) -> None:
    found = estimated(example, "DELTA-001", "2026-10", "--set", "WIN-DC-2CORE=30")
    assert (line(found, "WIN-DC-2CORE")["amount"], line(found, "WIN-DC-2CORE")["basis"]) == ("703.50", "as asked for")
    (section,) = found["sections"]
    assert (section["net"], section["net_as_recorded"]) == ("1067.90", "974.10")
    assert found["set"] == {"WIN-DC-2CORE": "30"}
    by_program = estimated(example, "DELTA-001", "2026-10", "--set", "microsoft-spla/WIN-DC-2CORE=30")
    assert by_program["sections"] == found["sections"]


def test_tiers_minimums_and_subscriptions_follow_from_the_agreement(records: Path) -> None:
    tiers = '{model: volume, tiers: [{up_to: 30, price: "23.45"}, {price: "20.00"}]}'
    seats = """\
  - program: aurora-cloud
    sku: SEAT
    unit: seat
    starts_on: 2026-09-01
    basis: {subscription: {quantities: [{from: 2026-09-01, quantity: 3}]}}
    pricing: {model: per_unit, price: "31.00"}
  - program: microsoft-spla
    sku: SQL-STD-2CORE
"""
    agreement = records / "agreements/DELTA-001.yaml"
    edit(agreement, '{model: per_unit, price: "23.45"}', tiers)
    edit(agreement, "  - program: microsoft-spla\n    sku: SQL-STD-2CORE\n", seats)
    edit(agreement, '    pricing: {model: per_unit, price: "91.10"}', '    minimum_amount: "500.00"\n' + PER_CORE)
    wanted = ("--set", "WIN-DC-2CORE=31", "--set", "SEAT=5")
    found = estimated(records, "DELTA-001", "2026-10", *wanted)
    assert line(found, "WIN-DC-2CORE")["amount"] == "620.00"
    seat = line(found, "SEAT")
    assert (seat["quantity"], seat["amount"], seat["basis"]) == ("5", "155.00", "agreed, whatever is used")
    least = line(found, "SQL-STD-2CORE")
    assert (least["amount"], least["minimum"], least["quantity"]) == ("500.00", "135.60", "4")
    assert found["sections"][0]["net_as_recorded"] == "1202.70"  # 609.70 + 93.00 + 500.00


PER_CORE = '    pricing: {model: per_unit, price: "91.10"}'


def test_commitments_are_lines_of_their_own(records: Path) -> None:
    committed = 'commitments: [{id: c-1, programs: [microsoft-spla], amount: "3000.00", starts_on: 2026-09-01, '
    edit(records / "agreements/DELTA-001.yaml", "rates:\n", f"{committed}ends_on: 2026-10-31}}]\nrates:\n")
    item = line(estimated(records, "DELTA-001", "2026-10", "--as-of", "2026-11-15"), "c-1")
    assert (item["amount"], item["minimum"]) == ("1098.70", "1098.70")  # 3,000.00 − 927.20 in September − 974.10
    more = line(estimated(records, "DELTA-001", "2026-10", "--set", "WIN-DC-2CORE=36"), "c-1")
    assert more["amount"] == "864.20"  # 10 × 23.45 less is missing
    published(records, "run", "2026-10", "--tables-only")
    ids = cells(records / OCTOBER / "discrepancies.csv", "sku", "id")
    told = published(records, "explain", dict(ids)["c-1"])
    assert "+1098.70 EUR  what is missing to 3000 committed = 1098.70" in told
    assert "the agreed commitment  [agreements/DELTA-001.yaml:" in told


def test_a_month_without_an_exchange_rate_takes_the_last_one(records: Path) -> None:
    """609.70 USD at 0.9, the rate of September; October is not known yet."""
    agreement = records / "agreements/DELTA-001.yaml"
    edit(agreement, '    pricing: {model: per_unit, price: "23.45"}', IN_DOLLARS)
    write(records, {"agreements/fx/ecb.csv": "period,from,to,rate\n2026-08,USD,EUR,0.8\n2026-09,USD,EUR,0.9\n"})
    found = line(estimated(records, "DELTA-001", "2026-10"), "WIN-DC-2CORE")
    assert (found["amount"], found["formulas"]) == ("548.73", ["26 core-pack × 23.45 × 0.9 EUR/USD = 548.73"])
    assert found["basis"] == "as reported, at the exchange rate of 2026-09: that of 2026-10 is not known yet"
    september = line(estimated(records, "DELTA-001", "2026-09"), "WIN-DC-2CORE")
    assert (september["amount"], september["basis"]) == ("506.52", "as reported")  # 24 × 23.45 × 0.9
    published(records, "run", "2026-10", "--tables-only")
    discrepancies = cells(
        records / OCTOBER / "discrepancies.csv", "kind", "account", "expected_amount", "currency", "id"
    )
    [unknown] = [row for row in discrepancies if row[:2] == ("no_agreed_rate", "DELTA-001")]
    assert unknown[2:4] == ("609.70", "USD")
    told = published(records, "explain", unknown[4])
    assert "used, but no exchange rate into EUR is known for 2026-10:" in told
    assert "609.70 USD  26 core-pack × 23.45 = 609.70, 2026-10-01 to 2026-10-31:" in told
    assert "+26  as reported" in told


IN_DOLLARS = """\
    price_currency: USD
    fx: ecb
    pricing: {model: per_unit, price: "23.45"}"""


def test_nothing_is_written_and_later_records_do_not_count(workspace: Path) -> None:
    before = contents(workspace)
    early = estimated(workspace, "DELTA-001", "2026-10", "--as-of", "2026-10-20")
    assert line(early, "WIN-DC-2CORE")["basis"] == "as in 2026-09: nothing is on record yet"
    assert line(early, "WIN-DC-2CORE")["quantity"] == "24"
    assert contents(workspace) == before


def test_zero_reports_are_reports(example: Path) -> None:
    assert [item["sku"] for item in lines(estimated(example, "COLL-003", "2026-09"))] == []


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("DELTA-01", "2026-10"), 2, "did you mean DELTA-001"),
        (("DELTA-001", "2026-08"), 2, "the first period is 2026-09"),
        (("DELTA-001", "2026-10", "--set", "WIN=1"), 2, "WIN-DC-2CORE"),
        (("DELTA-001", "2026-10", "--set", "WIN-DC-2CORE"), 2, "SKU=QUANTITY"),
        (("DELTA-001", "2026-10", "--set", "WIN-DC-2CORE=-1"), 2, "SKU=QUANTITY"),
        (("DELTA-001", "2026-10", "--set", "WIN-DC-2CORE=1e3"), 2, "SKU=QUANTITY"),
        (("DELTA-001", "2026-10", "--set", "=1"), 2, "SKU=QUANTITY"),
        (("DELTA-001",), 2, "PERIOD"),
    ],
)
def test_wrong_usage(example: Path, arguments: tuple[str, ...], status: int, told: str) -> None:
    result = prisma_batch(example, "estimate", *arguments)
    assert (result.exit_code, result.stdout) == (status, "")
    assert told in result.stderr


def test_sku_of_two_tenants_must_be_told_apart(workspace: Path) -> None:
    edit(workspace / "agreements/NORD-102.yaml", "rates:\n", f"rates:\n{CORES}")
    result = prisma_batch(workspace, "estimate", "NORD-000", "2026-10", "--set", "WIN-DC-2CORE=1")
    assert result.exit_code == 2
    assert "NORD-101/microsoft-spla/WIN-DC-2CORE or NORD-102/microsoft-spla/WIN-DC-2CORE" in result.stderr


CORES = """\
  - program: microsoft-spla
    sku: WIN-DC-2CORE
    unit: core-pack
    starts_on: 2026-01-01
    pricing: {model: per_unit, price: "23.10"}
"""


def test_wrong_records_and_files_exit_1(workspace: Path, tmp_path: Path) -> None:
    (workspace / "usage/2026-10/broken.csv").write_text("account,program,sku\n", encoding="utf-8")
    result = prisma_batch(workspace, "estimate", "DELTA-001", "2026-10")
    assert (result.exit_code, "broken.csv" in result.stderr) == (1, True)
    assert prisma_batch(tmp_path, "estimate", "DELTA-001", "2026-10").exit_code == 2
