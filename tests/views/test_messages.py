"""Which messages are planned, to whom, and why some are not sent."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from prisma_batch.records.policies import Reminders
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.message import Message
from prisma_batch.views.messages import plan_messages
from prisma_batch.views.statement import build_statements
from tests.views.sample_run import AS_OF, SPAN, invoice, receivables, receivables_with, snapshot, usage_report_states


def planned(records: Snapshot | None = None) -> dict[str, Message]:
    records = records or snapshot()
    statements = build_statements(receivables(), records, SPAN)
    return {message.key: message for message in plan_messages(records, statements, usage_report_states(), SPAN)}


def with_contact_type_of_nobody(records: Snapshot, contact_type: str) -> Snapshot:
    customer = records.customers["ACME-001"]
    contacts = {**customer.contacts, contact_type: ()}
    return replace(records, customers={**records.customers, "ACME-001": replace(customer, contacts=contacts)})


def test_keys_name_the_cause_and_are_sorted() -> None:
    assert list(planned()) == [
        "contact_verification_due.ACME-001.2026-11-10.1",
        "invoice_available.CN-2026-00011",
        "invoice_available.INV-2026-00123",
        "statement_of_account.ACME-001.2026-10",
        "statement_of_account.LOST-009.2026-10",
        "statement_of_account.ZERO-002.2026-10",
        "usage_report_due.ACME-001.microsoft-spla.2026-10",
    ]


def test_all_contacts_valid_on_the_day_get_one_message() -> None:
    message = planned()["invoice_available.INV-2026-00123"]
    assert [recipient.email for recipient in message.to] == ["jane.doe@acme-001.example", "john@acme-001.example"]
    assert message.to[1].name == "John, Jr. O'Neil"
    assert (message.revision, message.skipped_because) == (1, "")


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        ({}, "340.49"),
        ({"open_minor": 10_000}, "100.00"),
        ({"open_minor": 10_000, "disputed_minor": 4_000}, "60.00"),
        ({"hold": "until 2026-12-01 CASE-2026-0007"}, "0.00"),
        ({"document": "INV-2026-00124"}, "0.00"),
    ],
    ids=["open", "paid in part", "disputed in part", "on hold", "settled"],
)
def test_mail_of_an_invoice_asks_for_what_is_left_to_pay(change: dict[str, Any], asked: str) -> None:
    statements = build_statements(receivables_with("INV-2026-00123", **change), snapshot(), SPAN)
    messages = plan_messages(snapshot(), statements, usage_report_states(), SPAN)
    message = next(message for message in messages if message.key == "invoice_available.INV-2026-00123")
    assert isinstance(message.body, InvoiceCopy)
    assert (message.body.to_pay.text, message.body.total.text) == (asked, "340.49")
    assert message.substance == planned()[message.key].substance  # or every payment would tell the invoice again


def test_mail_of_an_invoice_on_a_plan_asks_for_its_first_installment() -> None:
    installments = [
        receivables_with("INV-2026-00123", due_on=pd.Timestamp(day), open_minor=minor)
        for day, minor in (("2027-01-15", 17_024), ("2026-12-15", 17_025))
    ]
    tables = replace(installments[0], open_items=pd.concat([own.open_items for own in installments]))
    messages = plan_messages(snapshot(), build_statements(tables, snapshot(), SPAN), usage_report_states(), SPAN)
    body = next(message.body for message in messages if message.key == "invoice_available.INV-2026-00123")
    assert isinstance(body, InvoiceCopy)
    assert (body.to_pay.text, body.pay_by) == ("170.25", date(2026, 12, 15))


@pytest.mark.parametrize(
    ("issued_on", "told"),
    [(date(2026, 10, 15), False), (date(2026, 10, 16), True), (AS_OF, True), (date(2026, 11, 16), False)],
)
def test_documents_of_the_span_are_told_of(issued_on: date, *, told: bool) -> None:
    records = replace(snapshot(), documents=(replace(invoice(), issued_on=issued_on),))
    assert ("invoice_available.INV-2026-00123" in planned(records)) is told


def test_opening_items_are_not_told_of() -> None:
    records = replace(snapshot(), documents=(replace(invoice(), kind="opening_item"),))
    assert "invoice_available.INV-2026-00123" not in planned(records)


def test_key_of_a_document_is_its_file_name() -> None:
    records = replace(snapshot(), documents=(replace(invoice(), number="A/7 *"),))
    message = planned(records)["invoice_available.A_7__"]
    assert [(file.name, file.path) for file in message.attachments] == [("A_7__.html", "invoices/A_7__.html")]


@pytest.mark.parametrize(
    ("key", "contact_type"),
    [("invoice_available.INV-2026-00123", "billing"), ("statement_of_account.ACME-001.2026-10", "statement")],
)
def test_message_without_a_contact_is_a_row_with_the_reason(key: str, contact_type: str) -> None:
    message = planned(with_contact_type_of_nobody(snapshot(), contact_type))[key]
    assert (message.to, message.skipped_because) == ((), "no contact valid on 2026-11-15")


def test_account_without_a_statement_is_a_row_with_the_reason() -> None:
    records = snapshot()
    quiet = replace(records.agreements["ZERO-002"], billing=records.agreements["ACME-001"].billing)
    message = planned(replace(records, agreements={**records.agreements, "ZERO-002": quiet}))[
        "statement_of_account.ZERO-002.2026-10"
    ]
    assert (message.body, message.attachments, message.skipped_because) == (None, (), "zero balance")


@pytest.mark.parametrize(("active_from", "is_told"), [(date(2026, 10, 31), True), (date(2026, 11, 1), False)])
def test_an_account_has_no_statement_of_a_month_before_it_began(active_from: date, is_told: bool) -> None:
    records = snapshot()
    billing = records.agreements["ACME-001"].billing
    quiet = replace(records.agreements["ZERO-002"], billing=billing, active_from=active_from)
    messages = planned(replace(records, agreements={**records.agreements, "ZERO-002": quiet}))
    assert ("statement_of_account.ZERO-002.2026-10" in messages) == is_told


def test_account_billed_to_another_has_no_statement_to_skip() -> None:
    assert "statement_of_account.TENANT-1.2026-10" not in planned()


def test_only_expected_reports_are_asked_for() -> None:
    asked = [key for key in planned() if key.startswith("usage_report_due")]
    assert asked == ["usage_report_due.ACME-001.microsoft-spla.2026-10"]


@pytest.mark.parametrize(
    ("as_of", "days", "keys"),
    [
        (date(2026, 10, 31), (), []),
        (date(2026, 11, 1), (), [""]),
        (date(2026, 11, 2), (7, 2), []),
        (date(2026, 11, 3), (7, 2), [".7"]),
        (date(2026, 11, 7), (7, 2), [".7"]),
        (date(2026, 11, 8), (7, 2), [".2"]),
    ],
)
def test_reports_are_asked_for_on_the_configured_days(as_of: date, days: tuple[int, ...], keys: list[str]) -> None:
    records = snapshot()
    policies = replace(records.settings.policies, reminders=Reminders(usage_report_due_days=days))
    records = replace(records, settings=replace(records.settings, policies=policies))
    span = replace(SPAN, opened_on=date(2026, 10, 1), as_of=as_of)
    messages = plan_messages(records, (), usage_report_states(), span)
    asked = [message.key for message in messages if message.kind == "usage_report_due"]
    assert asked == [f"usage_report_due.ACME-001.microsoft-spla.2026-10{step}" for step in keys]
