"""Fees and interest: once a reminder that was sent, on what is still open, and never twice."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.receivables.debts import AccountDebts, Debt
from prisma_batch.receivables.late_fees import late_fees
from prisma_batch.records.documents import Document
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.policies import Dunning, DunningLevel

SENT_ON = date(2026, 11, 16)
LADDER = Dunning(
    levels=(
        DunningLevel(after_days=7),
        DunningLevel(after_days=21, name="Second reminder", fee={"EUR": Decimal(40)}, interest_percent=Decimal("9.5")),
    )
)


def row(level: int, state: Any = "sent") -> JournalRow:
    at = datetime.fromisoformat(f"{SENT_ON}T08:00:00+00:00")
    about = (f"INV-1={level}", "INV-2=1")
    return JournalRow(key=f"payment_reminder.ACME-001.{level}.INV-1", revision=1, state=state, at=at, about=about)


def document(number: str, kind: Any = "invoice", reason: str | None = None) -> Document:
    return Document(
        source="",
        number=number,
        kind=kind,
        account="ACME-001",
        issued_on=SENT_ON,
        due_on=SENT_ON,
        currency="EUR",
        reason=reason,
    )


def owed(*documents: str, days: int = 30) -> dict[str, AccountDebts]:
    due_on = SENT_ON - timedelta(days=days)
    debts = tuple(Debt(number, "EUR", 1000_00, 0, due_on, due_on, "", "") for number in documents)
    return {"ACME-001": AccountDebts(account="ACME-001", debts=debts)}


def proposed(
    sent: JournalRow, *documents: Document, debts: dict[str, AccountDebts] | None = None
) -> list[tuple[str, str]]:
    known = (document("INV-1"), document("INV-2"), *documents)
    found = late_fees([sent], owed("INV-1", "INV-2") if debts is None else debts, known, LADDER)
    return [(correction.line.description, str(correction.line.amount)) for correction in found]


def test_what_was_recalled_before_it_was_due_costs_nothing() -> None:
    recalled = replace(row(1), key="payment_reminder.ACME-001.0.2026-11-20.7", about=("INV-1=0",))
    assert proposed(recalled) == []


def test_a_fee_and_interest_for_what_reached_the_level() -> None:
    """1,000.00 at 9.5 % for 30 days: 1000 × 0.095 × 30 ÷ 365 = 7.808…"""
    assert proposed(row(2)) == [
        ("Fee: Second reminder of 2026-11-16", "40.00"),
        ("Interest on INV-1: 1000.00 EUR, 9.5 % a year for 30 days", "7.81"),
    ]


def test_what_a_plan_leaves_for_later_bears_no_interest() -> None:
    [debt] = owed("INV-1")["ACME-001"].debts
    on_plan = AccountDebts(account="ACME-001", debts=(debt._replace(plan="CASE-1#0"),))
    assert [amount for _, amount in proposed(row(2), debts={"ACME-001": on_plan})] == ["40.00"]


def test_what_was_paid_since_bears_no_interest() -> None:
    assert [amount for _, amount in proposed(row(2), debts={})] == ["40.00"]


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (row(1), None),
        (row(2, "unknown"), None),
        (row(2, "failed"), None),
        (row(2), "x (payment_reminder.ACME-001.2.INV-1)"),
    ],
)
def test_nothing_is_proposed(sent: JournalRow, reason: str | None) -> None:
    assert proposed(sent, document("FEE-1", "fee", reason)) == []
