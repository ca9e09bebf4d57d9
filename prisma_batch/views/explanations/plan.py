"""``CASE-2026-0042#0``: a payment plan, whether it holds, what was paid into it, and what is due next."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import to_minor
from prisma_batch.base.periods import days_after
from prisma_batch.cases.granted import plans_of
from prisma_batch.receivables.plans import installment_name
from prisma_batch.records.cases import Case, Installment, Outcome
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.money import document_place, payment_place
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import Place, Step, Trace, summed

KIND, EXAMPLE = "plan", "CASE-2026-0042#0"


class _Plan(NamedTuple):
    """A plan that was granted: ``state`` is its row of PLAN_STATES, none where it covers nothing on the day."""

    name: str
    case: Case
    place_in_case: int
    outcome: Outcome
    currency: str
    state: Row | None

    @property
    def place(self) -> Place:
        return Place(source=self.case.source, pointer=pointer("outcome", self.place_in_case))


def ids(basis: Basis) -> Iterator[str]:
    """Yield the names of the plans that cases granted: the case and the place of its outcome."""
    yield from (name for name, *_ in plans_of(basis.snapshot.cases))


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a plan: where it stands, its installments, what is open, and what was paid since it was granted."""
    plan = _plan(basis, identifier)
    outcome = plan.outcome
    by = f" by {outcome.approved_by}" if outcome.approved_by else ""
    count = len(outcome.installments)
    text = f"payment plan of {plan.case.account}, granted on {outcome.on}{by}: {count} installments"
    steps = [*_standing(basis, plan), *_installments(basis, plan)]
    if plan.state:
        steps += [_open(basis, plan), *_paid(basis, plan)]
    return basis.trace(identifier, KIND, text, steps)


def _plan(basis: Basis, identifier: str) -> _Plan:
    name, case, index = next(found for found in plans_of(basis.snapshot.cases) if found[0] == identifier)
    outcome = case.outcome[index]
    known = [basis.documents[number].currency for number in outcome.invoices if number in basis.documents]
    states = basis.receivables.plans
    state = next(iter(rows_of(states[states["plan"].eq(name)])), None)
    return _Plan(name, case, index, outcome, known[0] if known else "", state)


def _standing(basis: Basis, plan: _Plan) -> Iterator[Step]:
    as_of, covered = basis.span.as_of, ", ".join(plan.outcome.invoices)
    if plan.state is None:
        begins = f"it begins on {plan.outcome.on}" if plan.outcome.on > as_of else "another plan was granted for them"
        yield Step(text=f"it does not count on {as_of} for {covered}: {begins}", place=plan.place)
    elif plan.state.state == "kept":
        yield Step(text=f"it was kept: nothing of {covered} is open any more", place=plan.place)
    elif plan.state.state == "broken":
        since, missed = plan.state.broken_on.date(), plan.outcome.installments[plan.state.missed - 1]
        late = f"installment {plan.state.missed}, due on {missed.due_on}, was not paid within {_grace(basis)} days"
        yield Step(text=f"it is broken since {since}: {late}", place=_place(plan, plan.state.missed))
        yield Step(text=f"the first due days of {covered} count again, and so do reminders; a new plan may be granted")
    else:
        yield Step(text=f"it holds: no reminder is sent for {covered}", place=plan.place)
        yield from _next(basis, plan)


def _next(basis: Basis, plan: _Plan) -> Iterator[Step]:
    """Yield what is to be paid next, and until when the plan holds without it."""
    for number, installment, open_minor in _shares(basis, plan):
        if open_minor:
            last_day = days_after(installment.due_on, _grace(basis))
            amount = Money(open_minor, plan.currency)
            text = f"to be paid next, by {installment.due_on}; the plan ends where it is open after {last_day}"
            yield Step(text=text, figure=amount, place=_place(plan, number))
            return


def _installments(basis: Basis, plan: _Plan) -> Iterator[Step]:
    count = len(plan.outcome.installments)
    for number, installment, open_minor in _shares(basis, plan):
        agreed = Money.of(installment.amount, plan.currency) if plan.currency else None
        name, fate = installment_name(number, count), _fate(plan, number, open_minor)
        text = f"installment {name}, due on {installment.due_on}{fate}"
        yield Step(text=text, figure=agreed, place=_place(plan, number))


def _fate(plan: _Plan, number: int, open_minor: int) -> str:
    if plan.state is None:
        return ""
    if plan.state.state == "broken":
        missed = plan.state.missed
        return ": paid" if number < missed else ": missed" if number == missed else ": not agreed any more"
    if not open_minor:
        return ": paid"
    whole = open_minor == to_minor(plan.outcome.installments[number - 1].amount, plan.currency)
    return ": open" if whole else f": {Money(open_minor, plan.currency).text} {plan.currency} of it open"


def _shares(basis: Basis, plan: _Plan) -> Iterator[tuple[int, Installment, int]]:
    """Yield each installment with its number and what is open of it, in minor units."""
    items = basis.receivables.open_items
    own = items[items["plan"].eq(plan.name)]
    open_minor = own.groupby("installment")["open_minor"].sum()
    count = len(plan.outcome.installments)
    for number, installment in enumerate(plan.outcome.installments, start=1):
        yield number, installment, int(open_minor.get(installment_name(number, count), 0))


def _open(basis: Basis, plan: _Plan) -> Step:
    items = basis.receivables.open_items
    own = items[items["document"].isin(list(plan.outcome.invoices)) & items["open_minor"].gt(0)]
    by_document = own.groupby("document")["open_minor"].sum()
    parts = [
        Step(text=str(number), figure=Money(int(minor), plan.currency), place=document_place(basis, str(number)))
        for number, minor in by_document.items()
    ]
    total = Money(int(by_document.sum()), plan.currency)
    return summed(f"open of its documents on {basis.span.as_of}", total, parts)


def _paid(basis: Basis, plan: _Plan) -> Iterator[Step]:
    """Yield what reduced its documents since it was granted: that is what counts for the installments."""
    allocations = basis.receivables.allocations
    own = allocations[allocations["document"].isin(list(plan.outcome.invoices))]
    parts = [
        Step(
            text=f"{row.value_date.date()} payment {row.payment} for {row.document}",
            figure=Money(int(row.settled_minor), plan.currency),
            place=payment_place(basis, row.payment),
        )
        for row in rows_of(own)
        if _counts(row.value_date.date(), plan)
    ]
    total = sum(part.figure.minor for part in parts if isinstance(part.figure, Money))
    yield summed(
        f"paid since {plan.outcome.on}; the first installments count as paid first", Money(total, plan.currency), parts
    )


def _counts(value_date: date, plan: _Plan) -> bool:
    return value_date > plan.outcome.on


def _grace(basis: Basis) -> int:
    dunning = basis.snapshot.settings.policies.dunning
    return dunning.grace_days if dunning else 0


def _place(plan: _Plan, number: int) -> Place:
    return Place(source=plan.case.source, pointer=pointer("outcome", plan.place_in_case, "installments", number - 1))
