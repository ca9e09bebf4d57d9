"""A run in which every notice is due for ACME-001, as of 15 November 2026."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from prisma_batch.receivables.debts import debts_by_account
from prisma_batch.receivables.dunning import SentReminders, reminders
from prisma_batch.receivables.standing import StandingRules, Subject, standing
from prisma_batch.records.agreements import Pricing, Rate
from prisma_batch.records.care_tables import HOLDS
from prisma_batch.records.cases import Announcement, Audience, Case, Incident, Installment, Interaction, Outcome
from prisma_batch.records.journal import JournalRow
from prisma_batch.records.policies import Dunning, DunningLevel, Reminders, Suspension
from prisma_batch.records.settings import Targets
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.tables import DISCREPANCIES, PAYMENTS, USAGE_REPORT_STATES
from prisma_batch.views.notices.state import NoticeState
from tests.views.sample_run import AS_OF, SPAN, receivables, snapshot

LADDER = Dunning(
    levels=(
        DunningLevel(after_days=7, name="Reminder", pay_by_days=10),
        DunningLevel(after_days=21),
        DunningLevel(after_days=45),
    )
)
RULES = StandingRules(grace_days=5, suspension=Suspension(after_days=100, warning_days=(14, 3)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}+01:00")


def entry(moment: str, direction: str, summary: str, status: str | None = None) -> Interaction:
    return Interaction(
        at=at(moment), channel="email", direction=direction, by="somebody", summary=summary, status=status
    )


def case(number: int, *log: Interaction, kind: str = "invoice_discrepancy", **fields: Any) -> Case:
    about: dict[str, Any] = {"source": "", "id": f"CASE-2026-000{number}", "account": "ACME-001", "channel": "email"}
    status = [own.status for own in log if own.status][-1]
    return Case(
        **about,
        kind=kind,
        opened_at=log[0].at,
        subject="Too many core pairs",
        status=status,
        interactions=log,
        **fields,
    )


def cases() -> tuple[Case, ...]:
    """One that lacks everything, one that was resolved with a plan, one whose resolution is older."""
    plan = Outcome(
        kind="payment_plan",
        on=date(2026, 11, 12),
        approved_by="finance@issuer.example",
        invoices=("INV-2026-00123",),
        installments=(
            Installment(due_on=date(2026, 12, 15), amount=Decimal("170.25")),
            Installment(due_on=date(2027, 1, 15), amount=Decimal("170.24")),
        ),
    )
    return (
        case(1, entry("11-13T16:30:00", "in", "Too many core pairs", "open"), requested_by="jane.doe@acme-001.example"),
        case(
            2,
            entry("10-05T09:00:00", "in", "We need more time", "open"),
            entry("11-12T10:00:00", "out", "Two installments, as agreed by phone", "resolved"),
            kind="payment_assistance",
            outcome=(plan,),
        ),
        case(
            3, entry("10-05T09:00:00", "in", "Whose is it?", "open"), entry("10-10T10:00:00", "out", "Yours", "closed")
        ),
    )


def rate(price: str, starts_on: date, ends_on: date | None = None) -> Rate:
    return Rate(
        program="microsoft-spla",
        sku="9EA-00039",
        unit="core-pair",
        starts_on=starts_on,
        ends_on=ends_on,
        pricing=Pricing(model="per_unit", price=Decimal(price)),
    )


def records(language: str = "en") -> Snapshot:
    """The customers of the sample run with everything that notices are about."""
    own = snapshot(language=language)
    agreement = own.agreements["ACME-001"]
    rates = (rate("23.45", date(2026, 1, 1), date(2026, 12, 31)), rate("24.10", date(2027, 1, 1)))
    incident = Incident(
        source="",
        id="INC-2026-007",
        started_at=at("10-03T04:00:00"),
        ended_at=at("10-03T09:30:00"),
        programs=("microsoft-spla",),
        availability_percent=Decimal("99.2"),
    )
    announcement = Announcement(
        source="",
        id="maintenance",
        audience=Audience(accounts=("ACME-001",)),
        subject={"en": "Maintenance", "de": "Wartung"},
        text={
            "en": "The portal is closed from 20:00.\n\nInvoices are not late for that.",
            "de": "Ab 20:00 zu.",
        },
        date=date(2026, 11, 1),
    )
    point = replace(
        own.settings.contact_point, targets=Targets(first_reply_hours=8, resolution_hours=40, follow_up_days=7)
    )
    policies = replace(
        own.settings.policies,
        dunning=LADDER,
        suspension=RULES.suspension,
        reminders=Reminders(usage_report_overdue_days=(1, 5)),
    )
    credited = replace(own.documents[0], reason="Outage INC-2026-007 of 3 October")
    return replace(
        own,
        settings=replace(own.settings, contact_point=point, policies=policies),
        agreements={**own.agreements, "ACME-001": replace(agreement, rates=rates)},
        documents=(credited, own.documents[1]),
        cases=cases(),
        incidents=(incident,),
        announcements=(announcement,),
    )


def notice_state(language: str = "en", sent: tuple[JournalRow, ...] = (), **changed: Any) -> NoticeState:
    """The state from which every kind of notice is due."""
    own = records(language)
    payments = [
        (f"NTRY-{n}", "bank.csv", "2", "S-1", on, on, 5_000 * n, "EUR", "ACME-001", state)
        for n, on, state in (
            (40, date(2026, 10, 16), "applied"),
            (56, date(2026, 11, 1), "unapplied"),
            (31, date(2026, 10, 2), "applied"),
            (57, date(2026, 11, 2), "reversed"),
        )
    ]
    result = replace(receivables(), payments=PAYMENTS.of(payments))
    owed = debts_by_account(result, HOLDS.of([]), own.customers)
    subjects = tuple(Subject(owed=debts, level=2) for debts in owed.values())
    about = (
        "ACME-001",
        "",
        "",
        "2026-10",
        "INV-2026-00123",
        "1",
        "",
        "",
        "",
        100,
        200,
        100,
        0,
        "EUR",
        "f",
        "…",
        "x",
        "",
    )
    fields = {
        "snapshot": own,
        "span": SPAN,
        "receivables": result,
        "usage_report_states": USAGE_REPORT_STATES.of(
            [("ACME-001", "microsoft-spla", "2026-10", "missing", date(2026, 11, 10), None, "agreements/ACME-001.yaml")]
        ),
        "discrepancies": DISCREPANCIES.of(
            ("D-1", "price_mismatch", "error", state, *about) for state in ("open", "accepted")
        ),
        "subjects": subjects,
        "standings": tuple(standing(subject, RULES, AS_OF) for subject in subjects),
        "rules": RULES,
        "reminders": tuple(reminders(owed.values(), LADDER, SentReminders(levels={}, last_on={}), AS_OF)),
        "sent": sent,
    }
    return NoticeState(**{**fields, **changed})
