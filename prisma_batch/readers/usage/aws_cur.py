"""AWS Cost and Usage Reports, with the column names of the CSV files (``lineItem/UsageAmount``) or those of Athena.

Source: AWS, Data Exports user guide (columns of the legacy report and of CUR 2.0). Amounts may have exponents.
"""

import re
from collections.abc import Sequence
from functools import partial

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.rating.kernel.chunks import Coded
from prisma_batch.readers.csv_text import header_findings
from prisma_batch.readers.usage.cells import CellKind, Cells, first_of
from prisma_batch.readers.usage.costs import costs_by
from prisma_batch.readers.usage.exact import (
    EMPTY,
    days,
    decimals,
    scaled,
    significant_scale,
    utc_day,
    without_exponents,
)
from prisma_batch.readers.usage.result import UsageColumns, UsageNames, program_id

SYSTEM = "aws-cur"
QUANTITY_SCALES = (6, 11, QUANTITY_SCALE_MAX)
REQUIRED: dict[str, CellKind] = {
    "bill/BillingEntity": "text",
    "bill/PayerAccountId": "text",
    "lineItem/CurrencyCode": "text",
    "lineItem/LineItemType": "text",
    "lineItem/ProductCode": "text",
    "lineItem/UnblendedCost": "number",
    "lineItem/UsageAccountId": "text",
    "lineItem/UsageAmount": "number",
    "lineItem/UsageStartDate": "day",
    "lineItem/UsageType": "text",
}
OPTIONAL: dict[str, CellKind] = {"bill/InvoiceId": "text", "pricing/unit": "text", "product/sku": "text"}

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def sniff(columns: Sequence[str]) -> bool:
    """Recognise the report by two columns that no other layout has, in either spelling."""
    return all(name in columns or _athena(name) in columns for name in ("lineItem/UsageAmount", "lineItem/UsageType"))


def wanted(columns: Sequence[str]) -> dict[str, CellKind]:
    """Return the columns to read, as this file spells them."""
    return {_spelt(name, columns): kind for name, kind in (REQUIRED | OPTIONAL).items()}


def refused_header(source: str, columns: Sequence[str], *, has_bom: bool) -> list[Finding]:  # noqa: ARG001 - may have one
    """Return what is wrong with the header; other columns are allowed."""
    return header_findings(source, columns, [_spelt(name, columns) for name in REQUIRED], None)


def read(cells: Cells, names: UsageNames) -> UsageColumns:
    """Read usage per account and SKU, and the exact unblended cost per paying account and invoice.

    A row without a SKU of its own (tax, fees) is known by its usage type, else by its kind.
    """
    spelt = {name: _spelt(name, tuple(cells.arrays)) for name in REQUIRED | OPTIONAL}
    cells = cells.with_numbers((spelt["lineItem/UsageAmount"], spelt["lineItem/UnblendedCost"]), without_exponents)
    for name in ("bill/PayerAccountId", "lineItem/UsageAccountId", "lineItem/LineItemType", "lineItem/CurrencyCode"):
        cells.refuse_empty(spelt[name], EMPTY)
    text = {name: cells.text(column) for name, column in spelt.items() if (REQUIRED | OPTIONAL)[name] == "text"}
    quantity = spelt["lineItem/UsageAmount"]
    numbers = decimals(cells, quantity)
    scale = significant_scale(numbers, QUANTITY_SCALES)
    currency = (spelt["lineItem/CurrencyCode"], text["lineItem/CurrencyCode"])
    return UsageColumns(
        account=cells.translated("account", text["lineItem/UsageAccountId"], partial(names.account, SYSTEM)),
        program=_program(cells, names, text["lineItem/ProductCode"], text["bill/BillingEntity"]),
        sku=first_of(text["product/sku"], text["lineItem/UsageType"], text["lineItem/LineItemType"]),
        unit=text["pricing/unit"],
        day=days(cells, spelt["lineItem/UsageStartDate"], utc_day),
        quantity_scaled=scaled(cells, quantity, numbers, scale),
        scale=scale,
        costs=costs_by(
            cells, spelt["lineItem/UnblendedCost"], text["bill/PayerAccountId"], text["bill/InvoiceId"], currency
        ),
    )


def _program(cells: Cells, names: UsageNames, product: Coded, entity: Coded) -> Coded:
    """Return the program that names the product, else the one that names who bills it."""
    by_product = cells.translated("product", product, lambda code: names.programs.get((SYSTEM, code), ""))
    return first_of(by_product, cells.translated("entity", entity, partial(program_id, names, SYSTEM)))


def _spelt(name: str, columns: Sequence[str]) -> str:
    return name if name in columns or _athena(name) not in columns else _athena(name)


def _athena(name: str) -> str:
    return _WORD.sub("_", name).replace("/", "_").lower()
