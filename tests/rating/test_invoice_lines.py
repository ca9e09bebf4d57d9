"""Invoice lines as a table, signed by what they add to the debt."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.rating.invoice_lines import invoice_lines
from prisma_batch.records.documents import Document, Line

LINE = Line(
    line=1,
    description="Windows Server Datacenter, per core pair",
    amount=Decimal("281.40"),
    tax="standard",
    program="microsoft-spla",
    sku="9EA-00039",
    service_from=date(2026, 10, 1),
    service_to=date(2026, 10, 31),
    quantity=Decimal(12),
    unit_price=Decimal("23.45"),
)
INVOICE = Document(
    source="invoices/ACME-001/INV-1.yaml",
    number="INV-1",
    kind="invoice",
    account="ACME-001",
    issued_on=date(2026, 11, 10),
    due_on=date(2026, 12, 10),
    currency="EUR",
    lines=(LINE,),
)


def row(document: Document) -> dict[str, Any]:
    [found] = invoice_lines([document]).to_dict("records")
    return {str(column): value for column, value in found.items()}


def test_a_line_of_an_invoice() -> None:
    found = row(INVOICE)
    assert (found["document"], found["line"], found["account"]) == ("INV-1", 1, "ACME-001")
    assert found["service_account"] == "ACME-001"
    assert (found["quantity_scaled"], found["quantity_scale"], found["amount_minor"]) == (12, 0, 28140)
    assert (found["price_scaled"], found["price_scale"]) == (2345, 2)
    assert (found["source"], found["pointer"]) == ("invoices/ACME-001/INV-1.yaml", "/lines/0")


@pytest.mark.parametrize("terms", [{"price_base_quantity": Decimal(1000)}, {"discount_percent": Decimal(5)}], ids=str)
def test_a_price_that_is_none_of_a_unit_is_left_out(terms: dict[str, Decimal]) -> None:
    found = invoice_lines([replace(INVOICE, lines=(replace(LINE, **terms),))])  # type: ignore[arg-type]
    assert found[["price_scaled", "price_scale"]].isna().all(axis=None)


def test_a_credit_note_counts_negative() -> None:
    found = row(replace(INVOICE, kind="credit_note", corrects=("INV-0",)))
    assert (found["quantity_scaled"], found["amount_minor"], found["corrects"]) == (-12, -28140, "INV-0")
    named = replace(LINE, corrects_invoice="INV-9")
    assert row(replace(INVOICE, kind="credit_note", corrects=("INV-0",), lines=(named,)))["corrects"] == "INV-9"


def test_a_refund_on_an_invoice_stays_negative() -> None:
    refund = replace(LINE, quantity=Decimal("-2.5"), amount=Decimal("-58.63"))
    found = row(replace(INVOICE, lines=(refund,)))
    assert (found["quantity_scaled"], found["quantity_scale"], found["amount_minor"]) == (-25, 1, -5863)


def test_the_service_account_is_whose_usage_it_was() -> None:
    found = row(replace(INVOICE, lines=(replace(LINE, service_account="TENANT-1"),)))
    assert (found["account"], found["service_account"]) == ("ACME-001", "TENANT-1")


@pytest.mark.parametrize("kind", ["invoice", "credit_note"])
def test_lines_without_a_program_are_left_out(kind: Any) -> None:
    goodwill = Line(line=2, description="Goodwill", amount=Decimal(10), tax="zero")
    assert len(invoice_lines([replace(INVOICE, kind=kind, lines=(LINE, goodwill))])) == 1
    assert invoice_lines([replace(INVOICE, kind=kind, lines=(goodwill,))]).empty


def test_a_fee_bills_no_usage() -> None:
    assert invoice_lines([replace(INVOICE, kind="fee")]).empty


def test_a_lump_sum_has_no_price() -> None:
    table = invoice_lines([replace(INVOICE, lines=(replace(LINE, unit_price=None, quantity=None),))])
    assert table["quantity_scaled"].tolist() == [0]
    assert table[["price_scaled", "price_scale"]].isna().to_numpy().all()


UNDATED = replace(LINE, service_from=None, service_to=None)
OTHER_MONTH = {"service_from": date(2026, 9, 1), "service_to": date(2026, 9, 30)}


@pytest.mark.parametrize(
    ("lines", "credited", "service_to"),
    [
        ((LINE,), UNDATED, date(2026, 10, 31)),
        ((replace(LINE, sku="B2"), replace(LINE, line=2, **OTHER_MONTH)), UNDATED, date(2026, 9, 30)),
        ((LINE, replace(LINE, line=2, **OTHER_MONTH)), replace(UNDATED, corrects_line=2), date(2026, 9, 30)),
        ((replace(LINE, sku="B2"),), UNDATED, date(2026, 12, 31)),
        ((LINE,), replace(UNDATED, **OTHER_MONTH), date(2026, 9, 30)),
    ],
    ids=["of the same SKU", "not of another SKU", "of the line it names", "the month of issue", "its own"],
)
def test_a_credit_takes_the_dates_of_what_it_corrects(
    lines: tuple[Line, ...], credited: Line, service_to: date
) -> None:
    invoice = replace(INVOICE, lines=lines)
    note = replace(
        INVOICE, number="CN-1", kind="credit_note", corrects=("INV-1",), issued_on=date(2026, 12, 5), lines=(credited,)
    )
    assert row_of(note, invoice) == service_to


def row_of(note: Document, invoice: Document) -> Any:
    table = invoice_lines([invoice, note])
    return table.loc[table["document"].eq("CN-1"), "service_to"].dt.date.item()


def test_a_credit_counts_where_the_line_that_it_names_counts() -> None:
    """The credit says another SKU, month and tenant, or nothing at all: it takes back line 2."""
    tenant = replace(LINE, line=2, service_account="TENANT-1", **OTHER_MONTH)
    invoice = replace(INVOICE, lines=(LINE, tenant))
    bare = Line(line=1, description="…", amount=Decimal(1), tax="zero", corrects_invoice="INV-1", corrects_line=2)
    for credited in (bare, replace(LINE, corrects_invoice="INV-1", corrects_line=2, sku="B2")):
        note = replace(INVOICE, number="CN-1", kind="credit_note", corrects=("INV-1",), lines=(credited,))
        table = invoice_lines([invoice, note])
        [found] = table[table["document"].eq("CN-1")].to_dict("records")
        place = ("service_account", "program", "sku", "corrects", "corrects_line")
        assert [found[name] for name in place] == ["TENANT-1", "microsoft-spla", "9EA-00039", "INV-1", 2]
        assert (found["service_from"].date(), found["service_to"].date()) == tuple(OTHER_MONTH.values())


def test_a_credit_of_a_line_that_is_not_there_counts_by_itself() -> None:
    note = replace(
        INVOICE, kind="credit_note", lines=(replace(LINE, corrects_invoice="INV-1", corrects_line=9, sku="B2"),)
    )
    assert row(note)["sku"] == "B2"
