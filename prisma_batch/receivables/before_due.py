"""What is due soon: recalled the configured days before, one message an account and due day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from prisma_batch.base.identifiers import file_stem
from prisma_batch.base.periods import days_after
from prisma_batch.receivables.debts import AccountDebts, Debt
from prisma_batch.receivables.dunning import BEFORE_DUE, KIND, why_not_claimed


@dataclass(frozen=True, kw_only=True, slots=True)
class DueSoon:
    """What an account has to pay by a day, and how many days before it is recalled; no level of reminders.

    ``credit_minor`` (positive, by currency) is what earlier debts leave of it. Where ``skipped_because`` says
    something, nothing is sent.
    """

    account: str
    due_on: date
    days_before: int
    debts: tuple[Debt, ...]
    credit_minor: Mapping[str, int] = field(default_factory=dict)
    skipped_because: str = ""

    @property
    def key(self) -> str:
        return f"{KIND}.{self.account}.{BEFORE_DUE}.{self.due_on}.{self.days_before}"

    @property
    def about(self) -> tuple[str, ...]:
        """Return what the journal keeps of it: each document, at no level."""
        return tuple(f"{file_stem(debt.document)}={BEFORE_DUE}" for debt in self.debts)


def due_soon(accounts: Iterable[AccountDebts], days: Sequence[int], as_of: date) -> Iterator[DueSoon]:
    """Yield what is due soon of each account, at the last of the days before that was reached."""
    for owed in accounts if days else ():
        coming = sorted((debt for debt in owed.debts if debt.due_on >= as_of), key=lambda debt: debt.due_on)
        for due_on, group in groupby(coming, key=lambda debt: debt.due_on):
            reached = [step for step in days if days_after(due_on, -step) <= as_of]
            if reached:
                yield _recalled(owed, due_on, min(reached), list(group), as_of)


def _recalled(owed: AccountDebts, due_on: date, days_before: int, debts: list[Debt], as_of: date) -> DueSoon:
    held = {debt: why_not_claimed(owed, debt, as_of) for debt in debts}
    claimed = [debt for debt in debts if not held[debt]]
    earlier = [debt for debt in owed.debts if debt.due_on < due_on and not why_not_claimed(owed, debt, as_of)]
    credit = {
        currency: left
        for currency, minor in owed.credit_minor.items()
        if (left := minor - _claimed(earlier, currency)) > 0
    }
    owing = {own.currency for own in claimed if _claimed(claimed, own.currency) > credit.get(own.currency, 0)}
    covered = (f"credit in {debt.currency} covers it" for debt in claimed if debt.currency not in owing)
    reasons = dict.fromkeys(reason for reason in (*held.values(), *covered) if reason)
    asked = [debt for debt in claimed if debt.currency in owing]
    return DueSoon(
        account=owed.account,
        due_on=due_on,
        days_before=days_before,
        debts=tuple(sorted(asked, key=lambda debt: (debt.currency, debt.document))),
        credit_minor=credit,
        skipped_because="" if owing else "; ".join(reasons),
    )


def _claimed(debts: Iterable[Debt], currency: str) -> int:
    return sum(debt.claim_minor for debt in debts if debt.currency == currency)
