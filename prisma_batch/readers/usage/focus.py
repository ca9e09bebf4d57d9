"""FOCUS 1.0 to 1.2: a provider's own export, with what was used and what it cost.

Source: FinOps Open Cost and Usage Specification 1.2 (columns); ``NULL`` and an empty cell both mean null.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import INT64_MAX, QUANTITY_SCALE_MAX, from_scaled, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.readers.csv_text import Refusal, delimiter_finding, delimiter_split, header_findings
from prisma_batch.readers.usage.containers import CellKind, Cells, Container, cells, opened, translated
from prisma_batch.readers.usage.exact import (
    EMPTY,
    TOO_LARGE,
    days,
    decimals,
    exact_sums,
    is_empty,
    scaled,
    significant_scale,
    utc_day,
)
from prisma_batch.readers.usage.result import UsageInput, UsageNames, refused_usage
from prisma_batch.records.tables import SOURCE_COSTS, USAGE_ROWS

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
OPTIONAL: dict[str, CellKind] = dict.fromkeys(("PricingUnit", "SkuId", "SkuPriceId", "SubAccountId"), "text")
DRAFT_ONLY: dict[str, CellKind] = {
    **dict.fromkeys(("ChargeCategory", "ChargeDescription", "SubAccountName"), "text"),
    "ContractedUnitPrice": "number",
}

_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_NOT_A_CURRENCY = Refusal("not-a-currency", "not a currency code", "write the three letters of ISO 4217")


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


def read(container: Container, names: UsageNames) -> UsageInput:
    """Read quantities per sub-account and SKU, and the exact cost per billing account; one finding refuses the file.

    Returns:
        USAGE_ROWS in the order of the file at the first of ``QUANTITY_SCALES`` that holds every quantity exactly;
        SOURCE_COSTS over all rows.
    """
    table, findings = _checked_cells(container, REQUIRED | OPTIONAL)
    if table is None:
        return refused_usage(findings)
    rows, costs = _rows(container.source, table, names), _costs(container.source, table)
    findings = table.found.all()
    if findings:
        return refused_usage(findings, table.rows_read)
    return UsageInput(rows=rows, costs=costs, findings=[], rows_read=table.rows_read)


def read_charges(source: str, content: bytes) -> tuple[list[FocusCharge], list[Finding]]:
    """Read each row with its prices, for drafting agreements; nothing is returned where there are findings."""
    container = opened(source, content)
    if isinstance(container, Finding):
        return [], [container]
    if not sniff(container.columns):
        split = delimiter_split(container.columns)
        not_focus = Refusal("unknown-format", "not a FOCUS export", "export the file as FOCUS 1.0 to 1.2")
        return [], [delimiter_finding(source, split[0]) if split else not_focus.finding(source)]
    table, findings = _checked_cells(container, REQUIRED | OPTIONAL | DRAFT_ONLY)
    if table is None:
        return [], findings
    charges = _charges(table)
    findings = table.found.all()
    return ([] if findings else charges), findings


def _checked_cells(container: Container, wanted: dict[str, CellKind]) -> tuple[Cells | None, list[Finding]]:
    findings = header_findings(container.source, container.columns, REQUIRED, None)
    if findings:
        return None, findings
    table = cells(container, wanted)
    if not table.arrays:
        return None, table.found.all()
    table = Cells(
        arrays={column: _without_nulls(array) for column, array in table.arrays.items()},
        row_numbers=table.row_numbers,
        found=table.found,
        rows_read=table.rows_read,
    )
    for column in ("BillingAccountId", "BillingCurrency", "ProviderName"):
        table.refuse(column, is_empty(table, column), EMPTY)
    return table, []


def _without_nulls(array: Any) -> Any:
    return pc.if_else(pc.equal(array, "NULL"), "", array) if pa.types.is_large_string(array.type) else array


def _first_of(table: Cells, *columns: str) -> Any:
    chosen = table.text(columns[-1])
    for column in reversed(columns[:-1]):
        text = table.text(column)
        chosen = pc.if_else(pc.equal(text, ""), chosen, text)
    return chosen


def _sku(table: Cells) -> Any:
    sku = _first_of(table, "SkuPriceId", "SkuId")
    return pc.if_else(pc.equal(sku, ""), UNKNOWN_SKU, sku)


def _account_id(names: UsageNames, external: str) -> str:
    return names.accounts.get((SYSTEM, external), external)


def _program_id(names: UsageNames, provider: str) -> str:
    return names.programs.get((SYSTEM, provider)) or _NOT_IN_SLUG.sub("-", provider.lower()).strip("-")


def _rows(source: str, table: Cells, names: UsageNames) -> pd.DataFrame:
    numbers = decimals(table, "PricingQuantity", empty_is_zero=True)
    scale = significant_scale(numbers, QUANTITY_SCALES)
    account = translated(_first_of(table, "SubAccountId", "BillingAccountId"), partial(_account_id, names))
    frame = pd.DataFrame(
        {
            "account": account.to_pandas(),
            "program": table.mapped("ProviderName", partial(_program_id, names)).to_pandas(),
            "sku": _sku(table).to_pandas(),
            "unit": table.text("PricingUnit").to_pandas(),
        }
    ).assign(
        usage_date=days(table, "ChargePeriodStart", utc_day),
        quantity_scaled=scaled(table, "PricingQuantity", numbers, scale),
        quantity_scale=scale,
        source=source,
        row=table.row_numbers,
    )
    return USAGE_ROWS.conform(frame)


def _costs(source: str, table: Cells) -> pd.DataFrame:
    numbers = decimals(table, "BilledCost")
    _check_currencies(table)
    groups = pd.DataFrame(
        {
            "billing_account": table.text("BillingAccountId").to_pandas(),
            "currency": table.text("BillingCurrency").to_pandas(),
        }
    )
    codes = groups.groupby(list(groups), dropna=False, sort=True).ngroup().to_numpy().astype(np.int64)
    keys = groups.assign(code=codes).drop_duplicates("code").sort_values("code")
    totals = [to_scaled(_at_cost_scale(total)) for total in exact_sums(numbers, codes, len(keys))]
    if any(abs(total) > INT64_MAX for total, _ in totals):
        table.found.refuse("BilledCost", [1], TOO_LARGE)
        return SOURCE_COSTS.of([])
    billed = zip(keys["billing_account"], keys["currency"], totals, strict=True)
    return SOURCE_COSTS.of((source, account, currency, *total) for account, currency, total in billed)


def _at_cost_scale(total: int) -> Decimal:
    return from_scaled(total, QUANTITY_SCALE_MAX)


def _check_currencies(table: Cells) -> None:
    judged = table.mapped("BillingCurrency", lambda code: "" if not code or _CURRENCY.fullmatch(code) else "wrong")
    table.refuse("BillingCurrency", np.array(judged.to_numpy(zero_copy_only=False) == "wrong"), _NOT_A_CURRENCY)


def _charges(table: Cells) -> list[FocusCharge]:
    _check_currencies(table)
    columns = {
        "sub_account": _first_of(table, "SubAccountId", "BillingAccountId").to_pylist(),
        "sub_account_name": table.text("SubAccountName").to_pylist(),
        "sku": _sku(table).to_pylist(),
        "billed_cost": _plain(decimals(table, "BilledCost")),
        "contracted_unit_price": _prices(table),
        "pricing_quantity": _plain(decimals(table, "PricingQuantity", empty_is_zero=True)),
        "pricing_unit": table.text("PricingUnit").to_pylist(),
        "currency": table.text("BillingCurrency").to_pylist(),
        "provider": table.text("ProviderName").to_pylist(),
        "charge_category": table.text("ChargeCategory").to_pylist(),
        "description": table.text("ChargeDescription").to_pylist(),
        "charge_month": _months(table),
    }
    return [FocusCharge(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _months(table: Cells) -> list[Period | None]:
    starts = days(table, "ChargePeriodStart", utc_day).astype("datetime64[D]").tolist()
    return [Period.of(day) if day else None for day in starts]


def _prices(table: Cells) -> list[Decimal | None]:
    cells_as_read = table.text("ContractedUnitPrice").to_pylist()
    prices = _plain(decimals(table, "ContractedUnitPrice", empty_is_zero=True))
    return [None if cell in (None, "") else price for cell, price in zip(cells_as_read, prices, strict=True)]


def _plain(numbers: Any) -> list[Decimal]:
    return [from_scaled(*to_scaled(number)) for number in numbers.to_pylist()]
