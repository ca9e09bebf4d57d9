"""``prisma.yaml``: issuer, billing contact point, programs, partners and policies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from prisma_batch.base.periods import Period, periods_between
from prisma_batch.records.policies import Assistance, Dunning, Reminders, Suspension

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, kw_only=True, slots=True)
class BankAccount:
    name: str | None = None
    iban: str | None = None
    number: str | None = None
    bic: str | None = None
    currency: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Issuer:
    """Who bills; ``logo`` and the folder ``fonts`` are paths in the workspace."""

    legal_name: str
    finance_email: str
    address: tuple[str, ...] = ()
    country: str | None = None
    tax_id: str | None = None
    bank_accounts: tuple[BankAccount, ...] = ()
    logo: str | None = None
    colours: Mapping[str, str] = field(default_factory=dict)
    paper: Literal["a4", "letter"] = "a4"
    fonts: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """Business hours: ``weekly`` maps a weekday to windows such as ``09:00-12:00`` in ``timezone``."""

    timezone: str
    weekly: Mapping[str, tuple[str, ...]]
    holidays: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Targets:
    """In business hours; ``warn_before_hours`` before either runs out, the case is listed as due soon.

    ``follow_up_days`` (of the calendar) after it is resolved the customer is asked whether it is; 0 asks nobody.
    """

    first_reply_hours: int
    resolution_hours: int
    warn_before_hours: int = 0
    follow_up_days: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Escalation:
    """Whom a customer turns to next, after so many business hours without a resolution."""

    after_hours: int
    name: str
    email: str
    phone: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactPoint:
    """Whom a customer calls about a bill; printed on everything a customer sees.

    ``change_url`` is where contacts are changed; ``{account}`` in it stands for the account. ``help_url`` is where the
    pages of ``docs/help`` are; ``{page}`` stands for one of them.
    """

    email: str
    phone: str
    hours: Hours
    chat: str | None = None
    change_url: str | None = None
    help_url: str | None = None
    targets: Targets | None = None
    escalation: tuple[Escalation, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchTolerance:
    """Differences between usage and invoice that pass where one limit holds; ``amount`` is by currency."""

    quantity: Decimal | None = None
    percent: Decimal | None = None
    amount: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """A licence or cloud program; usage comes from reports (due on ``due_day`` of the next month) or is metered."""

    name: str
    source: Literal["reported", "metered"]
    due_day: int = 10
    late_policy: str | None = None
    late_penalty: Mapping[str, Decimal] = field(default_factory=dict)
    late_window_months: int = 0
    external_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerance: MatchTolerance | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    login: str
    id: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PartnerRepository:
    """A repository of a partner's own, from which its contacts and usage reports are pulled."""

    url: str
    ref: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Partner:
    name: str
    members: tuple[Member, ...] = ()
    account_prefixes: tuple[str, ...] = ()
    repository: PartnerRepository | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationPolicy:
    """A contact falls due so many days after it was verified, has a window to answer and is reminded on days of it.

    The day on which it falls due is day 0 of the window. Defaults are those of domain registrars.
    """

    every_days: int
    window_days: int = 15
    reminder_days: tuple[int, ...] = (5, 10, 13)


@dataclass(frozen=True, kw_only=True, slots=True)
class VerificationRules:
    """The policy, and the first day on which a contact can fall due: nobody is asked for days before it."""

    policy: VerificationPolicy
    first_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentTolerance:
    """How much less than what was due may be let go: of a receipt, and of an account's receipts of a calendar year.

    Amounts by currency; a currency without one has none. Both limits of a receipt hold where both are given.
    """

    amount: Mapping[str, Decimal] = field(default_factory=dict)
    percent: Decimal | None = None
    yearly_cap: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotReceivableRule:
    """Which bank entries are not a customer's money; every condition that is given holds for them."""

    name: str
    counterparty_iban: str | None = None
    text_contains: str | None = None
    bank_code: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerances:
    usage: MatchTolerance | None = None
    payment: PaymentTolerance | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLimits:
    """A change is out of the ordinary where it is over the percentage of the mean, and over the amount if one is given.

    ``amount`` is by currency.
    """

    percent: Decimal = Decimal(50)
    amount: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AnomalyPolicy:
    """What is out of the ordinary, compared with the mean of ``months`` before; ``alerts`` are kinds for a person."""

    months: int = 3
    usage: ChangeLimits = ChangeLimits()
    spend: ChangeLimits = ChangeLimits()
    alerts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Policies:
    """``closing_day`` is a day of the following month, or ``end``: the last day of the period itself.

    ``removal_share`` is the largest share of an account's contacts that one request of a partner may remove.
    """

    closing_day: Any = "end"
    verification: VerificationPolicy | None = None
    removal_share: Decimal | None = None
    tolerances: Tolerances | None = None
    not_receivable: tuple[NotReceivableRule, ...] = ()
    anomalies: AnomalyPolicy = AnomalyPolicy()
    dunning: Dunning | None = None
    suspension: Suspension | None = None
    reminders: Reminders | None = None
    assistance: Assistance | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BankLayout:
    """How a bank's file is read: ``columns`` maps our columns to its headers, ``fixed`` gives what it does not have.

    ``debit`` and ``credit`` may stand for ``amount``; ``side`` has one of ``debit_words`` or ``credit_words`` beside an
    amount without a sign; ``balance`` is the balance after each entry.
    """

    file_format: Literal["csv", "mt940", "ofx", "bai2"] = "csv"
    account: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "utf-8"
    date_format: str = "%Y-%m-%d"
    decimal_mark: str = "."
    thousands_mark: str | None = None
    debit_words: tuple[str, ...] = ()
    credit_words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageLayout:
    """How a metered usage file of one's own is read: headers by meaning, and values that hold for every row.

    ``unit_blocks`` says that units begin with a block size, by which quantities are multiplied.
    """

    columns: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: str = "utf-8"
    date_format: str | None = None
    decimal_mark: str = "."
    unit_blocks: bool = False
    quantity_scale: int = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    source: str
    issuer: Issuer
    contact_point: ContactPoint
    programs: Mapping[str, Program]
    partners: Mapping[str, Partner]
    first_period: Period
    policies: Policies = Policies()
    staff: tuple[Member, ...] = ()
    bank_layouts: Mapping[str, BankLayout] = field(default_factory=dict)
    usage_layouts: Mapping[str, UsageLayout] = field(default_factory=dict)

    def as_of(self, period: Period) -> date:
        """Return the closing day of a period: the default as-of date, never today."""
        day = self.policies.closing_day
        return period.last_day if day == "end" else period.plus(1).day(int(day))

    @property
    def verification_rules(self) -> VerificationRules | None:
        """Return how contacts are verified, or None where nobody is asked to."""
        policy = self.policies.verification
        return VerificationRules(policy=policy, first_day=self.first_period.first_day) if policy else None

    def open_periods(self, program: str, period: Period) -> tuple[Period, ...]:
        """Return the months of a program that a run of a period looks at: its own, and those within the window."""
        first = max(self.first_period, period.plus(-self.programs[program].late_window_months))
        return tuple(periods_between(first, period))

    def tolerance_of(self, program: str) -> MatchTolerance | None:
        """Return the tolerance of a program, or the general one; documents and others without a program have that."""
        own = self.programs[program].tolerance if program in self.programs else None
        return own or (self.policies.tolerances.usage if self.policies.tolerances else None)
