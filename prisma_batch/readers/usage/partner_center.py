"""Microsoft Partner Center: new-commerce reconciliation files and daily rated usage.

Source: Microsoft, Partner Center documentation (fields of both files): what is charged is ``BillableQuantity``, never
``Quantity``; daily rated usage may have no other column than the latter, which then is what was used on the day.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import partial

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import QUANTITY_SCALE_MAX
from prisma_batch.readers.csv_text import header_findings
from prisma_batch.readers.usage.cells import CellKind, Cells, first_of, joined
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

SYSTEM = "partner-center"
QUANTITY_SCALES = (6, 11, QUANTITY_SCALE_MAX)
_AMERICAN_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})( [0-9]{1,2}:[0-9]{2}(:[0-9]{2})?( [AP]M)?)?")


def microsoft_day(text: str) -> date | None:
    """Read ``10/3/2020``, month first, with or without a time, or an ISO date; None for anything else."""
    matched = _AMERICAN_DAY.fullmatch(text)
    if not matched:
        return utc_day(text)
    month, day, year = (int(part) for part in matched.groups()[:3])
    try:
        return date(year, month, day)
    except ValueError:
        return None


def quantity_column(columns: Sequence[str]) -> str:
    """Return the column that is charged."""
    return "Quantity" if "BillableQuantity" not in columns else "BillableQuantity"


def read_rows(cells: Cells, names: UsageNames, columns: dict[str, str]) -> UsageColumns:
    """Read rows of either file.

    Args:
        columns: the file's columns for ``day``, ``quantity``, ``unit``, ``cost`` and ``currency``; those of ``skus``,
            separated by blanks, are joined.
    """
    cells = cells.with_numbers((columns["quantity"], columns["cost"]), without_exponents)
    for name in ("CustomerId", "PartnerId", columns["currency"]):
        cells.refuse_empty(name, EMPTY)
    numbers = decimals(cells, columns["quantity"])
    scale = significant_scale(numbers, QUANTITY_SCALES)
    publisher = first_of(cells.text("PublisherName"), cells.text("ProductName"))
    return UsageColumns(
        account=cells.translated("account", cells.text("CustomerId"), partial(names.account, SYSTEM)),
        program=cells.translated("program", publisher, partial(program_id, names, SYSTEM)),
        sku=joined(":", *map(cells.text, columns["skus"].split())),
        unit=cells.text(columns["unit"]),
        day=days(cells, columns["day"], microsoft_day),
        quantity_scaled=scaled(cells, columns["quantity"], numbers, scale),
        scale=scale,
        costs=costs_by(
            cells,
            columns["cost"],
            cells.text("PartnerId"),
            cells.text("InvoiceNumber"),
            (columns["currency"], cells.text(columns["currency"])),
        ),
    )


class NewCommerce:
    """The reconciliation file of an invoice: a row a licence, reservation or usage charge."""

    required: dict[str, CellKind] = {  # noqa: RUF012 - never changed
        **dict.fromkeys(("PartnerId", "CustomerId", "ProductId", "SkuId", "ChargeType", "Currency"), "text"),
        "ChargeStartDate": "day",
        **dict.fromkeys(("BillableQuantity", "Subtotal"), "number"),
    }
    optional: dict[str, CellKind] = dict.fromkeys(("InvoiceNumber", "PublisherName", "ProductName", "UnitType"), "text")

    def sniff(self, columns: Sequence[str]) -> bool:
        """Recognise the file by what no other one has together."""
        return {"CustomerId", "ChargeStartDate", "Subtotal", "SkuId"} <= set(columns) and "UsageDate" not in columns

    def wanted(self, _columns: Sequence[str]) -> dict[str, CellKind]:
        """Return the columns to read."""
        return self.required | self.optional

    def refused_header(self, source: str, columns: Sequence[str], *, has_bom: bool) -> list[Finding]:  # noqa: ARG002 - may have one
        """Return what is wrong with the header; other columns are allowed."""
        return header_findings(source, columns, self.required, None)

    def read(self, cells: Cells, names: UsageNames) -> UsageColumns:
        """Read charges: quantities by product and SKU on the first day of what is charged."""
        columns = {"day": "ChargeStartDate", "quantity": "BillableQuantity", "unit": "UnitType", "cost": "Subtotal"}
        return read_rows(cells, names, {**columns, "currency": "Currency", "skus": "ProductId SkuId"})


class DailyRatedUsage:
    """What was used on each day, by meter."""

    required: dict[str, CellKind] = {  # noqa: RUF012 - never changed
        **dict.fromkeys(("PartnerId", "CustomerId", "MeterId", "BillingCurrency"), "text"),
        "UsageDate": "day",
        "BillingPreTaxTotal": "number",
    }
    optional: dict[str, CellKind] = dict.fromkeys(("InvoiceNumber", "PublisherName", "ProductName", "Unit"), "text")

    def sniff(self, columns: Sequence[str]) -> bool:
        """Recognise the file by what no other one has together."""
        return {"CustomerId", "UsageDate", "MeterId", "BillingPreTaxTotal"} <= set(columns)

    def wanted(self, columns: Sequence[str]) -> dict[str, CellKind]:
        """Return the columns to read."""
        return {**self.required, **self.optional, quantity_column(columns): "number"}

    def refused_header(self, source: str, columns: Sequence[str], *, has_bom: bool) -> list[Finding]:  # noqa: ARG002 - may have one
        """Return what is wrong with the header; other columns are allowed."""
        return header_findings(source, columns, [*self.required, quantity_column(columns)], None)

    def read(self, cells: Cells, names: UsageNames) -> UsageColumns:
        """Read what was used, by meter."""
        columns = {"day": "UsageDate", "quantity": quantity_column(tuple(cells.arrays)), "unit": "Unit"}
        costs = {"cost": "BillingPreTaxTotal", "currency": "BillingCurrency"}
        return read_rows(cells, names, {**columns, **costs, "skus": "MeterId"})
