"""Answers to a customer: whether a plan holds and what is due, and why a reminder is not sent."""

import json
import re
from pathlib import Path

from tests.jobs.recipes import bank_csv, cells, edit, published, write

PLAN = "CASE-2026-0009#0"
CASE = "cases/DELTA-003/CASE-2026-0009.yaml"
BANK = "payments/2026-11/late.csv"


def granted(records: Path, on: str = "2026-10-16", first: str = "2026-10-25", second: str = "2026-12-15") -> None:
    """Grant a plan of two installments for the September invoice of DELTA-003: 1,303.80 EUR."""
    invoice = "INV-2026-0103"
    text = f"""\
id: CASE-2026-0009
account: DELTA-003
kind: payment_assistance
opened_at: 2026-10-16T10:00:00+02:00
channel: phone
subject: More time
documents: [{invoice}]
status: resolved
interactions:
  - {{at: 2026-10-16T10:00:00+02:00, channel: phone, direction: in, by: customer, summary: Asks, status: resolved}}
outcome:
  - kind: payment_plan
    on: {on}
    approved_by: finance@prisma-distribution.example
    invoices: [{invoice}]
    installments: [{{due_on: {first}, amount: "303.80"}}, {{due_on: {second}, amount: "1000.00"}}]
"""
    write(records, {CASE: text})


def paid(records: Path, amount: str, on: str) -> None:
    entry = f"EXTRA-1,S-9,NL60PRSM0800100200,{on},{on},{amount},EUR,Waterlijn,NL10WATR0417164300,,,INV-2026-0103"
    write(records, {BANK: bank_csv(entry)})


def told(records: Path, identifier: str) -> str:
    """What is explained as of 15 November, without places."""
    text = published(records, "explain", identifier, "--period", "2026-10")
    return re.sub(r"  \[[^]]*\]", "", text)


def test_a_plan_that_holds(records: Path) -> None:
    granted(records)
    paid(records, "303.80", "2026-10-23")
    assert (
        told(records, PLAN)
        == """\
plan CASE-2026-0009#0: payment plan of DELTA-003, granted on 2026-10-16 by finance@prisma-distribution.example: \
2 installments
in 2026-10 as of 2026-11-15

             it holds: no reminder is sent for INV-2026-0103
1000.00 EUR  to be paid next, by 2026-12-15; the plan ends where it is open after 2026-12-18
 303.80 EUR  installment 1 of 2, due on 2026-10-25: paid
1000.00 EUR  installment 2 of 2, due on 2026-12-15: open
1000.00 EUR  open of its documents on 2026-11-15:
    +1000.00 EUR  INV-2026-0103
 303.80 EUR  paid since 2026-10-16; the first installments count as paid first:
    +303.80 EUR  2026-10-23 payment EXTRA-1 for INV-2026-0103
"""
    )


def test_a_part_of_an_installment(records: Path) -> None:
    granted(records, first="2026-11-20")
    paid(records, "100.00", "2026-10-23")
    text = told(records, PLAN)
    assert "installment 1 of 2, due on 2026-11-20: 203.80 EUR of it open" in text
    assert "203.80 EUR  to be paid next, by 2026-11-20; the plan ends where it is open after 2026-11-23" in text


def test_an_installment_is_no_day_in_a_spreadsheet(records: Path) -> None:
    """Tables name it in words; documents, which are in any language, by its figures."""
    granted(records, first="2026-11-20")
    published(records, "run", "2026-10", "--as-of", "2026-11-15")
    folder = records / "reports/2026-10"
    items = cells(folder / "open_items.csv", "account", "document", "installment")
    assert [row[2] for row in items if row[:2] == ("DELTA-003", "INV-2026-0103")] == ["1 of 2", "2 of 2"]
    statement = folder / "statements/DELTA-003"
    described = cells(statement.with_suffix(".csv"), "section", "description")
    assert {("open_item", "1 of 2"), ("open_item", "2 of 2")} <= set(described)
    page = statement.with_suffix(".html").read_text(encoding="utf-8")
    assert ("1/2" in page, "1 of 2" in page) == (True, False)


def test_a_broken_plan(records: Path) -> None:
    granted(records)
    text = told(records, PLAN)
    assert "it is broken since 2026-10-29: installment 1, due on 2026-10-25, was not paid within 3 days" in text
    assert "the first due days of INV-2026-0103 count again" in text
    assert "installment 1 of 2, due on 2026-10-25: missed" in text
    assert "installment 2 of 2, due on 2026-12-15: not agreed any more" in text


def test_a_plan_that_was_kept(records: Path) -> None:
    granted(records)
    paid(records, "1303.80", "2026-10-23")
    text = told(records, PLAN)
    assert "it was kept: nothing of INV-2026-0103 is open any more" in text
    assert "installment 2 of 2, due on 2026-12-15: paid" in text


def test_a_plan_of_a_later_day(records: Path) -> None:
    granted(records, on="2026-11-18", first="2026-11-25")
    text = told(records, PLAN)
    assert "it does not count on 2026-11-15 for INV-2026-0103: it begins on 2026-11-18" in text


def test_a_plan_that_another_replaced(records: Path) -> None:
    granted(records)
    case = records / CASE
    text = case.read_text(encoding="utf-8")
    outcome = text[text.index("  - kind: payment_plan") :]
    case.write_text(text + outcome.replace("2026-10-16", "2026-11-02").replace("2026-10-25", "2026-11-30"))
    assert "another plan was granted for them" in told(records, PLAN)
    assert "it holds" in told(records, "CASE-2026-0009#1")


def test_a_reminder_that_is_held(records: Path) -> None:
    """The level before was sent; a person keeps the next one back."""
    sent = {"key": "payment_reminder.DELTA-003.1.INV-2026-0103", "revision": 1, "state": "sent"}
    row = sent | {"at": "2026-10-20T08:00:00+00:00", "about": ["INV-2026-0103=1"]}
    write(records, {"reports/sent/2026-09.jsonl": json.dumps(row) + "\n"})
    edit(records / "invoices/DELTA-003/INV-2026-0103.yaml", "due_on: 2026-11-04", "due_on: 2026-10-10")
    granted(records)
    case = records / CASE
    hold = (
        "  - {kind: hold, on: 2026-11-01, approved_by: finance@prisma.example, until: 2026-12-01, reason: Asked for}\n"
    )
    text = case.read_text(encoding="utf-8")
    case.write_text(text[: text.index("  - kind: payment_plan")] + hold, encoding="utf-8")
    assert (
        told(records, "payment_reminder.DELTA-003.2.INV-2026-0103")
        == """\
notice payment_reminder.DELTA-003.2.INV-2026-0103: payment reminder for DELTA-003
in 2026-10 as of 2026-11-15

             level 2 of reminders is due 21 days after the due day
1303.80 EUR  INV-2026-0103, due on 2026-10-10, is 36 days overdue, the first at this level; held: dispute \
CASE-2026-0001; until 2026-12-01 CASE-2026-0009
             level 1 was sent on 2026-10-20 (payment_reminder.DELTA-003.1.INV-2026-0103)
             it would go to Ruben Fortuijn
             not sent: hold until 2026-12-01 (CASE-2026-0009):
    CASE-2026-0009, resolved: More time
"""
    )
