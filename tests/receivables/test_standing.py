"""The status of an account: every state, its reasons, the days on which it changes, and what a payment would do."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.receivables.debts import AccountDebts, BrokenPlan, Debt, Hold
from prisma_batch.receivables.standing import (
    Standing,
    StandingRules,
    Subject,
    standing,
    standing_if_paid,
    suspension_on,
)
from prisma_batch.records.policies import Suspension

DAY = date(2026, 11, 15)
RULES = StandingRules(
    grace_days=5, suspension=Suspension(after_days=60, warning_days=(14, 3), minimum_amount={"EUR": Decimal(100)})
)

NO_LEAST = StandingRules(grace_days=5, suspension=Suspension(after_days=60, warning_days=(14, 3)))


def debt(document: str, days: int, minor: int = 200_00, **fields: Any) -> Debt:
    """A debt so many days overdue on ``DAY``."""
    due_on = DAY - timedelta(days=days)
    given = {"currency": "EUR", "disputed_minor": 0, "agreed_due_on": due_on, "plan": "", "hold": ""}
    return Debt(**{"document": document, "open_minor": minor, "due_on": due_on} | given | fields)


def judged(*debts: Debt, day: date = DAY, rules: StandingRules = RULES, **fields: Any) -> Standing:
    owed = {name: fields.pop(name) for name in ("holds", "broken_plans", "credit_minor") if name in fields}
    return standing(Subject(owed=AccountDebts(account="ACME-001", debts=debts, **owed), **fields), rules, day)


BROKEN = BrokenPlan("CASE-1", 1, DAY, ("INV-1", "INV-2"))
ON_PLAN = debt("INV-1", -5, plan="CASE-1#0", agreed_due_on=DAY - timedelta(days=30))


@pytest.mark.parametrize(
    ("found", "status", "change_in", "following"),
    [
        (judged(), "good", None, ""),
        (judged(debt("INV-1", -10)), "good", 11, "overdue"),
        (judged(debt("INV-1", 0)), "good", 1, "overdue"),
        (judged(debt("INV-1", -10, disputed_minor=50_00)), "disputed", 11, "overdue"),
        (judged(debt("INV-1", 5, disputed_minor=200_00)), "disputed", None, ""),
        (judged(debt("INV-1", 1)), "overdue", 45, "suspension_risk"),
        (judged(debt("INV-1", 45)), "overdue", 1, "suspension_risk"),
        (judged(debt("INV-1", 46)), "suspension_risk", None, ""),
        (judged(debt("INV-1", 46, 99_99)), "overdue", None, ""),
        (judged(debt("INV-1", 46, 250_00, disputed_minor=150_01)), "overdue", None, ""),
        (judged(debt("INV-1", 46, 150_00), credit_minor={"EUR": 50_01}), "overdue", None, ""),
        (judged(debt("INV-1", 46), rules=StandingRules()), "overdue", None, ""),
        (judged(debt("INV-1", 46), rules=NO_LEAST), "suspension_risk", None, ""),
        (judged(debt("INV-1", 46), rules=NO_LEAST, credit_minor={"EUR": 200_00}), "overdue", None, ""),
        (judged(ON_PLAN), "on_plan", 11, "plan_broken"),
        (judged(ON_PLAN._replace(due_on=DAY - timedelta(days=5))), "on_plan", 1, "plan_broken"),
        (judged(debt("INV-1", 30), broken_plans=(BROKEN,)), "plan_broken", 16, "suspension_risk"),
        (judged(ON_PLAN, debt("INV-2", 3)), "overdue", 11, "plan_broken"),
        (judged(debt("INV-1", 46), suspended_on=DAY), "suspended", None, ""),
        (judged(debt("INV-1", 46), suspended_on=DAY + timedelta(days=9)), "suspension_risk", 9, "suspended"),
    ],
)
def test_states(found: Standing, status: str, change_in: int | None, following: str) -> None:
    change_on = DAY + timedelta(days=change_in) if change_in else None
    assert (found.status, found.next_change_on, found.next_status) == (status, change_on, following)


@pytest.mark.parametrize(
    ("until", "status"), [(DAY, "overdue"), (DAY - timedelta(days=1), "suspension_risk"), (None, "overdue")]
)
@pytest.mark.parametrize("document", ["", "INV-1"])
def test_what_is_held_leads_to_no_suspension(until: date | None, status: str, document: str) -> None:
    found = judged(debt("INV-1", 46), holds=(Hold(document, "promise", until, "CASE-1"),))
    assert found.status == status
    assert found.next_change_on == (DAY + timedelta(days=1) if until == DAY else None)


def test_suspension_waits_for_the_reminder_level() -> None:
    rules = replace(RULES, suspension=Suspension(after_days=60, after_level=3))
    assert judged(debt("INV-1", 90), rules=rules, level=2).status == "overdue"
    assert judged(debt("INV-1", 90), rules=rules, level=3).status == "suspension_risk"


def test_reasons_name_amounts_days_and_documents() -> None:
    found = judged(
        debt("INV-1", 50),
        debt("INV-2", 5, 10_50, disputed_minor=50),
        debt("INV-3", 5, 7, currency="JPY"),
        ON_PLAN._replace(document="INV-4"),
    )
    assert [reason.text for reason in found.reasons] == [
        "suspension is recommended from 2026-11-25 on",
        "210.00 EUR overdue since 2026-09-26 (INV-1 and 1 more)",
        "7 JPY overdue since 2026-11-10 (INV-3)",
        "payment plan CASE-1: 200.00 EUR due on 2026-11-20 (INV-4)",
        "disputed: 0.50 EUR of INV-2",
    ]


def test_a_missed_installment_brings_back_the_age_of_its_document() -> None:
    old = ON_PLAN._replace(agreed_due_on=DAY - timedelta(days=100))
    found = judged(old)
    assert (found.status, found.next_status) == ("on_plan", "suspension_risk")
    broken = judged(old, day=DAY + timedelta(days=11))
    assert broken.reasons[1].text == (
        "payment plan CASE-1 broken since 2026-11-26: what was due on 2026-11-20 was missed"
    )


def test_if_paid() -> None:
    debts = (debt("INV-1", 50), debt("INV-2", -10))
    subject = Subject(owed=AccountDebts(account="ACME-001", debts=debts))
    found = standing_if_paid(subject, RULES, "INV-1", DAY + timedelta(days=2))
    assert (found.status, found.next_change_on, found.next_status) == ("good", DAY + timedelta(days=11), "overdue")
    assert standing_if_paid(subject, RULES, "INV-2", DAY).status == "suspension_risk"


@pytest.mark.parametrize(("others", "status"), [(("INV-2",), "plan_broken"), (("INV-3",), "good"), ((), "good")])
def test_a_broken_plan_is_over_once_its_documents_are_paid(others: tuple[str, ...], status: str) -> None:
    debts = (debt("INV-1", 30), *(debt(name, -20) for name in others))
    subject = Subject(owed=AccountDebts(account="ACME-001", debts=debts, broken_plans=(BROKEN,)))
    assert standing_if_paid(subject, RULES, "INV-1", DAY).status == status


def test_suspension_is_recommended_from_a_day() -> None:
    subject = Subject(owed=AccountDebts(account="ACME-001", debts=(debt("INV-1", 50), debt("INV-2", 47))))
    assert suspension_on(subject, RULES, DAY) == DAY + timedelta(days=10)
