"""When something that was sent is told again: another figure, document, due date or action, and nothing else."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.records.journal import JournalRow
from prisma_batch.records.policies import Dunning
from prisma_batch.views.amounts import Money
from prisma_batch.views.message import Message
from prisma_batch.views.messages import notice_messages, revised, told_once
from prisma_batch.views.notices.registry import NOTICE_KINDS
from prisma_batch.views.revisions import revision_of
from prisma_batch.views.substance import substance_digest
from tests.views.sample_notices import LADDER, cases, notice_state, records
from tests.views.sample_run import SPAN


def row(key: str, substance: str = "", revision: int = 1, state: Any = "sent", on: str = "2026-11-14") -> JournalRow:
    at = datetime.fromisoformat(f"{on}T08:00:00+00:00")
    return JournalRow(key=key, revision=revision, state=state, at=at, substance=substance)


def planned(sent: tuple[JournalRow, ...] = (), **changed: Any) -> dict[str, Message]:
    return {message.kind: message for message in told_once(notice_messages(notice_state(**changed)), sent)}


def as_sent() -> tuple[JournalRow, ...]:
    return tuple(row(message.key, message.substance) for message in notice_messages(notice_state()))


@pytest.mark.parametrize(
    ("rows", "revision", "told"),
    [
        ([], 1, False),
        ([("A", 1)], 1, True),
        ([("", 1)], 1, True),  # a line of a journal that is older than this
        ([("B", 1)], 2, False),
        ([("A", 1), ("A", 2)], 1, True),  # sent once more by a person
        ([("A", 1), ("B", 2)], 3, False),
        ([("B", 1), ("A", 2), ("A", 3)], 2, True),
    ],
)
def test_the_revision_is_that_of_what_was_told(rows: list[tuple[str, int]], revision: int, told: bool) -> None:
    found, by = revision_of("A", [row("key", substance, number) for substance, number in rows])
    assert (found, by is not None) == (revision, told)


def test_nothing_is_told_again_because_of_the_day() -> None:
    """A day later, before the next step of anything: every message that is planned tells the same."""
    later = planned(as_sent(), span=replace(SPAN, as_of=SPAN.as_of + timedelta(days=1)))
    assert {message.revision for message in later.values()} == {1}
    assert [kind for kind, message in later.items() if message.body and not message.skipped_because] == []


def test_wording_and_recipients_raise_no_revision() -> None:
    """Another language has other words; another contact is another recipient."""
    own = records("de")
    contacts = {kind: people[:1] for kind, people in own.customers["ACME-001"].contacts.items()}
    customers = {**own.customers, "ACME-001": replace(own.customers["ACME-001"], contacts=contacts)}
    found = planned(as_sent(), snapshot=replace(own, customers=customers))
    assert {message.revision for message in found.values()} == {1}


def test_a_new_pay_by_day_raises_no_revision() -> None:
    levels = tuple(replace(level, pay_by_days=20) for level in LADDER.levels)
    state = notice_state()
    policies = replace(state.snapshot.settings.policies, dunning=Dunning(levels=levels))
    settings = replace(state.snapshot.settings, policies=policies)
    assert planned(as_sent(), snapshot=replace(state.snapshot, settings=settings))["payment_reminder"].revision == 1


def changed_plan() -> dict[str, Any]:
    first, assisted, last = cases()
    plan = assisted.outcome[0]
    other = (replace(plan.installments[0], due_on=date(2026, 12, 20)), *plan.installments[1:])
    return {
        "snapshot": replace(
            records(), cases=(first, replace(assisted, outcome=(replace(plan, installments=other),)), last)
        )
    }


def changed_claim() -> dict[str, Any]:
    reminder = notice_state().reminders[0]
    claims = tuple(replace_claim(claim) if claim.document == reminder.cause else claim for claim in reminder.claims)
    return {"reminders": (replace(reminder, claims=claims),)}


def replace_claim(claim: Any) -> Any:
    return claim._replace(amount_minor=claim.amount_minor - 1)


def changed_price() -> dict[str, Any]:
    own = records()
    agreement = own.agreements["ACME-001"]
    before, rate = agreement.rates
    dearer = replace(rate, pricing=replace(rate.pricing, price=Decimal("24.11")))
    agreements = {**own.agreements, "ACME-001": replace(agreement, rates=(before, dearer))}
    return {"snapshot": replace(own, agreements=agreements)}


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("payment_plan_confirmed", changed_plan()),
        ("payment_reminder", changed_claim()),
        ("rate_change", changed_price()),
    ],
)
def test_another_figure_or_due_date_is_told_again(kind: str, changed: dict[str, Any]) -> None:
    message = planned(as_sent(), **changed)[kind]
    assert (message.revision, message.skipped_because) == (2, "")


def test_what_has_become_overdue_since_raises_no_revision() -> None:
    """The reminder is caused by what is due on 11 June, the warning's step was reached on 16 September."""
    state = notice_state()
    reminder, subject = state.reminders[0], state.subjects[0]
    claims = (*reminder.claims, reminder.claims[-1]._replace(document="INV-2026-00999", due_on=date(2026, 11, 14)))
    debts = tuple(
        own._replace(open_minor=own.open_minor - 1) if own.document == "INV-2026-00101" else own
        for own in subject.owed.debts
    )
    later = replace(subject, owed=replace(subject.owed, debts=debts))
    changed = {"reminders": (replace(reminder, claims=claims),), "subjects": (later, *state.subjects[1:])}
    found = planned(as_sent(), **changed)
    assert [found[kind].revision for kind in ("payment_reminder", "suspension_warning")] == [1, 1]


def test_a_run_that_is_published_again_skips_nothing_and_revises_what_changed() -> None:
    message = next(own for own in notice_messages(notice_state()) if own.kind == "discrepancy_notice")
    same, other = row(message.key, message.substance, on="2026-11-17"), row(message.key, "B", on="2026-11-17")
    assert revised([message], [same]) == (message,)
    assert [own.revision for own in revised([message], [other])] == [2]


def test_other_kinds_of_later_days_change_no_run() -> None:
    message = next(own for own in notice_messages(notice_state()) if own.kind == "payment_reminder")
    assert revised([message], [row(message.key, "B", on="2026-11-17")]) == (message,)


def test_notices_with_figures_have_a_substance() -> None:
    """The others tell nothing that could change under their key."""
    empty = substance_digest(())
    without = {message.kind for message in notice_messages(notice_state()) if message.substance == empty}
    assert without == {"announcement", "case_follow_up", "payment_received"}
    assert without < {own.kind for own in NOTICE_KINDS}


def test_a_digest_stays_what_it_is() -> None:
    """Journals hold it: another one would tell every customer everything again."""
    substance = ("INV-1", date(2026, 11, 10), Money(34049, "EUR"), [("a", 1, None)])
    assert substance_digest(substance) == "6d32849a536e57b7"
