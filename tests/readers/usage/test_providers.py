"""Exports of providers and declared layouts: real files to the last decimal, and small ones for each rule."""

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from prisma_batch.base.money import from_scaled
from prisma_batch.readers.usage.declared import unit_block
from prisma_batch.readers.usage.partner_center import microsoft_day
from prisma_batch.readers.usage.registry import read_usage
from prisma_batch.readers.usage.result import UsageInput, UsageNames
from prisma_batch.records.settings import UsageLayout

AWS = "cloud_exports/sample-anonymous-aws-export-dataset.csv"
OCI = "cloud_exports/reports_cost-csv_0000000030000269.csv"
AZURE = "cloud_exports/sample-anonymous-ea-export-dataset.csv"
AZURE_COLUMNS = {
    "account": "SubscriptionId",
    "sku": "MeterId",
    "usage_date": "Date",
    "quantity": "Quantity",
    "unit": "UnitOfMeasure",
}
LAYOUTS = {
    "oci": UsageLayout(
        columns={
            "account": "lineItem/tenantId",
            "sku": "cost/productSku",
            "usage_date": "lineItem/intervalUsageStart",
            "quantity": "usage/billedQuantity",
            "unit": "cost/skuUnitDescription",
        },
        fixed={"program": "Oracle Cloud"},
        date_format="%Y-%m-%dT%H:%MZ",
        quantity_scale=12,
    ),
    "azure": UsageLayout(
        columns=AZURE_COLUMNS, fixed={"program": "azure"}, date_format="%m/%d/%Y", quantity_scale=12, unit_blocks=True
    ),
}


@pytest.fixture
def shared(repository: Path) -> Callable[[str], bytes]:
    """Reads a file that lies beside the project."""

    def content(name: str) -> bytes:
        path = repository.parent / "shared" / "data" / name
        if not path.is_file():
            pytest.skip(f"../shared/data/{name} is not here")
        return path.read_bytes()

    return content


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def quantities(read: UsageInput) -> dict[tuple[str, ...], Decimal]:
    """Quantities of what was read, by account, SKU and unit."""
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in read.rows.itertuples():
        found[row.account, row.sku, row.unit] += from_scaled(row.quantity_scaled, row.quantity_scale)
    return found


def summed(pairs: Iterable[tuple[tuple[str, ...], Decimal]]) -> dict[tuple[str, ...], Decimal]:
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for key, quantity in pairs:
        found[key] += quantity
    return found


def test_the_real_aws_report(shared: Callable[[str], bytes]) -> None:
    content = shared(AWS)
    read, rows = read_usage("aws.csv", content, UsageNames()), rows_of(content)
    assert (read.findings, read.rows_read, len(read.rows)) == ([], 1281, 1281)
    assert quantities(read) == summed(
        (
            (
                row["lineItem/UsageAccountId"],
                row["product/sku"] or row["lineItem/UsageType"] or row["lineItem/LineItemType"],
                row["pricing/unit"],
            ),
            Decimal(row["lineItem/UsageAmount"]),
        )
        for row in rows
    )
    (cost,) = read.costs.itertuples()
    assert (cost.billing_account, cost.currency) == ("123412340534", "USD")
    assert from_scaled(cost.cost_scaled, cost.cost_scale) == sum(Decimal(row["lineItem/UnblendedCost"]) for row in rows)
    assert set(read.rows["program"]) == {"aws"}
    assert {str(day.date())[:7] for day in read.rows["usage_date"]} == {"2023-11"}


def test_the_real_oracle_report_by_a_declared_layout(shared: Callable[[str], bytes]) -> None:
    content = shared(OCI)
    read, rows = read_usage("oci.csv", content, UsageNames(layouts=LAYOUTS)), rows_of(content)
    assert (read.findings, read.rows_read, len(read.rows)) == ([], len(rows), 506)
    assert quantities(read) == summed(
        (
            (row["lineItem/tenantId"], row["cost/productSku"], row["cost/skuUnitDescription"]),
            Decimal(row["usage/billedQuantity"]),
        )
        for row in rows
    )
    assert set(read.rows["program"]) == {"oracle-cloud"}
    assert {day.date() for day in read.rows["usage_date"]} == {date(2023, 11, 13)}


@pytest.mark.parametrize(
    ("name", "count"),
    [(AZURE, 27), ("finops_toolkit/EA_ActualCost_Small.csv", 11), ("finops_toolkit/EA_AmortizedCost_Small.csv", 28)],
)
def test_real_azure_exports_by_a_declared_layout(shared: Callable[[str], bytes], name: str, count: int) -> None:
    content = shared(name)
    sizes = {"10K": (10_000, ""), "1K": (1000, "")}
    one = ("1 GB", "1 Hour", "1/Month", "1 GB/Month", "1/Day")
    sizes |= {unit: (1, unit.removeprefix("1").strip()) for unit in one}
    read = read_usage("azure.csv", content, UsageNames(layouts=LAYOUTS))
    assert (read.findings, read.rows_read, len(read.rows)) == ([], count, count)
    assert quantities(read) == summed(
        (
            (row["SubscriptionId"], row["MeterId"], sizes[row["UnitOfMeasure"]][1]),
            Decimal(row["Quantity"]) * sizes[row["UnitOfMeasure"]][0],
        )
        for row in rows_of(content)
    )
    assert {day.year for day in read.rows["usage_date"]} == {2023}


def test_block_sizes_are_those_of_the_toolkit(shared: Callable[[str], bytes]) -> None:
    rows = rows_of(shared("finops_toolkit/PricingUnits.csv"))
    assert len(rows) > 300
    wrong = [row for row in rows if unit_block(row["UnitOfMeasure"])[0] != int(row["PricingBlockSize"])]
    assert wrong == []


@pytest.mark.parametrize(
    ("unit", "size", "rest"),
    [
        ("10K", 10_000, ""),
        ("1000 /Month", 1000, "/Month"),
        ("1K/Day", 1000, "/Day"),
        ("1 Hour", 1, "Hour"),
        ("5 MB", 5, "MB"),
        ("5MB", 1, "5MB"),
        ("Hours", 1, "Hours"),
        ("0 Hours", 1, "0 Hours"),
        ("", 1, ""),
    ],
)
def test_units_with_block_sizes(unit: str, size: int, rest: str) -> None:
    assert unit_block(unit) == (size, rest)


def table(rows: list[dict[str, str]], delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


AWS_ROW = {
    "bill/BillingEntity": "AWS",
    "bill/PayerAccountId": "0001",
    "lineItem/CurrencyCode": "USD",
    "lineItem/LineItemType": "Usage",
    "lineItem/ProductCode": "AmazonS3",
    "lineItem/UnblendedCost": "1.8E-9",
    "lineItem/UsageAccountId": "0002",
    "lineItem/UsageAmount": "9.984E-7",
    "lineItem/UsageStartDate": "2026-10-01T23:00:00.000Z",
    "lineItem/UsageType": "Requests-Tier1",
    "pricing/unit": "Requests",
    "product/sku": "ABC",
}
ATHENA_ROW = {
    "bill_billing_entity": "AWS",
    "bill_payer_account_id": "0001",
    "line_item_currency_code": "USD",
    "line_item_line_item_type": "Usage",
    "line_item_product_code": "AmazonS3",
    "line_item_unblended_cost": "1.8E-9",
    "line_item_usage_account_id": "0002",
    "line_item_usage_amount": "9.984E-7",
    "line_item_usage_start_date": "2026-10-01T23:00:00.000Z",
    "line_item_usage_type": "Requests-Tier1",
    "pricing_unit": "Requests",
    "product_sku": "ABC",
}


@pytest.mark.parametrize("row", [AWS_ROW, ATHENA_ROW], ids=["report", "athena"])
def test_aws_rows_in_both_spellings(row: dict[str, str]) -> None:
    names = UsageNames(accounts={("aws-cur", "0002"): "ACME-001"}, programs={("aws-cur", "AmazonS3"): "storage"})
    read = read_usage("aws.csv", table([row]).encode(), names)
    assert read.findings == []
    (found,) = read.rows.to_dict("records")
    assert (found["account"], found["program"], found["sku"], found["unit"]) == (
        "ACME-001",
        "storage",
        "ABC",
        "Requests",
    )
    assert from_scaled(found["quantity_scaled"], found["quantity_scale"]) == Decimal("0.0000009984")
    assert read.costs[["cost_scaled", "cost_scale"]].to_numpy().tolist() == [[18, 10]]


def test_aws_amounts_in_binary_floats_are_refused() -> None:
    columns = {name: pa.array([value]) for name, value in ATHENA_ROW.items()} | {
        "line_item_usage_amount": pa.array([0.5])
    }
    buffer = io.BytesIO()
    parquet.write_table(pa.table(columns), buffer)
    assert [found.code for found in read_usage("a.parquet", buffer.getvalue(), UsageNames()).findings] == [
        "float-number"
    ]


NEW_COMMERCE = {
    "PartnerId": "P-1",
    "CustomerId": "C-1",
    "ProductId": "CFQ7",
    "SkuId": "0001",
    "ProductName": "Office",
    "PublisherName": "Microsoft Corporation",
    "ChargeType": "new",
    "UnitPrice": "20",
    "Quantity": "99",
    "Subtotal": "60.00",
    "Currency": "EUR",
    "ChargeStartDate": "10/3/2026",
    "BillableQuantity": "3",
    "UnitType": "Licenses",
}
DAILY = {
    "PartnerId": "P-1",
    "CustomerId": "C-1",
    "PublisherName": "Microsoft",
    "UsageDate": "2026-10-03T00:00:00Z",
    "MeterId": "M-1",
    "Unit": "1 Hour",
    "Quantity": "99",
    "BillableQuantity": "0.000012",
    "BillingPreTaxTotal": "0.04",
    "BillingCurrency": "EUR",
}


@pytest.mark.parametrize(
    ("row", "sku", "unit", "quantity", "cost"),
    [
        (NEW_COMMERCE, "CFQ7:0001", "Licenses", "3", [6 * 10, 0]),
        (DAILY, "M-1", "1 Hour", "0.000012", [4, 2]),
        ({name: value for name, value in DAILY.items() if name != "BillableQuantity"}, "M-1", "1 Hour", "99", [4, 2]),
    ],
    ids=["new commerce", "daily rated usage", "daily rated usage of one quantity"],
)
def test_partner_center_counts_what_is_billable(
    row: dict[str, str], sku: str, unit: str, quantity: str, cost: list[int]
) -> None:
    names = UsageNames(accounts={("partner-center", "C-1"): "ACME-001"})
    read = read_usage("pc.csv", table([row]).encode("utf-8-sig"), names)
    assert read.findings == []
    (found,) = read.rows.to_dict("records")
    assert (found["account"], found["sku"], found["unit"]) == ("ACME-001", sku, unit)
    assert from_scaled(found["quantity_scaled"], found["quantity_scale"]) == Decimal(quantity)
    assert found["usage_date"].date() == date(2026, 10, 3)
    assert read.costs[["cost_scaled", "cost_scale"]].to_numpy().tolist() == [cost]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (AWS_ROW, "bill/InvoiceId"),
        (ATHENA_ROW, "bill_invoice_id"),
        (NEW_COMMERCE, "InvoiceNumber"),
        (DAILY, "InvoiceNumber"),
    ],
    ids=["aws", "athena", "new commerce", "daily rated usage"],
)
def test_costs_name_the_invoice_where_the_file_does(row: dict[str, str], column: str) -> None:
    rows = [row | {column: "G-1"}, row | {column: ""}]
    assert read_usage("x.csv", table(rows).encode(), UsageNames()).costs["invoice"].tolist() == ["", "G-1"]
    assert read_usage("x.csv", table([row]).encode(), UsageNames()).costs["invoice"].tolist() == [""]


def test_new_commerce_without_billable_quantity_is_refused() -> None:
    row = {name: value for name, value in NEW_COMMERCE.items() if name != "BillableQuantity"}
    assert [found.code for found in read_usage("pc.csv", table([row]).encode(), UsageNames()).findings] == [
        "missing-column"
    ]


@pytest.mark.parametrize(
    "text", ["10/3/2026", "10/3/2026 0:00", "10/03/2026 12:00:00 AM", "2026-10-03", "2026-10-03T22:00:00Z"]
)
def test_days_of_partner_center(text: str) -> None:
    assert microsoft_day(text) == date(2026, 10, 3)


@pytest.mark.parametrize("text", ["13/3/2026", "2/30/2026", "3.10.2026", "10/3/26", ""])
def test_days_that_partner_center_does_not_write(text: str) -> None:
    assert microsoft_day(text) is None


GERMAN = UsageLayout(
    columns={"account": "Kunde", "sku": "Artikel", "usage_date": "Tag", "quantity": "Menge", "unit": "Einheit"},
    fixed={"program": "strom"},
    delimiter=";",
    encoding="windows-1252",
    date_format="%d.%m.%Y",
    decimal_mark=",",
    quantity_scale=2,
)
GERMAN_ROW = {
    "Kunde": "Müller",
    "Artikel": "0815",
    "Tag": "03.10.2026",
    "Menge": "-1,5",
    "Einheit": "m³",
    "Notiz": "a;b\nc",
}


def german(change: dict[str, str], encoding: str = "windows-1252", **layout: Any) -> UsageInput:
    declared = UsageLayout(
        **{name: getattr(GERMAN, name) for name in GERMAN.__slots__} | {"encoding": encoding} | layout
    )
    content = table([GERMAN_ROW | change], ";").encode(encoding)
    return read_usage("strom.csv", content, UsageNames(layouts={"stadtwerke": declared}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_a_declared_layout(encoding: str) -> None:
    read = german({}, encoding)
    assert read.findings == []
    (row,) = read.rows.to_dict("records")
    assert (row["account"], row["program"], row["sku"], row["unit"]) == ("Müller", "strom", "0815", "m³")
    assert (row["quantity_scaled"], row["quantity_scale"], row["usage_date"].date()) == (-150, 2, date(2026, 10, 3))


def test_a_layout_with_the_day_before_the_month_keeps_its_meaning() -> None:
    read = german({"Tag": "2026-10-03"}, date_format="%Y-%d-%m")
    assert read.rows["usage_date"].dt.date.tolist() == [date(2026, 3, 10)]


def test_external_ids_stand_under_the_name_of_the_layout() -> None:
    names = UsageNames(accounts={("stadtwerke", "Müller"): "ACME-001"}, layouts={"stadtwerke": GERMAN})
    read = read_usage("s.csv", table([GERMAN_ROW], ";").encode("windows-1252"), names)
    assert read.rows["account"].tolist() == ["ACME-001"]


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"Menge": "1.5"}, "not-a-number", 4),
        ({"Menge": "1.000,5"}, "not-a-number", 4),
        ({"Menge": "1,555"}, "quantity-too-fine", 4),
        ({"Menge": ""}, "empty-cell", 4),
        ({"Tag": "10/03/2026"}, "not-a-date", 3),
        ({"Tag": "31.02.2026"}, "not-a-date", 3),
        ({"Kunde": ""}, "empty-cell", 1),
    ],
)
def test_cells_that_a_layout_refuses(change: dict[str, str], code: str, column: int) -> None:
    assert [(found.code, found.line, found.column) for found in german(change).findings] == [(code, 2, column)]


def test_a_layout_has_to_say_where_account_and_program_are() -> None:
    assert [found.code for found in german({}, fixed={}).findings] == ["missing-column"]


def test_a_block_that_leaves_64_bits_is_refused() -> None:
    found = german({"Menge": "9000000000000", "Einheit": "1000000 /Monat"}, unit_blocks=True).findings
    assert [(finding.code, finding.line) for finding in found] == [("number-too-large", 2)]


def test_other_files_are_read_as_before() -> None:
    content = b"account,program,sku,usage_date,quantity,unit\nA,p,s,2026-10-01,1,h\n"
    assert read_usage("u.csv", content, UsageNames(layouts=LAYOUTS | {"strom": GERMAN})).rows["account"].tolist() == [
        "A"
    ]
