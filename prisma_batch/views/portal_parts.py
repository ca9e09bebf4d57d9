"""What the portal's pages show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import BillTo
from prisma_batch.records.contacts import Contact
from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.views.amounts import Money
from prisma_batch.views.charts import BalanceLine, Bar
from prisma_batch.views.notices.layout import Text
from prisma_batch.views.statement import Section, StatementSpan
from prisma_batch.views.summary import RunSummary
from prisma_batch.views.trend import Trend


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLink:
    """A document of the run and where its files lie in the run's folder."""

    title: str
    kind: str
    issued_on: date | None
    amount: Money | None
    paths: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportLine:
    program: str
    period: Period
    state: str
    due_on: date | None
    submitted_on: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Installment:
    due_on: date
    amount: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseLine:
    """An inquiry; ``installments`` are those of the last payment plan that was granted in it."""

    id: str
    kind: str
    subject: str
    status: str
    opened_on: date
    is_open: bool
    installments: tuple[Installment, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """An account's status, why, and what comes next if nothing is done."""

    status: str
    reasons: tuple[Text, ...]
    next_change_on: date | None
    next_status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Balances:
    """One currency of an account: its section of the statement, and its charts."""

    section: Section
    aging: tuple[Bar, ...]
    history: BalanceLine | None


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageComparison:
    """What a program's usage came to and what was invoiced for it, in the run's period; ``bars`` in this order."""

    program: str
    bars: tuple[Bar, Bar]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountPage:
    account: str
    customer_name: str
    partner: str
    language: str
    span: StatementSpan
    issuer: Issuer
    contact_point: ContactPoint
    bill_to: BillTo
    standing: Standing | None
    balances: tuple[Balances, ...]
    files: tuple[FileLink, ...]
    contacts: Mapping[str, tuple[Contact, ...]]
    change_url: str
    reports: tuple[ReportLine, ...]
    usage: tuple[UsageComparison, ...]
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AgingChart:
    """What is open in one currency by age; ``overdue`` is all that is past its due date."""

    currency: str
    bars: tuple[Bar, ...]
    balance: Money
    overdue: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class PortalIndex:
    """What finance sees first: the run's summary, each account by currency, and the runs before."""

    summary: RunSummary
    issuer: Issuer
    contact_point: ContactPoint
    accounts: tuple[AccountPage, ...]
    aging: tuple[AgingChart, ...]
    trends: tuple[Trend, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscrepancyRow:
    id: str
    kind: str
    severity: str
    state: str
    account: str
    message: str
    difference: Money | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscrepancyPage:
    """Every discrepancy of a run, and by currency what each kind comes to; ``accounts`` are those with a page."""

    period: Period
    issuer: Issuer
    contact_point: ContactPoint
    impact: tuple[tuple[str, tuple[Bar, ...]], ...]
    rows: tuple[DiscrepancyRow, ...]
    accounts: frozenset[str]
