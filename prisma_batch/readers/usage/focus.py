"""FOCUS 1.0 to 1.2: a provider's own export, with what was used and what it cost.

Source: FinOps Open Cost and Usage Specification 1.2 (columns); ``NULL`` and an empty cell both mean null.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import QUANTITY_SCALE_MAX, from_scaled, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.rating.kernel.chunks import Coded
from prisma_batch.readers.csv_text import header_findings
from prisma_batch.readers.usage.cells import CellKind, Cells, constant, first_of, texts
from prisma_batch.readers.usage.costs import costs_by
from prisma_batch.readers.usage.exact import EMPTY, days, decimals, scaled, significant_scale, utc_day
from prisma_batch.readers.usage.result import UsageColumns, UsageNames, program_id

SYSTEM = "focus"
# The coarser the scale, the larger the quantities that fit into 64 bits.
QUANTITY_SCALES = (6, 11, QUANTITY_SCALE_MAX)
UNKNOWN_SKU = "unknown"
REQUIRED: dict[str, CellKind] = {
    "BilledCost": "number",
    "BillingAccountId": "text",
    "BillingCurrency": "text",
    "ChargePeriodStart": "day",
    "PricingQuantity": "number",
    "ProviderName": "text",
}
OPTIONAL: dict[str, CellKind] = dict.fromkeys(
    ("InvoiceId", "PricingUnit", "SkuId", "SkuPriceId", "SubAccountId"), "text"
)
DRAFT_ONLY: dict[str, CellKind] = {
    **dict.fromkeys(("ChargeCategory", "ChargeDescription", "SubAccountName"), "text"),
    "ContractedUnitPrice": "number",
}

_NULL = "NULL"


@dataclass(frozen=True, kw_only=True, slots=True)
class FocusCharge:
    """One row of the export, for drafts of agreements; ``contracted_unit_price`` is None where the row has none."""

    sub_account: str
    sub_account_name: str
    sku: str
    billed_cost: Decimal
    contracted_unit_price: Decimal | None
    pricing_quantity: Decimal
    pricing_unit: str
    currency: str
    provider: str
    charge_category: str
    description: str
    charge_month: Period


def sniff(columns: Sequence[str]) -> bool:
    """Recognise FOCUS by two columns that no other layout has."""
    return {"BilledCost", "ChargePeriodStart"} <= set(columns)


def wanted(_columns: Sequence[str]) -> dict[str, CellKind]:
    """Return the columns to read."""
    return REQUIRED | OPTIONAL


def refused_header(source: str, columns: Sequence[str], *, has_bom: bool) -> list[Finding]:  # noqa: ARG001 - may have one
    """Return what is wrong with the header; other columns are allowed."""
    return header_findings(source, columns, REQUIRED, None)


def read(cells: Cells, names: UsageNames) -> UsageColumns:
    """Read quantities per sub-account and SKU, and the exact cost per billing account and invoice.

    Quantities are at the first of ``QUANTITY_SCALES`` that holds every one of the block exactly.
    """
    cells = _checked(cells)
    numbers = decimals(cells, "PricingQuantity", empty_is_zero=True)
    scale = significant_scale(numbers, QUANTITY_SCALES)
    account = first_of(cells.text("SubAccountId"), cells.text("BillingAccountId"))
    return UsageColumns(
        account=cells.translated("account", account, partial(names.account, SYSTEM)),
        program=cells.translated("program", cells.text("ProviderName"), partial(program_id, names, SYSTEM)),
        sku=_sku(cells),
        unit=cells.text("PricingUnit"),
        day=days(cells, "ChargePeriodStart", utc_day),
        quantity_scaled=scaled(cells, "PricingQuantity", numbers, scale),
        scale=scale,
        costs=costs_by(
            cells,
            "BilledCost",
            cells.text("BillingAccountId"),
            cells.text("InvoiceId"),
            ("BillingCurrency", cells.text("BillingCurrency")),
        ),
    )


def charges(cells: Cells) -> list[FocusCharge]:
    """Read each row of a block with its prices, for drafting agreements."""
    cells = _checked(cells)
    columns = {
        "sub_account": texts(first_of(cells.text("SubAccountId"), cells.text("BillingAccountId"))),
        "sub_account_name": texts(cells.text("SubAccountName")),
        "sku": texts(_sku(cells)),
        "billed_cost": _plain(decimals(cells, "BilledCost")),
        "contracted_unit_price": _prices(cells),
        "pricing_quantity": _plain(decimals(cells, "PricingQuantity", empty_is_zero=True)),
        "pricing_unit": texts(cells.text("PricingUnit")),
        "currency": texts(cells.text("BillingCurrency")),
        "provider": texts(cells.text("ProviderName")),
        "charge_category": texts(cells.text("ChargeCategory")),
        "description": texts(cells.text("ChargeDescription")),
        "charge_month": _months(cells),
    }
    return [FocusCharge(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _checked(cells: Cells) -> Cells:
    cells = cells.with_null(_NULL)
    for column in ("BillingAccountId", "BillingCurrency", "ProviderName"):
        cells.refuse_empty(column, EMPTY)
    return cells


def _sku(cells: Cells) -> Coded:
    return first_of(cells.text("SkuPriceId"), cells.text("SkuId"), constant(UNKNOWN_SKU, cells.rows))


def _months(cells: Cells) -> list[Period]:
    day = days(cells, "ChargePeriodStart", utc_day)
    periods = [Period.of(value) for value in day.distinct.astype("datetime64[D]").tolist()]
    return [periods[code] for code in day.codes.tolist()]


def _prices(cells: Cells) -> list[Decimal | None]:
    cells_as_read = cells.number("ContractedUnitPrice").to_pylist()
    prices = _plain(decimals(cells, "ContractedUnitPrice", empty_is_zero=True))
    return [None if cell in (None, "") else price for cell, price in zip(cells_as_read, prices, strict=True)]


def _plain(numbers: Any) -> list[Decimal]:
    return [from_scaled(*to_scaled(number)) for number in numbers.to_pylist()]
