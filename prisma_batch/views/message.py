"""A message as it is planned, before it is written."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.notices.layout import Notice
from prisma_batch.views.statement_parts import Statement
from prisma_batch.views.substance import substance_digest
from prisma_batch.views.usage_report_notice import UsageReportNotice
from prisma_batch.views.verification import VerificationNotice


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    name: str
    email: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file of the run that goes along: the name the reader sees, and its path in the run's folder."""

    name: str
    path: str


Body: TypeAlias = InvoiceCopy | Statement | UsageReportNotice | VerificationNotice | Notice


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One message to all contacts of a type, or to those it is about.

    Without a body, or where ``skipped_because`` says so, nothing is sent. ``about`` is what the journal keeps of it.
    """

    key: str
    kind: str
    account: str
    language: str
    contact_point: ContactPoint
    issuer: Issuer
    to: tuple[Recipient, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    body: Body | None = None
    about: tuple[str, ...] = ()
    revision: int = 1
    skipped_because: str = ""

    @property
    def substance(self) -> str:
        """Return the hash of what is told; nothing where there is nothing to tell."""
        return substance_digest(self.body.substance) if self.body else ""

    @property
    def act_by(self) -> date | None:
        """Return the last day on which it makes sense to send it, where there is one."""
        return self.body.act_by if isinstance(self.body, Notice) else None
