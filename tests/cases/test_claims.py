"""What cases change in the receivables, on the days on which they do."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.cases.claims import disputes, refunds, status_on, write_offs
from prisma_batch.records.cases import Case, Dispute, Interaction, Outcome
from prisma_batch.records.documents import Document


def document(number: str, currency: str = "EUR", account: str = "ACME-001") -> Document:
    day = date(2026, 10, 1)
    place = f"invoices/{account}/{number}.yaml"
    return Document(
        source=place, number=number, kind="invoice", account=account, issued_on=day, due_on=day, currency=currency
    )


DOCUMENTS = {item.number: item for item in (document("INV-1"), document("INV-2", "JPY", "BETA-002"))}


def logged(at: str, status: str | None) -> Interaction:
    return Interaction(
        at=datetime.fromisoformat(at), channel="email", direction="in", by="customer", summary="…", status=status
    )


def case(**fields: Any) -> Case:
    given: dict[str, Any] = {
        "source": "cases/ACME-001/CASE-1.yaml",
        "id": "CASE-1",
        "account": "ACME-001",
        "kind": "invoice_discrepancy",
        "opened_at": datetime.fromisoformat("2026-11-05T09:00:00+01:00"),
        "channel": "email",
        "subject": "Overcharged",
        "status": "open",
        "disputes": (Dispute(invoice="INV-1", amount=Decimal("56.75")),),
    }
    return Case(**given | fields)


HISTORY = (
    logged("2026-11-05T09:00:00+01:00", "open"),
    logged("2026-11-08T09:00:00+01:00", None),
    logged("2026-11-10T23:59:59+01:00", "resolved"),
    logged("2026-11-12T00:00:00+01:00", "open"),
    logged("2026-11-14T09:00:00+01:00", "closed"),
)


@pytest.mark.parametrize(
    ("day", "status"),
    [(4, ""), (5, "open"), (9, "open"), (10, "resolved"), (11, "resolved"), (12, "open"), (13, "open"), (14, "closed")],
)
def test_status_at_the_end_of_a_day(day: int, status: str) -> None:
    inquiry = case(interactions=HISTORY, status="closed")
    assert status_on(inquiry, date(2026, 11, day)) == status
    expected = 5675 if status == "open" else 0
    assert disputes([inquiry], DOCUMENTS, date(2026, 11, day))["amount_minor"].sum() == expected


def test_a_case_without_a_log_is_open() -> None:
    assert status_on(case(), date(2026, 11, 5)) == "open"


@pytest.mark.parametrize("status", ["open", "waiting_customer", "escalated"])
def test_every_open_state_disputes(status: str) -> None:
    inquiry = case(interactions=(logged("2026-11-05T09:00:00+01:00", status),))
    table = disputes([inquiry], DOCUMENTS, date(2026, 11, 15))
    assert table.to_numpy().tolist() == [["INV-1", 5675, "CASE-1"]]


def test_disputes_are_in_the_currency_of_their_document() -> None:
    disputed = (
        Dispute(invoice="INV-2", amount=Decimal(500)),
        Dispute(invoice="INV-1", amount=Decimal(5), line=1),
        Dispute(invoice="INV-9", amount=Decimal(1)),
    )
    table = disputes([case(disputes=disputed)], DOCUMENTS, date(2026, 11, 15))
    assert table[["document", "amount_minor"]].to_numpy().tolist() == [["INV-2", 500], ["INV-1", 500]]


def outcome(kind: str, on: int = 10, **fields: Any) -> Outcome:
    return Outcome(kind=kind, on=date(2026, 11, on), approved_by="finance@issuer.example", **fields)


def test_write_offs_and_refunds_name_document_day_and_place() -> None:
    granted = (
        outcome("declined"),
        outcome("write_off", document="INV-1", amount=Decimal("56.75"), reason="goodwill"),
        outcome("refund", 11, document="INV-2", amount=Decimal(500)),
        outcome("refund", 12, document="INV-9", amount=Decimal(1)),
    )
    inquiry = case(outcome=granted)
    [written_off] = write_offs([inquiry], DOCUMENTS).to_dict("records")
    assert str(written_off.pop("on").date()) == "2026-11-10"
    assert written_off == {
        "document": "INV-1",
        "account": "ACME-001",
        "kind": "write_off",
        "amount_minor": 5675,
        "currency": "EUR",
        "approved_by": "finance@issuer.example",
        "source": "cases/ACME-001/CASE-1.yaml",
        "pointer": "/outcome/1",
    }
    [refund] = refunds([inquiry], DOCUMENTS).to_dict("records")
    assert (refund["document"], refund["amount_minor"], refund["on"].date()) == ("INV-2", 500, date(2026, 11, 11))
    assert (refund["account"], refund["case"]) == ("ACME-001", "CASE-1")


def test_no_cases() -> None:
    assert disputes([], DOCUMENTS, date(2026, 11, 15)).empty
    assert write_offs([], DOCUMENTS).empty
    assert refunds([], DOCUMENTS).empty
