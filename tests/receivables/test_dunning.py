"""Reminders: levels follow what was sent, an account gets one, and every reason not to send is told."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.receivables.debts import AccountDebts, Debt, Hold
from prisma_batch.receivables.dunning import Reminder, SentReminders, reminder_due, reminders, sent_reminders
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.policies import Dunning, DunningLevel

DAY = date(2026, 11, 15)
LADDER = Dunning(
    levels=(DunningLevel(after_days=7, pay_by_days=10), DunningLevel(after_days=21), DunningLevel(after_days=45)),
    grace_days=3,
    minimum_interval_days=7,
    minimum_amount={"EUR": Decimal("10.00")},
)
NOTHING_SENT = SentReminders(levels={}, last_on={})


def debt(document: str, days: int, minor: int = 200_00, **fields: Any) -> Debt:
    due_on = DAY - timedelta(days=days)
    given = {"currency": "EUR", "disputed_minor": 0, "agreed_due_on": due_on, "plan": "", "hold": ""}
    return Debt(**{"document": document, "open_minor": minor, "due_on": due_on} | given | fields)


def due(
    *debts: Debt, sent: SentReminders = NOTHING_SENT, dunning: Dunning = LADDER, day: date = DAY, **fields: Any
) -> Reminder | None:
    return reminder_due(AccountDebts(account="ACME-001", debts=debts, **fields), dunning, sent, day)


def sent(on: date | None = None, **levels: int) -> SentReminders:
    named = {name.replace("_", "-"): level for name, level in levels.items()}
    return SentReminders(levels=named, last_on={"ACME-001": on} if on else {})


@pytest.mark.parametrize(
    ("days", "last", "level"),
    [(6, 0, 0), (7, 0, 1), (7, 1, 0), (20, 1, 0), (21, 1, 2), (45, 1, 2), (45, 2, 3), (400, 0, 1), (400, 3, 0)],
)
def test_a_level_needs_its_days_and_the_one_before_it(days: int, last: int, level: int) -> None:
    found = due(debt("INV-1", days), sent=sent(INV_1=last))
    assert (found.level if found else 0) == level


def test_one_reminder_at_the_highest_level_for_all_that_is_overdue() -> None:
    debts = (debt("INV-3", 4), debt("INV-2", 8), debt("INV-1", 30), debt("INV-0", 3), debt("INV-9", -5))
    found = due(*debts, sent=sent(INV_1=1))
    assert found is not None
    assert (found.key, found.level, found.skipped_because) == ("payment_reminder.ACME-001.2.INV-1", 2, "")
    assert [(claim.document, claim.level, claim.days_overdue) for claim in found.claims] == [
        ("INV-1", 2, 30),
        ("INV-2", 1, 8),
        ("INV-3", 0, 4),
    ]
    assert found.about == ("INV-1=2", "INV-2=1")


@pytest.mark.parametrize(("days", "pay_by"), [(10, date(2026, 11, 25)), (30, None)])
def test_a_new_day_to_pay_by(days: int, pay_by: date | None) -> None:
    found = due(debt("INV-1", days), sent=sent(INV_1=1 if days == 30 else 0))
    assert found is not None
    assert found.pay_by == pay_by


OPEN_CASE = Hold("INV-1", "case", None, "CASE-1")
PROMISE = Hold("", "promise", DAY, "CASE-2")


@pytest.mark.parametrize(
    ("debts", "fields", "reason"),
    [
        ([debt("INV-1", 9, plan="CASE-3#0")], {}, "payment plan CASE-3"),
        ([debt("INV-1", 9, disputed_minor=200_00, hold="dispute CASE-4")], {}, "dispute CASE-4"),
        ([debt("INV-1", 9)], {"holds": (OPEN_CASE,)}, "open case (CASE-1)"),
        ([debt("INV-1", 9)], {"holds": (PROMISE,)}, "promise until 2026-11-15 (CASE-2)"),
        ([debt("INV-1", 9)], {"credit_minor": {"EUR": 200_00}}, "credit in EUR covers it"),
        ([debt("INV-1", 9, 9_99)], {}, "less than 10.00 EUR is overdue"),
        ([debt("INV-1", 9)], {"sent": sent(DAY - timedelta(days=6))}, "the last reminder was sent on 2026-11-09"),
        ([debt("INV-1", 9)], {"holds": (PROMISE, OPEN_CASE)}, "promise until 2026-11-15 (CASE-2); open case (CASE-1)"),
        (
            [debt("INV-1", 9, disputed_minor=200_00, hold="dispute CASE-4; dispute CASE-5")],
            {},
            "dispute CASE-4; dispute CASE-5",
        ),
        (
            [debt("INV-1", 9), debt("INV-2", 9, 5, currency="USD")],
            {"holds": (OPEN_CASE,), "credit_minor": {"USD": 5}},
            "open case (CASE-1); credit in USD covers it",
        ),
    ],
)
def test_every_hold_is_told(debts: list[Debt], fields: dict[str, Any], reason: str) -> None:
    found = due(*debts, **fields)
    assert found is not None
    assert (found.skipped_because, found.claims, found.key) == (reason, (), "payment_reminder.ACME-001.1.INV-1")


@pytest.mark.parametrize(
    ("debts", "fields"),
    [
        ([debt("INV-1", 9, disputed_minor=150_00)], {}),
        ([debt("INV-1", 9)], {"holds": (Hold("INV-2", "case", None, "CASE-1"),)}),
        ([debt("INV-1", 9)], {"holds": (Hold("", "hold", DAY - timedelta(days=1), "CASE-1"),)}),
        ([debt("INV-1", 9)], {"credit_minor": {"EUR": 190_00, "USD": 500_00}}),
        ([debt("INV-1", 9)], {"sent": sent(DAY - timedelta(days=7))}),
        ([debt("INV-1", 9, 6_00), debt("INV-2", 9, 4_00)], {}),
    ],
)
def test_what_holds_no_more_or_something_else_holds_nothing(debts: list[Debt], fields: dict[str, Any]) -> None:
    found = due(*debts, **fields)
    assert found is not None
    assert found.skipped_because == ""


def test_only_the_undisputed_part_is_claimed() -> None:
    found = due(debt("INV-1", 9, disputed_minor=150_00))
    assert found is not None
    assert [claim.amount_minor for claim in found.claims] == [50_00]


def test_a_debt_that_is_held_is_left_out_of_the_reminder_of_others() -> None:
    found = due(debt("INV-1", 60), debt("INV-2", 9), holds=(OPEN_CASE,), sent=sent(INV_1=2))
    assert found is not None
    assert (found.level, [claim.document for claim in found.claims]) == (1, ["INV-2"])


def test_runs_that_were_missed_are_caught_up_with_one_level_at_a_time() -> None:
    """Nobody ran anything for a year: three reminders, a week apart, and no more."""
    journal: list[JournalRow] = []
    told = []
    for week in range(10):
        day = DAY + timedelta(days=7 * week)
        found = due(debt("INV-1", 365), sent=sent_reminders(journal, {}), day=day)
        if found and not found.skipped_because:
            told.append(found.level)
            at = datetime.fromisoformat(f"{day}T08:00:00+00:00")
            journal.append(JournalRow(key=found.key, revision=1, state="sent", at=at, about=found.about))
    assert told == [1, 2, 3]


@pytest.mark.parametrize(
    ("state", "levels", "last_on"),
    [
        ("sent", {"INV-1": 2, "INV_2": 1}, {"ACME-001": DAY}),
        ("unknown", {}, {"ACME-001": DAY}),
        ("failed", {}, {}),
        ("claimed", {}, {}),
    ],
)
def test_only_what_was_sent_counts_as_a_level(state: Any, levels: dict[str, int], last_on: dict[str, date]) -> None:
    at = datetime.fromisoformat(f"{DAY}T08:00:00+00:00")
    key = "payment_reminder.ACME-001.2.INV-1"
    row = JournalRow(key=key, revision=1, state=state, at=at, about=("INV-1=2", "INV_2=1"))
    told_on = dict.fromkeys(levels, DAY)
    assert sent_reminders([row], {}) == SentReminders(levels=levels, last_on=last_on, told_on=told_on)


def test_adopted_debts_go_on_where_they_were() -> None:
    assert sent_reminders([], {"H/1": 2}).levels == {"H_1": 2}


def test_without_a_ladder_nobody_is_reminded() -> None:
    owed = AccountDebts(account="ACME-001", debts=(debt("INV-1", 99),))
    assert list(reminders([owed], None, NOTHING_SENT, DAY)) == []
    [found] = reminders([owed, replace(owed, account="BETA-002", debts=())], LADDER, NOTHING_SENT, DAY)
    assert found.account == "ACME-001"


def told(days_ago: int) -> SentReminders:
    """Level 1, which gives 10 days, was sent so many days ago."""
    on = DAY - timedelta(days=days_ago)
    return SentReminders(levels={"INV-1": 1}, last_on={"ACME-001": on}, told_on={"INV-1": on})


@pytest.mark.parametrize(
    ("days_ago", "reason"), [(8, "the last reminder asks to pay by 2026-11-17"), (10, "… 2026-11-15"), (11, "")]
)
def test_no_next_level_within_the_time_that_was_given(days_ago: int, reason: str) -> None:
    found = due(debt("INV-1", 60), sent=told(days_ago))
    assert found is not None
    assert found.skipped_because == reason.replace("…", "the last reminder asks to pay by")


def test_time_that_was_given_for_one_debt_holds_up_no_other() -> None:
    found = due(debt("INV-1", 60), debt("INV-2", 9), sent=told(8))
    assert found is not None
    assert (found.key, found.about) == ("payment_reminder.ACME-001.1.INV-2", ("INV-1=1", "INV-2=1"))


def test_what_is_recalled_before_it_is_due_is_no_level() -> None:
    at = datetime.fromisoformat("2026-11-14T08:00:00+00:00")
    row = JournalRow(
        key="payment_reminder.ACME-001.0.2026-11-20.7", revision=1, state="sent", at=at, about=("INV-1=0",)
    )
    assert sent_reminders([row], {}) == SentReminders(levels={}, last_on={})
