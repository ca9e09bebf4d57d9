"""``2026-10/DELTA-001``: a statement of account, from the opening to the closing balance."""

from collections.abc import Iterator

from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.money import due_step, moved_step, statement_of
from prisma_batch.views.trace import Trace

KIND, EXAMPLE = "statement", "2026-10/DELTA-001"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the ids of the month's statements."""
    yield from (f"{basis.span.period}/{statement.account}" for statement in basis.statements)


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain a statement: each currency's balance by its movements, and what is asked for."""
    account = identifier.partition("/")[2]
    statement = statement_of(basis, account)
    sections = statement.sections if statement else ()
    steps = [step for section in sections for step in (moved_step(basis, section), due_step(section))]
    text = f"statement of account of {account}, {basis.span.opened_on} to {basis.span.as_of}"
    return basis.trace(identifier, KIND, text, steps)
