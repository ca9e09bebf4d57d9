"""``DELTA-001``: an account, what it owes, and what is found of it."""

from collections.abc import Iterator

from pandas import NaT

from prisma_batch.base.findings import pointer
from prisma_batch.records.table import rows_of
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.findings import about
from prisma_batch.views.explanations.money import open_step, statement_of
from prisma_batch.views.parties import customer_name
from prisma_batch.views.trace import Place, Step, Trace

KIND, EXAMPLE = "account", "DELTA-001"


def ids(basis: Basis) -> Iterator[str]:
    """Yield the ids of all accounts that have a record."""
    yield from {**basis.snapshot.customers, **basis.snapshot.agreements}


def explain(basis: Basis, identifier: str) -> Trace:
    """Explain an account: its balance by what is open, its usage reports and its discrepancies."""
    statement = statement_of(basis, identifier)
    owed = [open_step(basis, section) for section in (statement.sections if statement else ())]
    steps = [
        *_status(basis, identifier),
        *(owed or [Step(text="it owes nothing, and nothing moved")]),
        *_billed_to(basis, identifier),
    ]
    steps += [*_reports(basis, identifier), *about(basis, "account", identifier)]
    return basis.trace(identifier, KIND, customer_name(basis.snapshot, identifier), steps)


def _status(basis: Basis, account: str) -> Iterator[Step]:
    for row in rows_of(basis.status[basis.status["account"].eq(account)]):
        reasons = f": {row.reasons}" if row.reasons else ""
        changes = row.next_change_on is not NaT
        later = f"; {row.next_status} from {row.next_change_on.date()} on if nothing else happens" if changes else ""
        yield Step(text=f"status {row.status}{reasons}{later}")


def _billed_to(basis: Basis, account: str) -> Iterator[Step]:
    agreement = basis.snapshot.agreements.get(account)
    if agreement and agreement.billed_to:
        place = Place(source=agreement.source, pointer=pointer("billed_to"))
        yield Step(text=f"{agreement.billed_to} owes its invoices", place=place)


def _reports(basis: Basis, account: str) -> Iterator[Step]:
    table = basis.usage_reports
    for row in rows_of(table[table["account"].eq(account)]):
        place = Place(source=row.source) if row.source else None
        text = f"usage report of {row.program} for {row.period}: {row.state}, due on {row.due_on.date()}"
        yield Step(text=text, place=place)
