"""What is due soon: recalled at the last step reached, once an account and day, less what is not to be paid."""

from datetime import date, timedelta
from typing import Any

import pytest

from prisma_batch.receivables.before_due import DueSoon, due_soon
from prisma_batch.receivables.debts import AccountDebts, Debt, Hold
from tests.receivables.test_dunning import DAY, debt

PROMISE = Hold("", "promise", DAY + timedelta(days=9), "CASE-2")


def soon(*debts: Debt, days: tuple[int, ...] = (7, 2), day: date = DAY, **fields: Any) -> list[DueSoon]:
    return list(due_soon([AccountDebts(account="ACME-001", debts=debts, **fields)], days, day))


@pytest.mark.parametrize(("days_left", "step"), [(8, None), (7, 7), (3, 7), (2, 2), (0, 2), (-1, None)])
def test_the_last_step_that_was_reached(days_left: int, step: int | None) -> None:
    due_on = DAY + timedelta(days=days_left)
    keys = [own.key for own in soon(debt("INV-1", -days_left))]
    assert keys == ([f"payment_reminder.ACME-001.0.{due_on}.{step}"] if step else [])


def test_nothing_is_recalled_where_no_days_are_configured() -> None:
    assert soon(debt("INV-1", -1), days=()) == []


def test_one_message_a_due_day() -> None:
    found = soon(debt("INV-3", -5), debt("INV-2", -1), debt("INV-1", -5))
    assert [own.about for own in found] == [("INV-2=0",), ("INV-1=0", "INV-3=0")]


@pytest.mark.parametrize(
    ("debts", "fields", "reason"),
    [
        ([debt("INV-1", -2)], {}, ""),
        ([debt("INV-1", -2, disputed_minor=200_00, hold="dispute CASE-4")], {}, "dispute CASE-4"),
        ([debt("INV-1", -2, plan="CASE-3#0")], {}, "payment plan CASE-3"),
        ([debt("INV-1", -2)], {"holds": (PROMISE,)}, "promise until 2026-11-24 (CASE-2)"),
        ([debt("INV-1", -2)], {"credit_minor": {"EUR": 200_00}}, "credit in EUR covers it"),
        ([debt("INV-1", -2)], {"credit_minor": {"EUR": 199_99}}, ""),
        ([debt("INV-1", -2), debt("INV-0", 5, 1_00)], {"credit_minor": {"EUR": 200_00}}, ""),
        ([debt("INV-1", -2), debt("INV-2", -2, disputed_minor=200_00, hold="dispute CASE-4")], {}, ""),
    ],
)
def test_what_is_not_to_be_paid_is_left_out_with_the_reason(
    debts: list[Debt], fields: dict[str, Any], reason: str
) -> None:
    (found,) = soon(*debts, **fields)
    assert (found.skipped_because, [own.document for own in found.debts]) == (reason, [] if reason else ["INV-1"])
