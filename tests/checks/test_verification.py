"""When a verification is due, at its edges, and whose lapsed verification is no matter any more."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from prisma_batch.checks.verification import DueVerification, check_verification, due_verification
from prisma_batch.records.contacts import Contact
from prisma_batch.records.facts import AgreementFacts, ContactEntry, Context, Facts, FileFacts
from prisma_batch.records.settings import VerificationPolicy, VerificationRules

DAY = date.fromisoformat
AS_OF = DAY("2026-11-30")
RULES = VerificationRules(policy=VerificationPolicy(every_days=365), first_day=DAY("2026-09-01"))
ENTRY = ContactEntry(pointer="/contacts/billing/0", verified_on=None, valid_from=None, valid_to=None)


def entry(verified_on: str | None, valid_from: str | None = None, valid_to: str | None = None) -> ContactEntry:
    days = [DAY(day) if day else None for day in (verified_on, valid_from, valid_to)]
    return ENTRY._replace(verified_on=days[0], valid_from=days[1], valid_to=days[2])


def due(*entries: ContactEntry, as_of: str = "2026-11-30", rules: VerificationRules = RULES) -> DueVerification | None:
    return due_verification(entries, rules, DAY(as_of))


@pytest.mark.parametrize(
    ("entries", "due_on"),
    [
        ([entry("2025-11-30")], "2026-11-30"),
        ([entry("2025-12-01")], None),
        ([entry("2025-11-01")], "2026-11-01"),
        # Never verified: a contact counts as right when it begins, or when the first period does.
        ([entry(None, "2025-11-30")], "2026-11-30"),
        ([entry(None, "2025-12-01")], None),
        ([entry(None)], None),
        # A verification counts, whenever the contact began.
        ([entry("2025-11-20", "2026-06-01")], "2026-11-20"),
        ([entry("2026-06-01", "2020-01-01")], None),
        # Nobody is asked for days before the first period.
        ([entry("2020-01-01")], "2026-09-01"),
        # Listed under several types: the entry verified first counts, until all are verified.
        ([entry("2026-11-01"), entry("2025-11-10"), entry("2025-11-20")], "2026-11-10"),
        ([entry("2026-11-01"), entry("2026-11-01")], None),
        # Entries of other days do not count.
        ([entry("2025-01-01", None, "2026-11-29")], None),
        ([entry("2025-11-05", None, "2026-11-30")], "2026-11-05"),
        ([entry("2025-01-01", "2026-12-01")], None),
        ([entry("2025-01-01", "2026-12-01"), entry("2025-11-05")], "2026-11-05"),
        ([], None),
        ([entry("9999-12-31")], None),
    ],
)
def test_due_on(entries: Sequence[ContactEntry], due_on: str | None) -> None:
    found = due(*entries)
    assert (found.due_on if found else None) == (DAY(due_on) if due_on else None)


@pytest.mark.parametrize(
    ("as_of", "reminder", "lapsed"),
    [
        ("2026-11-01", 0, False),
        ("2026-11-05", 0, False),
        ("2026-11-06", 1, False),
        ("2026-11-10", 1, False),
        ("2026-11-11", 2, False),
        ("2026-11-14", 3, False),
        ("2026-11-16", 3, False),
        ("2026-11-17", 3, True),
        ("2030-01-01", 3, True),
    ],
)
def test_window(as_of: str, reminder: int, *, lapsed: bool) -> None:
    found = due(entry("2025-11-01"), as_of=as_of)
    assert found == DueVerification(
        due_on=DAY("2026-11-01"), answer_by=DAY("2026-11-16"), reminder=reminder, lapsed=lapsed
    )


@pytest.mark.parametrize(
    ("window_days", "reminder_days", "reminder"),
    [(15, (13, 5, 10), 3), (7, (5, 10, 13), 1), (15, (0,), 0), (15, (0, 5), 1), (15, (15,), 1), (15, (16,), 0)],
)
def test_reminders_lie_within_the_window(window_days: int, reminder_days: tuple[int, ...], reminder: int) -> None:
    policy = VerificationPolicy(every_days=365, window_days=window_days, reminder_days=reminder_days)
    found = due(entry("2025-01-01"), as_of="2030-01-01", rules=replace(RULES, policy=policy))
    assert found
    assert found.reminder == reminder


def test_days_at_the_end_of_time_are_no_error() -> None:
    found = due(entry(None, "9998-12-31"), as_of="9999-12-31")
    assert found == DueVerification(due_on=date.max, answer_by=date.max, reminder=0, lapsed=False)


def test_records_and_facts_are_judged_alike() -> None:
    contact = Contact(first_name="Jane", last_name="Doe", email="j@acme.example", verified_on=DAY("2025-11-01"))
    assert due_verification([contact], RULES, AS_OF) == due(entry("2025-11-01"))


SETTINGS = FileFacts(source="prisma.yaml", kind="settings", stem="prisma", verification=RULES)
CONTACTS = FileFacts(source="contacts/A.yaml", kind="contacts", stem="A", account="A", people=((entry("2020-01-01"),),))
AGREEMENT = FileFacts(source="agreements/A.yaml", kind="agreements", stem="A", account="A")


def agreement(closed_on: str | None) -> FileFacts:
    facts = AgreementFacts(billed_to=None, closed_on=DAY(closed_on) if closed_on else None)
    return AGREEMENT._replace(agreement=facts)


@pytest.mark.parametrize(
    ("files", "codes"),
    [
        ([SETTINGS, CONTACTS], ["verification-lapsed"]),
        ([SETTINGS, CONTACTS, agreement(None)], ["verification-lapsed"]),
        ([SETTINGS, CONTACTS, agreement("2026-12-01")], ["verification-lapsed"]),
        ([SETTINGS, CONTACTS, agreement("2026-11-30")], []),
        ([SETTINGS, CONTACTS, AGREEMENT._replace(account=None, readable=False)], []),
        ([SETTINGS._replace(verification=None), CONTACTS], []),
        ([SETTINGS._replace(verification=None, readable=False), CONTACTS], []),
        ([SETTINGS, CONTACTS._replace(readable=False)], []),
    ],
)
def test_lapsed(files: tuple[FileFacts, ...], codes: list[str]) -> None:
    found = check_verification(Facts(files=tuple(files)), Context(as_of=AS_OF))
    assert [finding.code for finding in found] == codes


def test_lapsed_is_a_warning_at_the_entry_that_was_verified_first() -> None:
    entries = (entry("2025-02-02"), entry("2025-01-01")._replace(pointer="/contacts/statement/3"))
    facts = Facts(files=(SETTINGS, CONTACTS._replace(people=(entries,))))
    (finding,) = check_verification(facts, Context(as_of=AS_OF))
    assert (finding.severity, finding.source) == ("warning", "contacts/A.yaml")
    assert finding.pointer == "/contacts/statement/3"
    assert "2026-09-16" in finding.message
