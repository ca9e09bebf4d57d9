"""Who is told that a verification is due, and that nobody else is named."""

from dataclasses import replace
from datetime import date

import pytest

from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.records.settings import Policies
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.message import Message
from prisma_batch.views.messages import plan_messages
from prisma_batch.views.verification import VerificationNotice, verification_notices
from tests.views.sample_run import AS_OF, SPAN, snapshot, usage_report_states

DUE = date(2025, 11, 10)  # fell due on 2026-11-10
JANE = Contact(first_name="Jane", last_name="Doe", email="jane@acme.example", verified_on=DUE)
JOHN = Contact(first_name="John", last_name="Roe", email="john@acme.example", verified_on=DUE)


def with_contacts(**contacts: tuple[Contact, ...]) -> Snapshot:
    """The sample with one customer who has these contacts."""
    records = snapshot()
    everybody = {"billing": (), "statement": (), "usage_reporting": (), **contacts}
    return replace(records, customers={"ACME-001": replace(records.customers["ACME-001"], contacts=everybody)})


def planned(records: Snapshot, as_of: date = AS_OF) -> dict[str, Message]:
    messages = plan_messages(records, [], usage_report_states(), replace(SPAN, as_of=as_of))
    return {message.key: message for message in messages if message.kind == "contact_verification_due"}


def notices(records: Snapshot) -> list[VerificationNotice]:
    return list(verification_notices(records, AS_OF))


def test_person_under_several_types_is_told_once() -> None:
    records = with_contacts(billing=(JANE, JOHN), statement=(replace(JANE, email="Jane@acme.example"),))
    (message,) = planned(records).values()
    assert [recipient.email for recipient in message.to] == ["jane@acme.example", "john@acme.example"]
    (notice,) = notices(records)
    assert [(due.name, due.contact_types) for due in notice.contacts] == [
        ("Jane Doe", ("billing", "statement")),
        ("John Roe", ("billing",)),
    ]


def test_contacts_due_on_other_days_have_a_message_of_their_own() -> None:
    records = with_contacts(billing=(JANE, replace(JOHN, verified_on=date(2025, 11, 15))))
    assert {key: [to.email for to in message.to] for key, message in planned(records).items()} == {
        "contact_verification_due.ACME-001.2026-11-10.1": ["jane@acme.example"],
        "contact_verification_due.ACME-001.2026-11-15": ["john@acme.example"],
    }


@pytest.mark.parametrize(
    ("as_of", "key"),
    [
        ("2026-11-10", "contact_verification_due.ACME-001.2026-11-10"),
        ("2026-11-14", "contact_verification_due.ACME-001.2026-11-10"),
        ("2026-11-15", "contact_verification_due.ACME-001.2026-11-10.1"),
        ("2026-11-20", "contact_verification_due.ACME-001.2026-11-10.2"),
        ("2026-11-25", "contact_verification_due.ACME-001.2026-11-10.3"),
        ("2027-03-01", "contact_verification_due.ACME-001.2026-11-10.3"),
    ],
)
def test_only_the_last_step_is_planned(as_of: str, key: str) -> None:
    assert list(planned(with_contacts(billing=(JANE,)), date.fromisoformat(as_of))) == [key]


@pytest.mark.parametrize(
    "contact",
    [
        replace(JANE, verified_on=date(2025, 11, 16)),
        replace(JANE, valid_to=date(2026, 11, 14)),
        replace(JANE, valid_from=date(2026, 11, 16)),
    ],
    ids=["verified", "gone", "to come"],
)
def test_contacts_that_nobody_asks(contact: Contact) -> None:
    assert notices(with_contacts(billing=(contact,))) == []


def test_nothing_is_planned_without_a_policy() -> None:
    records = with_contacts(billing=(JANE,))
    assert notices(replace(records, settings=replace(records.settings, policies=Policies()))) == []


@pytest.mark.parametrize(("closed_on", "told"), [(date(2026, 11, 15), 0), (date(2026, 11, 16), 1), (None, 1)])
def test_contacts_of_a_closed_account_are_not_asked(closed_on: date | None, told: int) -> None:
    records = with_contacts(billing=(JANE,))
    closed = replace(records.agreements["ACME-001"], closed_on=closed_on)
    assert len(notices(replace(records, agreements={"ACME-001": closed}))) == told


def test_account_without_an_agreement_is_asked() -> None:
    assert len(notices(replace(with_contacts(billing=(JANE,)), agreements={}))) == 1


def test_message_names_the_people_of_its_account_only() -> None:
    records = with_contacts(billing=(JANE,))
    other: Customer = replace(records.customers["ACME-001"], account="B-2", contacts={"billing": (JOHN,)})
    both = replace(records, customers={**records.customers, "B-2": other})
    assert {(notice.account, *(due.email for due in notice.contacts)) for notice in notices(both)} == {
        ("ACME-001", "jane@acme.example"),
        ("B-2", "john@acme.example"),
    }


def test_notice_says_where_and_how_to_record_the_answer() -> None:
    (notice,) = notices(with_contacts(billing=(replace(JANE, email="o'neil$(id)@acme.example"),)))
    assert notice.file == "contacts/ACME-001.yaml"
    assert notice.contacts[0].command == (
        """prisma-batch contacts verify ACME-001 --email 'o'"'"'neil$(id)@acme.example'"""
    )
