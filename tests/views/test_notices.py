"""Which notices are planned, under which keys, to whom, and which are not told again."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.receivables.debts import Hold
from prisma_batch.records.care_tables import PLAN_STATES
from prisma_batch.records.cases import Outcome
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.settings import BankAccount
from prisma_batch.records.tables import PAYMENTS
from prisma_batch.views.message import Message
from prisma_batch.views.messages import notice_messages, told_once
from prisma_batch.views.notices.layout import Notice, UnitPrice
from prisma_batch.views.notices.registry import NOTICE_KINDS
from prisma_batch.views.payment import paying_facts
from prisma_batch.views.zones import local_moment
from tests.views.sample_notices import LADDER, entry, notice_state, records
from tests.views.sample_run import SPAN

KEYS = {
    "announcement.maintenance.ACME-001": ["jane.doe@acme-001.example", "john@acme-001.example"],
    "case_acknowledged.CASE-2026-0001": ["jane.doe@acme-001.example"],
    "case_follow_up.CASE-2026-0003.2026-10-10": ["jane.doe@acme-001.example", "john@acme-001.example"],
    "case_resolved.CASE-2026-0002.2026-11-12": ["jane.doe@acme-001.example", "john@acme-001.example"],
    "discrepancy_notice.2026-10": ["finance@issuer.example"],
    "payment_plan_confirmed.CASE-2026-0002.0": ["jane.doe@acme-001.example"],
    "payment_received.ACME-001.NTRY-56": ["jane.doe@acme-001.example"],
    "payment_reminder.ACME-001.1.INV-2026-00061": ["jane.doe@acme-001.example"],
    "rate_change.ACME-001.2027-01-01": ["jane.doe@acme-001.example", "john@acme-001.example"],
    "service_credit.CN-2026-00011": ["jane.doe@acme-001.example"],
    "suspension_warning.ACME-001.2026-09-19.3": ["jane.doe@acme-001.example"],
    "usage_report_overdue.ACME-001.microsoft-spla.2026-10.5": [],
}


def planned(**changed: Any) -> dict[str, Message]:
    state = notice_state(**changed)
    return {message.key: message for message in told_once(notice_messages(state), state.sent)}


def row(key: str, state: Any = "sent", about: tuple[str, ...] = ()) -> JournalRow:
    at = datetime.fromisoformat("2026-11-14T08:00:00+00:00")
    return JournalRow(key=key, revision=1, state=state, at=at, about=about)


def test_every_kind_is_planned_under_a_key_that_names_its_cause() -> None:
    found = planned()
    assert {key: [recipient.email for recipient in message.to] for key, message in found.items()} == KEYS
    assert {message.kind for message in found.values()} == {own.kind for own in NOTICE_KINDS}


def test_nobody_to_tell_is_a_reason() -> None:
    message = planned()["usage_report_overdue.ACME-001.microsoft-spla.2026-10.5"]
    assert message.skipped_because == "no contact valid on 2026-11-15"


@pytest.mark.parametrize(
    ("state", "reason"), [("sent", "sent on 2026-11-14"), ("unknown", "unknown on 2026-11-14"), ("failed", "")]
)
@pytest.mark.parametrize("key", [key for key, to in KEYS.items() if to])
def test_what_was_sent_is_not_told_again(key: str, state: str, reason: str) -> None:
    found = planned(sent=(row(key, state),))
    assert found[key].skipped_because == reason
    assert sum(bool(message.skipped_because) for message in found.values()) == 1 + bool(reason)


def test_payments_are_thanked_for_once() -> None:
    earlier = row("payment_received.ACME-001.NTRY-40", about=("NTRY-40",))
    assert planned()["payment_received.ACME-001.NTRY-56"].about == ("NTRY-40", "NTRY-56")
    assert planned(sent=(earlier,))["payment_received.ACME-001.NTRY-56"].about == ("NTRY-56",)


def test_a_reminder_says_which_document_is_at_which_level() -> None:
    message = planned()["payment_reminder.ACME-001.1.INV-2026-00061"]
    assert message.about[0] == "INV-2026-00061=1"


def body_of(kind: str, **changed: Any) -> Notice:
    (body,) = (message.body for message in planned(**changed).values() if message.kind == kind and message.body)
    assert isinstance(body, Notice)
    return body


def test_money_that_went_out_is_not_thanked_for() -> None:
    day = date(2026, 11, 3)
    paid = ("NTRY-58", "bank.csv", "2", "S-1", day, day, -5_000, "EUR", "ACME-001", "unapplied")
    state = notice_state()
    payments = PAYMENTS.of([paid])
    found = planned(receivables=replace(state.receivables, payments=payments))
    assert "payment_received" not in {message.kind for message in found.values()}


def test_a_price_is_told_until_the_day_before_it_counts_in_its_own_currency() -> None:
    told = [
        "rate_change.ACME-001.2027-01-01" in planned(span=replace(SPAN, as_of=as_of))
        for as_of in (date(2026, 12, 31), date(2027, 1, 1))
    ]
    assert told == [True, False]
    own = records()
    agreement = own.agreements["ACME-001"]
    before, after = agreement.rates
    rates = (before, replace(after, price_currency="USD"))
    changed = replace(own, agreements={**own.agreements, "ACME-001": replace(agreement, rates=rates)})
    (row_,) = body_of("rate_change", snapshot=changed).tables[0].rows
    assert [price.currency for price in row_[-2:] if isinstance(price, UnitPrice)] == ["EUR", "USD"]


def test_a_resolution_tells_the_answer_and_the_decisions_up_to_then() -> None:
    own = records()
    resolved = own.cases[1]
    later = entry("11-13T10:00:00", "out", "Sent the plan once more")
    refund = Outcome(kind="refund", on=date(2026, 11, 16), document="INV-2026-00123", amount=Decimal(5))
    changed = replace(resolved, interactions=(*resolved.interactions, later), outcome=(*resolved.outcome, refund))
    found = body_of("case_resolved", snapshot=replace(own, cases=(changed,)))
    assert found == body_of("case_resolved")
    assert (found.facts[-1][1], len(found.tables[0].rows)) == ("Two installments, as agreed by phone", 1)


def test_a_warning_leaves_out_what_is_held() -> None:
    subjects = notice_state().subjects
    held = Hold(document="INV-2026-00081", kind="hold", until=None, case="CASE-2026-0009")
    changed = tuple(replace(own, owed=replace(own.owed, holds=(held,))) for own in subjects)
    before, after = (body_of("suspension_warning", subjects=own).tables[0].rows for own in (subjects, changed))
    assert [row_ for row_ in before if row_[0] != "INV-2026-00081"] == list(after) != list(before)


def test_without_steps_a_report_is_overdue_at_once() -> None:
    own = records()
    policies = replace(own.settings.policies, reminders=None)
    found = planned(snapshot=replace(own, settings=replace(own.settings, policies=policies)))
    assert "usage_report_overdue.ACME-001.microsoft-spla.2026-10" in found


def test_only_a_credit_note_is_a_service_credit() -> None:
    own = records()
    documents = (own.documents[0], replace(own.documents[1], reason="Outage INC-2026-007 is not in it"))
    found = planned(snapshot=replace(own, documents=documents))
    assert [key for key in found if key.startswith("service_credit")] == ["service_credit.CN-2026-00011"]


@pytest.mark.parametrize(
    ("language", "name", "title"),
    [
        ("en", "Reminder", "Reminder"),
        ("de", "Reminder", "Zahlungserinnerung"),
        ("de-AT", "Reminder", "Zahlungserinnerung"),
        ("nl", "Reminder", "Reminder"),
        ("nl", None, "Payment reminder %(level)s"),
    ],
)
def test_a_level_is_called_by_its_name_in_the_language(language: str, name: str | None, title: str) -> None:
    own = records(language)
    first = replace(LADDER.levels[0], name=name, names={"de": "Zahlungserinnerung"})
    policies = replace(own.settings.policies, dunning=replace(LADDER, levels=(first, *LADDER.levels[1:])))
    changed = replace(own, settings=replace(own.settings, policies=policies))
    body = planned(snapshot=changed)["payment_reminder.ACME-001.1.INV-2026-00061"].body
    assert isinstance(body, Notice)
    assert body.title.values.get("text", body.title.message) == title


def test_what_asks_for_money_says_where_to_and_with_what_reference() -> None:
    issuer = replace(
        records().settings.issuer,
        bank_accounts=(
            BankAccount(number="12-34", currency="USD"),
            BankAccount(name="Giro", iban="DE02120300000000202051", bic="BYLADEM1001", currency="EUR"),
        ),
    )
    many = [(f"INV-{number}", "EUR") for number in range(1, 10)]
    facts = paying_facts(issuer, {"INV-1": "RF18"}, [*many, ("INV-9", "USD")])
    assert [(heading.message, value) for heading, value in facts] == [
        ("Pay to", "DE02 1203 0000 0000 2020 51, BIC\xa0BYLADEM1001, Giro"),
        ("Pay to", "12-34"),
        ("Quote with your payment", "RF18, INV-2, INV-3, INV-4, INV-5, INV-6, INV-7, INV-8 …"),
    ]
    assert paying_facts(replace(issuer, bank_accounts=()), {}, many) == ()
    for kind in ("payment_plan_confirmed", "payment_reminder", "suspension_warning"):
        (body,) = (message.body for message in planned().values() if message.kind == kind)
        assert isinstance(body, Notice)
        assert "Quote with your payment" in {heading.message for heading, _ in body.facts}


def test_what_happened_outside_the_span_is_no_news() -> None:
    days = timedelta(days=400)
    later = planned(span=replace(SPAN, opened_on=SPAN.opened_on + days, as_of=SPAN.as_of + days))
    kinds = {message.kind for message in later.values()}
    assert kinds.isdisjoint(
        {
            "announcement",
            "case_acknowledged",
            "case_resolved",
            "case_follow_up",
            "payment_plan_confirmed",
            "rate_change",
        }
    )


def test_a_plan_that_is_broken_already_is_not_confirmed() -> None:
    name = ("CASE-2026-0002#0", "CASE-2026-0002", "ACME-001", "EUR", "INV-1")
    plan = (*name, "broken", 45_050, 1, date(2026, 11, 14))
    result = replace(notice_state().receivables, plans=PLAN_STATES.of([plan]))
    message = planned(receivables=result)["payment_plan_confirmed.CASE-2026-0002.0"]
    assert (message.body, message.skipped_because) == (None, "broken already")


def test_a_case_that_is_resolved_already_is_not_acknowledged() -> None:
    message = planned(span=replace(SPAN, opened_on=date(2026, 10, 1)))["case_acknowledged.CASE-2026-0002"]
    assert (message.body, message.skipped_because) == (None, "resolved already")


def test_of_targets_only_what_is_to_come_is_promised() -> None:
    first = planned()["case_acknowledged.CASE-2026-0001"]
    for as_of, kept in ((date(2026, 11, 17), 3), (date(2026, 11, 18), 2), (date(2026, 11, 30), 0)):
        late = planned(span=replace(SPAN, as_of=as_of))["case_acknowledged.CASE-2026-0001"]
        assert isinstance(first.body, Notice)
        assert isinstance(late.body, Notice)
        assert late.body.closing == first.body.closing[3 - kept :]
        assert late.substance == first.substance


def test_whoever_hears_of_a_resolution_only_now_is_asked_with_it() -> None:
    key, resolved = "case_follow_up.CASE-2026-0003.2026-10-10", "case_resolved.CASE-2026-0003.2026-10-10"
    span = replace(SPAN, opened_on=date(2026, 10, 10))
    found = planned(span=span)
    assert (found[key].body, found[key].skipped_because) == (None, "asked with the resolution")
    assert not found[resolved].skipped_because
    assert not planned(span=span, sent=(row(resolved),))[key].skipped_because
    assert planned(span=span, sent=(row(resolved, "failed"),))[key].skipped_because


@pytest.mark.parametrize(
    ("moment", "country", "expected"),
    [
        ("2026-11-13T16:30:00+01:00", "NL", "16:30"),
        ("2026-11-13T16:30:00+01:00", "GB", "15:30"),
        ("2026-07-13T16:30:00+02:00", "IE", "15:30"),
        ("2026-11-13T16:30:00+01:00", "ES", "16:30"),  # not the same in all of Spain: the contact point's
        ("2026-11-13T16:30:00+01:00", "US", "16:30"),
        ("2026-11-13T16:30:00+01:00", None, "16:30"),
        ("2026-11-13T23:30:00+01:00", "JP", "07:30"),
    ],
)
def test_moments_are_in_the_time_of_the_customer(moment: str, country: str | None, expected: str) -> None:
    local = local_moment(datetime.fromisoformat(moment), country, "Europe/Berlin")
    assert f"{local:%H:%M}" == expected
