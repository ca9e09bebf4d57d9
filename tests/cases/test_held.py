"""Reasons to hold reminders, and other terms of payment, on the days on which they are in force."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.cases.granted import extensions, payment_plans
from prisma_batch.cases.held import holds
from prisma_batch.records.cases import Case, Dispute, Installment, Interaction, Outcome
from prisma_batch.records.documents import Document

OPENED = datetime.fromisoformat("2026-11-05T09:00:00+01:00")
RESOLVED = datetime.fromisoformat("2026-11-12T09:00:00+01:00")


def outcome(kind: str, **fields: Any) -> Outcome:
    return Outcome(kind=kind, on=date(2026, 11, 10), **fields)


def entry(at: datetime, status: str) -> Interaction:
    return Interaction(at=at, channel="email", direction="in", by="customer", summary="…", status=status)


def case(kind: str = "other", last: str = "resolved", **fields: Any) -> Case:
    """A case of 5 November; its log ends on the 12th with a status."""
    log = (entry(OPENED, "closed" if last == "closed" else "open"), entry(RESOLVED, last))
    about: dict[str, Any] = {"source": "", "id": "CASE-1", "account": "ACME-001", "channel": "email", "subject": "…"}
    return Case(**about, kind=kind, opened_at=OPENED, status=last, interactions=log, **fields)


def held(inquiry: Case, day: int) -> list[tuple[str, str]]:
    table = holds([inquiry], date(2026, 11, day))
    return list(zip(table["document"], table["kind"], strict=True))


UNTIL = {"hold": "until", "promise": "by"}


@pytest.mark.parametrize(
    ("kind", "fields", "document", "name"),
    [
        ("hold", {"reason": "talks"}, "", "hold"),
        ("promise", {"amount": Decimal(5)}, "INV-1", "promise"),
    ],
)
@pytest.mark.parametrize(("day", "in_force"), [(9, False), (10, True), (20, True), (21, False)])
def test_what_was_granted_holds_to_its_last_day(
    kind: str, fields: dict[str, Any], document: str, name: str, day: int, *, in_force: bool
) -> None:
    granted = outcome(kind, **fields, **{UNTIL[kind]: date(2026, 11, 20)})
    inquiry = case(documents=("INV-1",), outcome=(granted,), last="closed")
    assert held(inquiry, day) == ([(document, name)] if in_force else [])


@pytest.mark.parametrize(
    ("kind", "documents"), [("other", []), ("payment_issue", ["INV-1"]), ("payment_assistance", [""])]
)
@pytest.mark.parametrize(("day", "is_open"), [(4, False), (5, True), (11, True), (12, False)])
def test_an_open_inquiry_holds_what_it_is_about(kind: str, documents: list[str], day: int, *, is_open: bool) -> None:
    inquiry = case(kind, documents=("INV-1",) if kind == "payment_issue" else ())
    assert held(inquiry, day) == ([(document, "case") for document in documents] if is_open else [])


def test_a_dispute_holds_its_amount_and_not_the_document() -> None:
    assert held(case(disputes=(Dispute(invoice="INV-1", amount=Decimal(1)),)), 11) == []


def test_extensions_and_plans() -> None:
    installments = (Installment(due_on=date(2026, 12, 15), amount=Decimal("1.5")),)
    granted = (
        outcome("extension", document="INV-1", due_on=date(2026, 12, 31)),
        outcome("payment_plan", invoices=("INV-1", "INV-9"), installments=installments),
        outcome("payment_plan", invoices=("INV-9",), installments=installments),
    )
    day = date(2026, 10, 1)
    document = Document(
        source="", number="INV-1", kind="invoice", account="ACME-001", issued_on=day, due_on=day, currency="EUR"
    )
    [extended] = extensions([case(outcome=granted)]).to_dict("records")
    assert (extended["document"], extended["due_on"].date(), extended["case"]) == (
        "INV-1",
        date(2026, 12, 31),
        "CASE-1",
    )
    plans, dues = payment_plans([case(outcome=granted)], {"INV-1": document})
    assert plans[["plan", "document"]].to_numpy().tolist() == [["CASE-1#1", "INV-1"]]
    assert dues[["plan", "number", "amount_minor"]].to_numpy().tolist() == [["CASE-1#1", 1, 150]]
