"""FOCUS exports: a real one to the last decimal, and small ones for each rule."""

import csv
import io
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from prisma_batch.base.money import from_scaled
from prisma_batch.base.periods import Period
from prisma_batch.readers.usage.focus_charges import read_charges
from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageInput, UsageNames

ROW = {
    "BilledCost": "1.25",
    "BillingAccountId": "B-1",
    "BillingCurrency": "USD",
    "ChargePeriodStart": "2026-10-01T22:00:00Z",
    "ContractedUnitPrice": "0.50",
    "PricingQuantity": "2.5",
    "PricingUnit": "Hours",
    "ProviderName": "Example Cloud, Inc.",
    "SkuId": "S-1",
    "SkuPriceId": "P-1",
    "SubAccountId": "0123",
    "SubAccountName": "NULL",
    "x_Extra": "anything",
}


def _focus(*changes: dict[str, str]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ROW, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ROW | change for change in changes)
    return text.getvalue().encode()


def _read(*changes: dict[str, str]) -> UsageInput:
    return read_usage("x.csv", _focus(*changes), UsageNames())


@pytest.fixture
def sample(repository: Path) -> bytes:
    path = repository.parent / "shared" / "data" / "focus_1.0" / "focus_sample.csv"
    if not path.is_file():
        pytest.skip("../shared/data/focus_1.0 is not here")
    return path.read_bytes()


def test_the_real_sample_to_the_last_decimal(sample: bytes) -> None:
    read = read_usage("focus.csv", sample, UsageNames())
    assert (read.findings, read.rows_read, len(read.rows)) == ([], 1000, 1000)
    costs = {row.billing_account: from_scaled(row.cost_scaled, row.cost_scale) for row in read.costs.itertuples()}
    assert costs == {
        "1234567890123": Decimal("18.0066386184"),
        "20209880": Decimal("0.53707392473"),
        "/providers/Microsoft.Billing/billingAccounts/8611537": Decimal("1.97651418586"),
    }
    assert set(read.costs["currency"]) == {"USD"}
    assert set(read.rows["quantity_scale"]) == {11}
    assert sorted(set(read.rows["program"])) == ["aws", "microsoft", "oracle"]


def test_quantities_of_the_real_sample_equal_another_way_of_adding(sample: bytes) -> None:
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in csv.DictReader(io.StringIO(sample.decode())):
        sku = next(sku for sku in (row["SkuPriceId"], row["SkuId"]) if sku not in ("", "NULL"))
        expected[row["SubAccountId"], sku] += Decimal(row["PricingQuantity"])
    rows = read_usage("focus.csv", sample, UsageNames()).rows
    sums = rows.groupby(["account", "sku"])["quantity_scaled"].sum()
    assert {key: from_scaled(int(total), 11) for key, total in sums.items()} == expected


def test_a_row() -> None:
    row = _read({}).rows.to_dict("records")[0]
    assert (row["account"], row["program"], row["sku"], row["unit"]) == ("0123", "example-cloud-inc", "P-1", "Hours")
    assert (row["quantity_scaled"], row["quantity_scale"], row["row"]) == (2_500_000, 6, 2)
    assert str(row["usage_date"].date()) == "2026-10-01"


@pytest.mark.parametrize("null", ["", "NULL"])
def test_nulls(null: str) -> None:
    read = _read(
        {"PricingQuantity": null, "SkuPriceId": null}, {"SubAccountId": null, "SkuPriceId": null, "SkuId": null}
    )
    assert read.rows["quantity_scaled"].tolist() == [0, 2_500_000]
    assert read.rows["sku"].tolist() == ["S-1", "unknown"]
    assert read.rows["account"].tolist() == ["0123", "B-1"]


def test_names_are_translated_and_unknown_ones_kept() -> None:
    names = UsageNames(accounts={("focus", "0123"): "ACME-001"}, programs={("focus", "Example Cloud, Inc."): "azure"})
    rows = read_usage("x", _focus({}, {"SubAccountId": "9", "ProviderName": "Other"}), names).rows
    assert rows["account"].tolist() == ["ACME-001", "9"]
    assert rows["program"].tolist() == ["azure", "other"]


def test_costs_are_added_by_billing_account_and_currency() -> None:
    costs = _read(
        {"BilledCost": "0.000000000001"},
        {"BilledCost": "-9000000.5", "BillingCurrency": "EUR"},
        {"BilledCost": "1"},
        {"BilledCost": "3", "BillingAccountId": "A"},
        {"BilledCost": "12345678901234.5", "BillingAccountId": "Z"},
        {"BilledCost": "-12345678901234.25", "BillingAccountId": "Z"},
    ).costs
    assert costs.drop(columns="source").to_numpy().tolist() == [
        ["A", "", "USD", 3, 0],
        ["B-1", "", "EUR", -90000005, 1],
        ["B-1", "", "USD", 1000000000001, 12],
        ["Z", "", "USD", 25, 2],
    ]


def test_costs_are_added_by_invoice_where_the_file_has_it() -> None:
    """FOCUS 1.2 knows the invoice, once there is one."""
    numbers = ("INV-1", "INV-2", "NULL", "INV-1", "")
    rows = [
        ROW | {"InvoiceId": number, "BillingAccountId": account, "BilledCost": "0.1", "BillingCurrency": currency}
        for number in numbers
        for account in ("A", "B")
        for currency in ("EUR", "USD")
    ]
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    costs = read_usage("x.csv", text.getvalue().encode(), UsageNames()).costs
    assert costs.drop(columns="source").to_numpy().tolist() == [
        [account, number, currency, tenths, 1]
        for account in ("A", "B")
        for number, tenths in (("", 2), ("INV-1", 2), ("INV-2", 1))
        for currency in ("EUR", "USD")
    ]


@pytest.mark.parametrize(
    ("quantity", "scale", "scaled"),
    [
        ("0.00000000001", 11, 1),
        ("0.000000000001", 12, 1),
        ("-1.000000000000000", 6, -(10**6)),
        ("1500000000", 6, 1_500_000_000_000_000),
    ],
)
def test_the_scale_is_the_first_that_holds_every_quantity(quantity: str, scale: int, scaled: int) -> None:
    row = _read({"PricingQuantity": quantity}).rows.iloc[0]
    assert (row["quantity_scale"], row["quantity_scaled"]) == (scale, scaled)


@pytest.mark.parametrize(
    "start",
    [
        "2026-10-01 22:00:00",
        "2026-10-01T22:00:00Z",
        "2026-10-01T22:00:00.000Z",
        "2026-10-01",
        "2026-10-01T22:00:00+00:00",
    ],
)
def test_forms_of_the_charge_period(start: str) -> None:
    assert str(_read({"ChargePeriodStart": start}).rows["usage_date"].iloc[0].date()) == "2026-10-01"


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"ChargePeriodStart": "2026-10-01T22:00:00+02:00"}, "not-a-date", 4),
        ({"ChargePeriodStart": "2026-10-01T25:00:00Z"}, "not-a-date", 4),
        ({"ChargePeriodStart": "10/1/26"}, "not-a-date", 4),
        ({"ChargePeriodStart": "NULL"}, "not-a-date", 4),
        ({"BilledCost": "NULL"}, "empty-cell", 1),
        ({"BilledCost": "1e-7"}, "not-a-number", 1),
        ({"BilledCost": "0.0000000000001"}, "quantity-too-fine", 1),
        ({"PricingQuantity": "0.0000000000001"}, "quantity-too-fine", 6),
        ({"PricingQuantity": "99999999999999"}, "number-too-large", 6),
        ({"BillingAccountId": ""}, "empty-cell", 2),
        ({"BillingCurrency": ""}, "empty-cell", 3),
        ({"BillingCurrency": "usd"}, "not-a-currency", 3),
        ({"BillingCurrency": "XYZ"}, "not-a-currency", 3),
        ({"ProviderName": "NULL"}, "empty-cell", 8),
    ],
)
def test_cells_that_are_refused(change: dict[str, str], code: str, column: int) -> None:
    read = _read({}, change)
    assert [(found.code, found.line, found.column) for found in read.findings] == [(code, 3, column)]
    assert read.rows.empty
    assert read.costs.empty


def test_a_cost_that_leaves_64_bits_is_refused() -> None:
    assert [found.code for found in _read({"BilledCost": "9999999999999.000000000001"}).findings] == [
        "number-too-large"
    ]


def test_a_byte_order_mark_is_accepted() -> None:
    read = read_usage("x", b"\xef\xbb\xbf" + _focus({}), UsageNames())
    assert (read.findings, read.costs["cost_scaled"].tolist()) == ([], [125])


def test_missing_columns_are_named() -> None:
    findings = read_usage("x", b"BilledCost,ChargePeriodStart\n", UsageNames()).findings
    assert {found.code for found in findings} == {"missing-column"}
    assert len(findings) == 4


def test_parquet() -> None:
    columns = {name: pa.array([value]) for name, value in ROW.items()} | {
        "BilledCost": pa.array([Decimal("0.00000001")], pa.decimal128(38, 12)),
        "PricingQuantity": pa.array([None], pa.decimal128(20, 10)),
        "ChargePeriodStart": pa.array([1790892000000], pa.timestamp("ms", tz="UTC")),
        "Tags": pa.array([[("a", "b")]], pa.map_(pa.string(), pa.string())),
    }
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    read = read_usage("x.parquet", buffer.getvalue(), UsageNames())
    assert read.findings == []
    assert read.costs[["cost_scaled", "cost_scale"]].to_numpy().tolist() == [[1, 8]]
    assert read.rows["quantity_scaled"].tolist() == [0]
    assert str(read.rows["usage_date"].iloc[0].date()) == "2026-10-01"
    columns["BilledCost"] = pa.array([0.1])
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    refused = read_usage("x.parquet", buffer.getvalue(), UsageNames()).findings
    assert [(found.code, found.column) for found in refused] == [("float-number", 1)]


def test_charges_for_drafts() -> None:
    charges, findings = read_charges("x", _focus({}, {"ContractedUnitPrice": "NULL", "PricingQuantity": "NULL"}))
    assert findings == []
    first, second = charges
    assert (first.sub_account, first.sub_account_name, first.sku, first.provider) == (
        "0123",
        "",
        "P-1",
        "Example Cloud, Inc.",
    )
    assert (first.billed_cost, first.contracted_unit_price, first.pricing_quantity) == (
        Decimal("1.25"),
        Decimal("0.5"),
        Decimal("2.5"),
    )
    assert (first.currency, first.pricing_unit, first.charge_category) == ("USD", "Hours", "")
    assert first.charge_month == Period(2026, 10)
    assert (second.contracted_unit_price, second.pricing_quantity) == (None, Decimal(0))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"account,sku\n", "unknown-format"),
        (b"", "empty-file"),
        (b"BilledCost;ChargePeriodStart\n", "wrong-delimiter"),
        (_focus({"ContractedUnitPrice": "x"}), "not-a-number"),
        (_focus({"ChargePeriodStart": "x"}), "not-a-date"),
    ],
)
def test_charges_that_are_refused(content: bytes, code: str) -> None:
    charges, findings = read_charges("x", content)
    assert (charges, [found.code for found in findings]) == ([], [code])
