"""The status of an account: why it is what it is, and when it changes next if nothing else happens.

A pure function of what is open: good < disputed < on_plan < overdue < plan_broken < suspension_risk < suspended, and
the worst one wins. The tool recommends a suspension and never suspends: ``suspended`` is what a person recorded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pandas import DataFrame

from prisma_batch.base.money import to_minor
from prisma_batch.base.periods import days_after
from prisma_batch.receivables.debts import AccountDebts, Debt
from prisma_batch.receivables.reasons import Owed, Reason, ReasonValue, because
from prisma_batch.records.care_tables import ACCOUNT_STATUS
from prisma_batch.records.policies import Suspension

STATUSES = ("good", "disputed", "on_plan", "overdue", "plan_broken", "suspension_risk", "suspended")


@dataclass(frozen=True, kw_only=True, slots=True)
class StandingRules:
    """What a status depends on beside the debts: grace of installments, the rules of suspension."""

    grace_days: int = 0
    suspension: Suspension | None = None

    @property
    def risk_days(self) -> int | None:
        """Return after how many days overdue a debt is a risk: from the first warning on."""
        if self.suspension is None:
            return None
        return self.suspension.after_days - max(self.suspension.warning_days, default=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """An account to be judged; ``level`` is the highest reminder level that was sent for what is open."""

    owed: AccountDebts
    level: int = 0
    suspended_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A status on a day, with all reasons, the worst first, and the next day on which it is another one."""

    account: str
    on: date
    status: str
    reasons: tuple[Reason, ...]
    next_change_on: date | None = None
    next_status: str = ""


def standing(subject: Subject, rules: StandingRules, day: date) -> Standing:
    """Return the status of an account on a day, and what it will be next if nothing is paid or issued."""
    found = list(_found(subject, rules, day))
    status = found[0][0] if found else "good"
    later = ((on, _worst(subject, rules, on)) for on in _candidates(subject, rules, day, status))
    change = next(((on, other) for on, other in later if other != status), None)
    return Standing(
        account=subject.owed.account,
        on=day,
        status=status,
        reasons=tuple(reason for _, reasons in found for reason in reasons),
        next_change_on=change[0] if change else None,
        next_status=change[1] if change else "",
    )


def standing_if_paid(subject: Subject, rules: StandingRules, document: str, on: date) -> Standing:
    """Return the status of an account on a day if a document were paid on it, everything else as it is."""
    paid = Subject(owed=subject.owed.without(document), level=subject.level, suspended_on=subject.suspended_on)
    return standing(paid, rules, on)


def status_table(standings: Iterable[Standing]) -> DataFrame:
    """Return ACCOUNT_STATUS."""
    return ACCOUNT_STATUS.of(
        (own.account, own.status, "; ".join(reason.text for reason in own.reasons), own.next_change_on, own.next_status)
        for own in standings
    )


def suspension_on(subject: Subject, rules: StandingRules, day: date) -> date | None:
    """Return from when on suspension is recommended, where a debt has come close enough to it by a day."""
    return _suspension_on(subject, rules, day, overdue_debts(subject, rules, day))


def overdue_debts(subject: Subject, rules: StandingRules, day: date) -> list[Debt]:
    """Return the debts that are overdue on a day, each with the day that counts: a broken plan counts no more."""
    return _overdue_of(_counted(subject.owed, _missed_by_plan(subject.owed, rules, day)), day)


def _overdue_of(counted: Iterable[Debt], day: date) -> list[Debt]:
    return [debt for debt in counted if debt.due_on < day and not debt.plan and debt.claim_minor > 0]


def _worst(subject: Subject, rules: StandingRules, day: date) -> str:
    return next((name for name, _ in _found(subject, rules, day)), "good")


def _found(subject: Subject, rules: StandingRules, day: date) -> Iterator[tuple[str, Iterable[Reason]]]:
    """Yield each status that something speaks for, the worst first, with its reasons, made when they are read."""
    owed, missed = subject.owed, _missed_by_plan(subject.owed, rules, day)
    counted = _counted(owed, missed)
    overdue = _overdue_of(counted, day)
    if subject.suspended_on and subject.suspended_on <= day:
        yield "suspended", [because("suspended since %(day)s", day=subject.suspended_on)]
    recommended_on = _suspension_on(subject, rules, day, overdue)
    if recommended_on:
        yield "suspension_risk", [because("suspension is recommended from %(day)s on", day=recommended_on)]
    broken = [*_broken(owed), *_broken_by(missed, rules)]
    if broken:
        yield "plan_broken", broken
    if overdue:
        yield "overdue", _overdue(overdue)
    on_plan = [debt for debt in counted if debt.plan]
    if on_plan:
        yield "on_plan", [_on_plan(on_plan[0])]
    disputed = [debt for debt in owed.debts if debt.disputed_minor]
    if disputed:
        yield "disputed", map(_disputed, disputed)


def _suspension_on(subject: Subject, rules: StandingRules, day: date, overdue: Sequence[Debt]) -> date | None:
    claims = _at_risk(subject, rules, day, overdue)
    if not claims or rules.suspension is None:
        return None
    return days_after(min(claim.due_on for claim in claims), rules.suspension.after_days)


def _at_risk(subject: Subject, rules: StandingRules, day: date, overdue: Sequence[Debt]) -> list[Debt]:
    """Return the debts that lead to suspension: overdue for long enough, neither held nor small, reminders sent."""
    risk_days = rules.risk_days
    if rules.suspension is None or risk_days is None or subject.level < rules.suspension.after_level:
        return []
    claims = [debt for debt in overdue if not subject.owed.holds_of(debt, day)]
    found: list[Debt] = []
    for currency in sorted({debt.currency for debt in claims}):
        own = [debt for debt in claims if debt.currency == currency]
        least_minor = (
            to_minor(rules.suspension.minimum_amount[currency], currency)
            if currency in rules.suspension.minimum_amount
            else 0
        )
        if sum(debt.claim_minor for debt in own) - subject.owed.credit_minor.get(currency, 0) >= max(least_minor, 1):
            found += [debt for debt in own if days_after(debt.due_on, risk_days) <= day]
    return found


def _counted(owed: AccountDebts, missed: Mapping[str, Debt]) -> Sequence[Debt]:
    """Return debts with the due days that count: the documents' own again where an installment was missed."""
    if not missed:
        return owed.debts
    return [debt._replace(due_on=debt.agreed_due_on, plan="") if debt.plan in missed else debt for debt in owed.debts]


def _missed_by_plan(owed: AccountDebts, rules: StandingRules, day: date) -> dict[str, Debt]:
    """Return the first installment that was missed of each plan, sorted by plan."""
    missed: dict[str, Debt] = {}
    for debt in owed.debts:
        if debt.plan and days_after(debt.due_on, rules.grace_days) < day:
            missed.setdefault(debt.plan, debt)
    return dict(sorted(missed.items()))


def _broken(owed: AccountDebts) -> Iterator[Reason]:
    for plan in owed.broken_plans:
        yield because(
            "payment plan %(case)s broken since %(day)s: installment %(number)s was missed",
            case=plan.case,
            day=plan.broken_on,
            number=plan.missed,
        )


def _broken_by(missed: Mapping[str, Debt], rules: StandingRules) -> Iterator[Reason]:
    for plan, debt in missed.items():
        yield because(
            "payment plan %(case)s broken since %(day)s: what was due on %(due_on)s was missed",
            case=_case(plan),
            day=days_after(debt.due_on, rules.grace_days + 1),
            due_on=debt.due_on,
        )


def _candidates(subject: Subject, rules: StandingRules, day: date, status: str) -> list[date]:
    """Return the days after a day on which a status may change, sorted; from a risk on it is a person's decision."""
    found = {subject.suspended_on} if subject.suspended_on else set()
    if STATUSES.index(status) < STATUSES.index("suspension_risk"):
        debts, risk_days = subject.owed.debts, rules.risk_days
        due = {debt.due_on for debt in debts} | {debt.agreed_due_on for debt in debts}
        for wait_days in (1, risk_days) if risk_days is not None else (1,):
            found |= {days_after(on, wait_days) for on in due}
        found |= {days_after(debt.due_on, rules.grace_days + 1) for debt in debts if debt.plan}
    found |= {days_after(hold.until, 1) for hold in subject.owed.holds if hold.until}
    return sorted(candidate for candidate in found if candidate > day)


def _overdue(debts: Sequence[Debt]) -> Iterator[Reason]:
    """Yield a reason a currency: how much, since when, of what."""
    for currency in sorted({debt.currency for debt in debts}):
        own = [debt for debt in debts if debt.currency == currency]
        first = min(own, key=lambda debt: (debt.due_on, debt.document))
        amount = Owed(sum(debt.claim_minor for debt in own), currency)
        others = len({debt.document for debt in own}) - 1
        what: dict[str, ReasonValue] = {"amount": amount, "day": first.due_on, "document": first.document}
        if others:
            yield because("%(amount)s overdue since %(day)s (%(document)s and %(others)s more)", **what, others=others)
        else:
            yield because("%(amount)s overdue since %(day)s (%(document)s)", **what)


def _on_plan(debt: Debt) -> Reason:
    return because(
        "payment plan %(case)s: %(amount)s due on %(day)s (%(document)s)",
        case=_case(debt.plan),
        amount=Owed(debt.claim_minor, debt.currency),
        day=debt.due_on,
        document=debt.document,
    )


def _disputed(debt: Debt) -> Reason:
    amount = Owed(debt.disputed_minor, debt.currency)
    return because("disputed: %(amount)s of %(document)s", amount=amount, document=debt.document)


def _case(plan: str) -> str:
    return plan.partition("#")[0]
