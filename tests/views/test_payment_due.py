"""The reminder before a payment is due: whom it goes to, what it says, and who gets none."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.readers.resources import resource_folder
from prisma_batch.records.policies import Reminders
from prisma_batch.views.amounts import Money
from prisma_batch.views.message import Message
from prisma_batch.views.messages import notice_messages
from prisma_batch.views.notices.layout import Notice
from prisma_batch.writers.html import Renderer
from tests.views.sample_notices import notice_state, records

GOLDEN = Path(__file__).parents[1] / "writers" / "golden" / "mail" / "payment_due.en.txt"
KEY = "payment_reminder.ACME-001.0.2026-11-20.7"


def recalled(method: Any = "bank_transfer", **state: Any) -> Message:
    own = records()
    policies = replace(own.settings.policies, reminders=Reminders(payment_due_days=(7,)))
    agreement = own.agreements["ACME-001"]
    agreement = replace(agreement, billing=replace(agreement.billing, payment_method=method))
    settings = replace(own.settings, policies=policies)
    changed = replace(own, settings=settings, agreements={**own.agreements, "ACME-001": agreement})
    return next(own for own in notice_messages(notice_state(snapshot=changed, **state)) if own.key == KEY)


def test_it_goes_to_statement_contacts_with_what_is_due(golden: Callable[[Path, str], None]) -> None:
    message = recalled()
    assert ([own.email for own in message.to], message.about) == (["jane.doe@acme-001.example"], ("INV-2026-00119=0",))
    rendered = Renderer(resource_folder("templates")).render_mail(message)
    golden(GOLDEN, f"{rendered.subject}\n\n{rendered.text}")


def test_credit_that_nothing_earlier_needs_is_taken_off() -> None:
    subject = next(own for own in notice_state().subjects if own.owed.account == "ACME-001")
    debts = tuple(debt for debt in subject.owed.debts if debt.document == "INV-2026-00119")
    alone = replace(subject, owed=replace(subject.owed, debts=debts, credit_minor={"EUR": 519, "USD": 100}))
    body = recalled(subjects=(alone,)).body
    assert isinstance(body, Notice)
    assert body.action[0].values["amount"] == Money(22_000, "EUR")
    assert [text.values["amount"] for text in body.closing[:-1]] == [Money(519, "EUR")]


@pytest.mark.parametrize(
    ("method", "reason"), [("direct_debit", "paid by direct debit"), ("card", "paid by card"), ("other", "")]
)
def test_who_does_not_pay_by_themselves_is_not_asked(method: str, reason: str) -> None:
    message = recalled(method)
    assert (message.skipped_because, message.body is None) == (reason, bool(reason))
