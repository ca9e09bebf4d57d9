"""Rules of ``prisma.yaml`` for what is overdue: reminders, suspension, payment assistance."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True, kw_only=True, slots=True)
class DunningLevel:
    """A level of reminders, reached so many days after the due date; ``fee`` is by currency, ``names`` by language."""

    after_days: int
    name: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    fee: Mapping[str, Decimal] = field(default_factory=dict)
    interest_percent: Decimal | None = None
    pay_by_days: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Dunning:
    """The ladder of reminders; nothing is sent within ``grace_days``, or below ``minimum_amount`` of a currency."""

    levels: tuple[DunningLevel, ...]
    grace_days: int = 0
    minimum_interval_days: int = 0
    minimum_amount: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suspension:
    """When suspension is recommended; the customer is warned ``warning_days`` before."""

    after_days: int
    after_level: int = 0
    minimum_amount: Mapping[str, Decimal] = field(default_factory=dict)
    warning_days: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminders:
    """How many days before or after a deadline people are told."""

    usage_report_due_days: tuple[int, ...] = ()
    usage_report_overdue_days: tuple[int, ...] = ()
    payment_due_days: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AssistanceRule:
    """A fact of the account and the limits within which it earns points; a ``required`` one decides alone."""

    name: str
    fact: Literal["months_active", "late_payments", "plans_broken", "plans_kept", "days_overdue", "evidence"]
    at_least: int | None = None
    at_most: int | None = None
    points: int = 1
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AssistanceOffer:
    """What may be granted from so many points on, and up to which overdue amount by currency."""

    kind: Literal["payment_plan", "extension", "temporary_discount", "late_fee_waiver"]
    from_points: int
    max_amount: Mapping[str, Decimal] = field(default_factory=dict)
    terms: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assistance:
    """By which rules payment assistance is assessed."""

    rules: tuple[AssistanceRule, ...]
    offers: tuple[AssistanceOffer, ...]
