"""``launch-2026-10``: a commitment, the charges that count towards it, and what is missing."""

from collections.abc import Iterator

from pandas import DataFrame

from prisma_batch.rating.commitments import CommittedSpend, committed_spend, counted_charges
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.findings import about_unit
from prisma_batch.views.explanations.usage import Unit, invoiced_step
from prisma_batch.views.trace import Place, Step, Trace, summed

KIND, EXAMPLE = "commitment", "launch-2026-10"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the ids of commitments; several accounts may have the same."""
    yield from dict.fromkeys(spend.commitment.id for spend in _commitments(basis))


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a commitment of each account that has it: what was charged, what is missing, and when that is billed."""
    spends = [spend for spend in _commitments(basis) if spend.commitment.id == identifier]
    accounts = ", ".join(spend.agreement.account for spend in spends)
    steps = [step for spend in spends for step in _steps(basis, spend)]
    return basis.trace(identifier, KIND, f"commitment {identifier} of {accounts}", steps)


def _commitments(basis: Basis) -> Iterator[CommittedSpend]:
    return committed_spend(basis.snapshot.agreements.values())


def _steps(basis: Basis, spend: CommittedSpend) -> Iterator[Step]:
    charges = counted_charges(basis.charges, spend)
    unpriced = charges[charges["amount_minor"].isna()]
    yield _agreed(spend)
    yield _missing(spend, charges[charges["amount_minor"].notna()])
    for row in rows_of(unpriced.head(1)):
        yield Step(text=f"it cannot be trued up: {row.sku} of {row.period} has no price")
    if spend.commitment.starts_on < basis.snapshot.settings.first_period.first_day:
        yield Step(
            text=f"it cannot be trued up: it began before {basis.snapshot.settings.first_period}, the first period"
        )
    if spend.period > basis.span.period:
        yield Step(text=f"what is missing is charged in {spend.period}, its last month")
        return
    unit = _unit(spend)
    yield invoiced_step(basis, unit)
    yield from about_unit(basis, unit) or [Step(text="no discrepancy is about it")]


def _unit(spend: CommittedSpend) -> Unit:
    commitment, agreement = spend.commitment, spend.agreement
    return Unit(agreement.account, commitment.programs[0], commitment.id, str(spend.period), agreement.currency)


def _agreed(spend: CommittedSpend) -> Step:
    commitment, (ran, whole) = spend.commitment, spend.days
    days = f", of which {ran} of {whole} days until the account closed on {spend.ends_on}" if ran < whole else ""
    text = f"agreed for {', '.join(commitment.programs)} from {commitment.starts_on} to {commitment.ends_on}{days}"
    return Step(
        text=f"{spend.agreement.account}: {text}",
        figure=Money.of(commitment.amount, spend.agreement.currency),
        place=_place(spend),
    )


def _missing(spend: CommittedSpend, charges: DataFrame) -> Step:
    """Return what is committed less what was charged, in the currency of the agreement."""
    currency = spend.agreement.currency
    own = charges[charges["currency"].eq(currency)]
    charged = [
        Step(
            text=f"{row.program} {row.sku}, {row.kind} of {row.period}",
            figure=Money(-int(row.amount_minor), currency),
            place=Place(source=row.rate_source, pointer=row.rate_pointer),
        )
        for row in rows_of(own)
    ]
    total_minor = sum(step.figure.minor for step in charged if isinstance(step.figure, Money))
    left = Money(spend.due_minor + total_minor, currency)
    steps = (
        Step(text="committed", figure=Money(spend.due_minor, currency), place=_place(spend)),
        summed("less what was charged for it", Money(total_minor, currency), charged),
    )
    return summed("missing" if left.minor > 0 else "nothing is missing", left, steps)


def _place(spend: CommittedSpend) -> Place:
    return Place(source=spend.agreement.source, pointer=spend.pointer)
