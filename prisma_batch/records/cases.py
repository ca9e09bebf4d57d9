"""``cases/``: inquiries with what was granted, service incidents, announcements."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

CLOSED_STATES = ("resolved", "closed")
STATES = ("open", "waiting_customer", "escalated", *CLOSED_STATES)
CHANNELS = ("email", "phone", "chat", "portal")
KINDS = (
    *("invoice_discrepancy", "invoice_clarification", "payment_issue", "payment_details", "billing_frequency"),
    *("refund", "payment_terms", "payment_assistance", "technical", "contact_change", "other"),
)
OUTCOME_KINDS = (
    *("payment_plan", "credit_note", "refund", "write_off", "extension", "late_fee_waiver", "temporary_discount"),
    *("promise", "hold", "accepted", "declined"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispute:
    """An amount of an invoice (tax included) that the customer disputes."""

    invoice: str
    amount: Decimal
    line: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Interaction:
    at: datetime
    channel: str
    direction: str
    by: str
    summary: str
    status: str | None = None
    automatic: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Installment:
    due_on: date
    amount: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What was granted; which fields are there depends on ``kind`` (the schema says)."""

    kind: str
    on: date
    approved_by: str | None = None
    invoices: tuple[str, ...] = ()
    installments: tuple[Installment, ...] = ()
    document: str | None = None
    amount: Decimal | None = None
    reason: str | None = None
    due_on: date | None = None
    expires_on: date | None = None
    program: str | None = None
    sku: str | None = None
    percent: Decimal | None = None
    from_: date | None = None
    to: date | None = None
    by: date | None = None
    until: date | None = None
    discrepancy: str | None = None
    fingerprint: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What was seen, by whom: never the document itself."""

    what: str
    seen_by: str
    on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    source: str
    id: str
    account: str
    kind: str
    opened_at: datetime
    channel: str
    subject: str
    status: str
    requested_by: str | None = None
    documents: tuple[str, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.status not in CLOSED_STATES


@dataclass(frozen=True, kw_only=True, slots=True)
class Incident:
    source: str
    id: str
    started_at: datetime
    programs: tuple[str, ...]
    ended_at: datetime | None = None
    skus: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    availability_percent: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Audience:
    everyone: bool = False
    partners: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Announcement:
    source: str
    id: str
    audience: Audience
    text: Mapping[str, str]
    date: date
    subject: Mapping[str, str] = field(default_factory=dict)
