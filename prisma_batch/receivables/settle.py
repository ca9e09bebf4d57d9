"""The receivables of one run: match, age, move from the last state to this one, and prove that it all adds up."""

from datetime import date
from typing import NamedTuple

from pandas import DataFrame

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.receivables.book import Book
from prisma_batch.receivables.discrepancies import payment_discrepancies
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState, rows_until
from prisma_batch.receivables.invariants import check_receivables
from prisma_batch.receivables.ledger import apart_entries, ledger_entries, movements_between
from prisma_batch.receivables.matching import matched_book
from prisma_batch.receivables.open_items import aging_of, open_items_of
from prisma_batch.receivables.plans import plan_states, plan_table
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.tables import adjustments_of, allocations_of, payments_of, unapplied_of
from prisma_batch.records.discrepancies import discrepancy_table
from prisma_batch.records.table import is_among


def settle(inputs: ReceivablesInput, as_of: date, last_as_of: date, recorded: RecordedState | None) -> Receivables:
    """Return the receivables as of a day, and what moved since the last one.

    Args:
        inputs: everything in the tree; only what is dated up to as-of counts.
        as_of: documents issued and entries booked by then, deadlines passed by then.
        last_as_of: the as-of day of the previous period.
        recorded: what the previous run published; without it the records as of ``last_as_of`` are the start.
    Raises:
        RecordsNotRight: a person's allocation cannot hold.
        InvariantBroken: the result does not add up.
    """
    book = matched_book(inputs, as_of, recorded)
    if book.findings:
        raise RecordsNotRight(book.findings)
    moved, unapplied = _Moved.of(book, inputs), unapplied_of(book)
    now = moved.ledger(rows_until(inputs.documents, "issued_on", as_of))
    start = _recorded_ledger(inputs, recorded) if recorded else _ledger_as_of(inputs, last_as_of)
    movements, balances = movements_between(start.owed, now.owed, last_as_of)
    apart_movements, apart_balances = movements_between(start.apart, now.apart, last_as_of)
    plans = plan_states(book, inputs.assistance, as_of)
    planned = frozenset(name for plan in plans if plan.state == "on_time" for name in plan.documents)
    open_items = open_items_of(book, inputs.documents, inputs.disputes, (inputs.assistance, plans), as_of)
    result = Receivables(
        payments=moved.payments,
        allocations=moved.allocations,
        unapplied=unapplied,
        adjustments=moved.adjustments,
        open_items=open_items,
        aging=aging_of(open_items, unapplied),
        plans=plan_table(plans),
        movements=movements,
        balances=balances,
        apart_movements=apart_movements,
        apart_balances=apart_balances,
        discrepancies=discrepancy_table(payment_discrepancies(book, unapplied, moved.payments, planned)),
    )
    check_receivables(result, inputs.documents)
    return result


class _Ledger(NamedTuple):
    """LEDGER_ENTRIES of one day: what accounts owe, and the money that is on nobody's account."""

    owed: DataFrame
    apart: DataFrame


class _Moved(NamedTuple):
    """What moved debts that documents made: PAYMENTS, ALLOCATIONS and ADJUSTMENTS."""

    payments: DataFrame
    allocations: DataFrame
    adjustments: DataFrame

    @classmethod
    def of(cls, book: Book, inputs: ReceivablesInput) -> "_Moved":
        return cls(payments_of(book, inputs.entries), allocations_of(book), adjustments_of(book))

    def ledger(self, documents: DataFrame) -> _Ledger:
        owed = ledger_entries(documents, self.payments, self.allocations, self.adjustments)
        return _Ledger(owed, apart_entries(self.payments, self.allocations))


def _ledger_as_of(inputs: ReceivablesInput, as_of: date) -> _Ledger:
    book = matched_book(inputs, as_of, None)
    return _Moved.of(book, inputs).ledger(rows_until(inputs.documents, "issued_on", as_of))


def _recorded_ledger(inputs: ReceivablesInput, recorded: RecordedState) -> _Ledger:
    issued = rows_until(inputs.documents, "issued_on", recorded.as_of)
    documents = issued[is_among(issued["source"], recorded.document_sources)]
    return _Moved(recorded.payments, recorded.allocations, recorded.adjustments).ledger(documents)
