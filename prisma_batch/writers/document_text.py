"""A document as the text of its record, in the order and form in which ``fmt`` leaves it."""

from decimal import Decimal
from typing import Any

from prisma_batch.base.money import plain
from prisma_batch.records.documents import Document, Line
from prisma_batch.writers.yaml_text import Flow, yaml_text

SCHEMA = "../../schemas/invoices.schema.json"


def document_text(document: Document) -> str:
    """Return the YAML of an invoice, credit note or fee, to be kept at ``invoices/<account>/<number>.yaml``."""
    record = {
        "number": document.number,
        "kind": document.kind,
        "account": document.account,
        "issued_on": document.issued_on,
        "due_on": document.due_on,
        "currency": document.currency,
        "purchase_order": document.purchase_order,
        "payment_reference": document.payment_reference,
        "corrects": Flow(list(document.corrects)) if document.corrects else None,
        "reason": document.reason,
        "lines": [_line(line) for line in document.lines],
        "taxes": [Flow({"code": t.code, "rate": t.rate, "base": t.base, "amount": t.amount}) for t in document.taxes],
        "net": document.net,
        "tax": document.tax,
        "total": document.total,
    }
    return yaml_text(record, SCHEMA)


def _line(line: Line) -> dict[str, Any]:
    has_base = line.unit_price is not None and line.price_base_quantity != 1
    return {
        "line": line.line,
        "service_account": line.service_account,
        "program": line.program,
        "sku": line.sku,
        "description": line.description,
        "service_from": line.service_from,
        "service_to": line.service_to,
        "quantity": None if line.quantity is None else _quantity(line.quantity),
        "unit": line.unit,
        "unit_price": line.unit_price,
        "price_base_quantity": _quantity(line.price_base_quantity) if has_base else None,
        "discount_percent": line.discount_percent or None,
        "amount": line.amount,
        "tax": line.tax,
        "tax_rate": line.tax_rate,
        "corrects_invoice": line.corrects_invoice,
        "corrects_line": line.corrects_line,
    }


def _quantity(quantity: Decimal) -> int | Decimal:
    """Whole quantities are written as integers."""
    return int(quantity) if quantity == int(quantity) else Decimal(plain(quantity))
