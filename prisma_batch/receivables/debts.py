"""What an account owes, as reminders and the account's status look at it: debts with their days and reasons to wait."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from pandas import DataFrame

from prisma_batch.receivables.result import Receivables
from prisma_batch.records.table import days_of, rows_of, values_of


class Debt(NamedTuple):
    """An open document, or an installment of one.

    ``due_on`` is the installment's day where it is of a ``plan``; ``agreed_due_on`` counts again when that is broken.
    """

    document: str
    currency: str
    open_minor: int
    disputed_minor: int
    due_on: date
    agreed_due_on: date
    plan: str
    hold: str

    @property
    def claim_minor(self) -> int:
        """Return what is not disputed of it."""
        return self.open_minor - self.disputed_minor


class Hold(NamedTuple):
    """A reason not to remind of a document, or of the whole account where ``document`` is empty."""

    document: str
    kind: str
    until: date | None
    case: str

    def is_in_force(self, day: date) -> bool:
        return self.until is None or day <= self.until

    def text(self) -> str:
        end = f" until {self.until}" if self.until else ""
        return f"{'open ' if self.kind == 'case' else ''}{self.kind}{end} ({self.case})"


class BrokenPlan(NamedTuple):
    """A plan that does not hold any more, though something of it is open."""

    case: str
    missed: int
    broken_on: date
    documents: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountDebts:
    """Everything open of one account, and what is unapplied of its money by currency (positive)."""

    account: str
    debts: tuple[Debt, ...] = ()
    holds: tuple[Hold, ...] = ()
    broken_plans: tuple[BrokenPlan, ...] = ()
    credit_minor: Mapping[str, int] = field(default_factory=dict)

    def holds_of(self, debt: Debt, day: date) -> tuple[Hold, ...]:
        """Return all that holds reminders of a debt on a day; a dispute and a plan do that by themselves."""
        if not self.holds:
            return ()
        return tuple(own for own in self.holds if own.document in {"", debt.document} and own.is_in_force(day))

    def without(self, document: str) -> "AccountDebts":
        """Return the account as if a document were paid."""
        rest = tuple(debt for debt in self.debts if debt.document != document)
        return AccountDebts(
            account=self.account,
            debts=rest,
            holds=self.holds,
            broken_plans=tuple(
                plan for plan in self.broken_plans if any(debt.document in plan.documents for debt in rest)
            ),
            credit_minor=self.credit_minor,
        )


def debts_by_account(receivables: Receivables, holds: DataFrame, accounts: Iterable[str]) -> dict[str, AccountDebts]:
    """Return what each account owes, sorted by account; those that owe nothing are among them."""
    debts: dict[str, list[Debt]] = defaultdict(list)
    credit: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for account, debt in _debts(receivables.open_items):
        if debt.open_minor > 0:
            debts[account].append(debt)
        else:
            credit[account][debt.currency] -= debt.open_minor
    for row in rows_of(receivables.unapplied):
        credit[row.account][row.currency] += int(row.amount_minor)
    held: dict[str, list[Hold]] = defaultdict(list)
    for row in rows_of(holds):
        until = None if row.until != row.until else row.until.date()  # NaT is not equal to itself
        held[row.account].append(Hold(row.document, row.kind, until, row.case))
    broken: dict[str, list[BrokenPlan]] = defaultdict(list)
    for row in rows_of(receivables.plans[receivables.plans["state"].eq("broken")]):
        if row.open_minor:
            plan = BrokenPlan(row.case, int(row.missed), row.broken_on.date(), tuple(row.documents.split("\n")))
            broken[row.account].append(plan)
    return {
        account: AccountDebts(
            account=account,
            debts=tuple(debts.get(account, ())),
            holds=tuple(held.get(account, ())),
            broken_plans=tuple(broken.get(account, ())),
            credit_minor=dict(credit.get(account, {})),
        )
        for account in sorted({*accounts, *debts} - {""})
    }


def _debts(open_items: DataFrame) -> Iterator[tuple[str, Debt]]:
    """Yield each row with its account; by column, since there may be a hundred thousand."""
    columns = [values_of(open_items[name]) for name in ("document", "currency", "open_minor", "disputed_minor")]
    days = [days_of(open_items[name]) for name in ("due_on", "agreed_due_on")]
    texts = [values_of(open_items[name]) for name in ("plan", "hold")]
    return zip(values_of(open_items["account"]), map(Debt, *columns, *days, *texts), strict=True)
