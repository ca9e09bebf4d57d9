"""Payment plans: which installment is open, which was missed, and whether the plan still holds.

Payments settle the documents of a plan; what they leave open is what the last installments are there for, so the first
installments count as paid first, whichever of the documents was paid. A plan that was broken stays broken.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, TypeAlias

from pandas import DataFrame

from prisma_batch.base.periods import days_after
from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.book import Book
from prisma_batch.records.care_tables import PLAN_STATES
from prisma_batch.records.table import rows_of

Dues: TypeAlias = Sequence[tuple[date, int]]  # due day and minor units of each installment, in order
Settlements: TypeAlias = Mapping[str, Sequence[tuple[date, int]]]  # by document: day that counts, minor units


class Installment(NamedTuple):
    """One installment, counted from 1; ``open_minor`` is what is left of it."""

    number: int
    due_on: date
    amount_minor: int
    open_minor: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanState:
    """A plan on a day; ``broken_on`` is the first day on which it does not hold any more, because of ``missed``."""

    plan: str
    case: str
    account: str
    currency: str
    documents: tuple[str, ...]
    installments: tuple[Installment, ...]
    open_minor: int
    missed: int = 0
    broken_on: date | None = None

    @property
    def state(self) -> str:
        if self.broken_on:
            return "broken"
        return "on_time" if self.open_minor else "kept"


def plan_states(book: Book, assistance: Assistance, as_of: date) -> tuple[PlanState, ...]:
    """Return the plans granted up to a day, by name; a document is in the plan that was granted last for it."""
    granted = [row for row in rows_of(assistance.plans) if row.on.date() <= as_of and row.document in book.documents]
    plan_of = {row.document: row for row in sorted(granted, key=lambda row: (row.on, row.plan))}
    documents: dict[Any, list[str]] = defaultdict(list)
    for document, row in plan_of.items():
        documents[row.plan, row.case, row.on.date()].append(document)
    dues: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for row in rows_of(assistance.installments):
        dues[row.plan].append((row.due_on.date(), int(row.amount_minor)))
    settlements = settlements_of(book, frozenset(plan_of))
    return tuple(
        _state(book, key, sorted(own), (dues[key[0]], settlements, assistance.grace_days), as_of)
        for key, own in sorted(documents.items())
    )


def installment_name(number: int, count: int) -> str:
    """Return how tables name an installment of a plan: ``1 of 3``, since spreadsheets take ``1/3`` for a day."""
    return f"{number} of {count}"


def plan_table(states: Sequence[PlanState]) -> DataFrame:
    """Return PLAN_STATES."""
    return PLAN_STATES.of(
        (
            *(own.plan, own.case, own.account, own.currency, "\n".join(own.documents)),
            *(own.state, own.open_minor, own.missed, own.broken_on),
        )
        for own in states
    )


def shares(state: PlanState, open_minor: Mapping[str, int]) -> Iterator[tuple[str, Installment | None, int]]:
    """Yield which document is open with how much in which installment, first ones first.

    What is open beyond the installments is in none of them.

    Args:
        open_minor: what is open of each document of the plan, those due first in front.
    """
    left = dict(open_minor)
    for installment in state.installments:
        wanted = installment.open_minor
        for document in open_minor:
            part = min(wanted, left[document])
            if part:
                yield document, installment, part
            wanted -= part
            left[document] -= part
    yield from ((document, None, minor) for document, minor in left.items() if minor)


def installments(dues: Dues, open_minor: int) -> Iterator[Installment]:
    """Yield the installments of a plan with what is open of each: the last ones are paid last.

    Args:
        open_minor: what is open of the plan's documents; more than the installments are about is in none of them.
    """
    after = sum(minor for _, minor in dues)
    for number, (due_on, amount_minor) in enumerate(dues, start=1):
        after -= amount_minor
        yield Installment(number, due_on, amount_minor, min(amount_minor, max(0, open_minor - after)))


def _state(
    book: Book, key: tuple[str, str, date], documents: list[str], terms: tuple[Dues, Settlements, int], as_of: date
) -> PlanState:
    dues, settlements, grace_days = terms
    plan, case, granted_on = key

    def open_on(day: date) -> int:
        later = sum(minor for name in documents for on, minor in settlements.get(name, ()) if on > day)
        return sum(max(book.open_minor[name], 0) for name in documents) + later

    amounts = [minor for _, minor in dues]
    credits_since = [
        (_day(on), minor) for name in documents for on, minor in book.netted.get(name, ()) if _day(on) > granted_on
    ]

    def beyond_on(day: date) -> int:
        """Return what was open, is in no installment, and has not been credited since."""
        credited = sum(minor for on, minor in credits_since if on <= day)
        return max(0, open_on(granted_on) - credited - sum(amounts))

    missed, broken_on = 0, None
    for number, (due_on, _) in enumerate(dues, start=1):
        last_day = days_after(due_on, grace_days)
        if last_day < as_of and open_on(last_day) > sum(amounts[number:]) + beyond_on(last_day):
            missed, broken_on = number, days_after(last_day, 1)
            break
    owed = book.documents[documents[0]]
    open_minor = open_on(as_of)
    return PlanState(
        plan=plan,
        case=case,
        account=owed.account,
        currency=owed.currency,
        documents=tuple(documents),
        installments=tuple(installments(dues, max(0, open_minor - beyond_on(as_of)))),
        open_minor=open_minor,
        missed=missed,
        broken_on=broken_on,
    )


def settlements_of(book: Book, documents: frozenset[str]) -> Settlements:
    """Return what reduced each document, on the days that judge lateness: of values, of decisions, of credit notes."""
    found: dict[str, list[tuple[date, int]]] = defaultdict(list)
    for document, on, amount_minor in _reductions(book) if documents else ():
        if document in documents:
            found[document].append((_day(on), int(amount_minor)))
    return found


def _reductions(book: Book) -> Iterator[tuple[str, Any, int]]:
    for rows in book.allocations.values():
        for row in rows:
            yield row.document, row.value_date, row.settled_minor
    for document, _, _, amount_minor, _, on, *_ in book.adjustments:
        yield document, on, amount_minor
    for document, credited in book.netted.items():
        for on, amount_minor in credited:
            yield document, on, amount_minor


def _day(on: Any) -> date:
    day: date = on.date() if hasattr(on, "date") else on
    return day
