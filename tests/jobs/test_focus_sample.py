"""A real export end to end: drafted, validated, run, and compared with figures computed here from the file itself.

Source: FinOps Foundation, FOCUS 1.0 sample data (anonymised); it lies beside the project and is not part of it.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.jobs.init_from_focus import start_from_focus
from prisma_batch.jobs.run import RunOptions, run
from prisma_batch.jobs.validate import validate

SAMPLE = Path(__file__).parents[3] / "shared" / "data" / "focus_1.0" / "focus_sample.csv"
COSTS_USD = {"18.0066386184", "0.53707392473", "1.97651418586"}
PERIOD = Period(2024, 9)

pytestmark = pytest.mark.skipif(not SAMPLE.is_file(), reason="the sample export ../shared/data/focus_1.0 is not here")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace drafted from the sample, its only month run."""
    folder = tmp_path_factory.mktemp("sample") / "workspace"
    start_from_focus(folder, SAMPLE, "billing@acme.example")
    run(folder, PERIOD, RunOptions(), lambda _: None)
    return folder


def sample_rows() -> Iterator[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield {column: "" if value == "NULL" else value for column, value in row.items()}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def expected_mismatches() -> set[tuple[str, str, str, str]]:
    """Sub-account, SKU price, agreed and billed amount where the contracted price does not explain the cost."""
    rows_by_pair = defaultdict(list)
    for row in sample_rows():
        if row["ChargeCategory"] == "Usage" and row["ContractedUnitPrice"] and Decimal(row["ContractedUnitPrice"]):
            rows_by_pair[row["SubAccountId"], row["SkuPriceId"] or row["SkuId"]].append(row)
    found = set()
    for (sub_account, sku), rows in rows_by_pair.items():
        (price,) = {Decimal(row["ContractedUnitPrice"]) for row in rows}
        agreed = cents(price * sum(Decimal(row["PricingQuantity"] or "0") for row in rows))
        billed = cents(sum((Decimal(row["BilledCost"]) for row in rows), Decimal(0)))
        if agreed != billed:
            found.add((sub_account, sku, str(agreed), str(billed)))
    return found


def test_draft_is_valid(workspace: Path) -> None:
    validation = validate(workspace, (), PERIOD.last_day)
    assert [finding.code for finding in validation.findings] == []
    assert validation.files_checked == 1 + 3 * 73


def test_price_mismatches_are_those_of_the_file(workspace: Path) -> None:
    with (workspace / "reports" / "2024-09" / "discrepancies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["kind"] for row in rows} == {"price_mismatch"}
    found = {(row["account"], row["sku"], row["expected_amount"], row["invoiced_amount"]) for row in rows}
    # The sub-accounts in question have ids that can be account ids as they are.
    assert len(found) == 4
    assert found == expected_mismatches()


def test_source_costs_are_exact(workspace: Path) -> None:
    summary = json.loads((workspace / "reports" / "2024-09" / "summary.json").read_bytes())
    assert {(cost["cost"], cost["currency"]) for cost in summary["source_costs"]} == {
        (cost, "USD") for cost in COSTS_USD
    }
    billed: dict[str, Decimal] = defaultdict(Decimal)
    for row in sample_rows():
        billed[row["BillingAccountId"]] += Decimal(row["BilledCost"])
    assert {f"{cost.normalize():f}" for cost in billed.values()} == COSTS_USD
