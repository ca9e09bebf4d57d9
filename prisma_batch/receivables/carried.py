"""What a closed period left: carried into the next one as it was, whatever became known since."""

from collections import Counter

from pandas import DataFrame, Series

from prisma_batch.receivables.book import Book
from prisma_batch.receivables.inputs import RecordedState
from prisma_batch.receivables.steps import not_receivable, returned
from prisma_batch.receivables.terms import LET_GO_KINDS
from prisma_batch.records.table import rows_of


def carry(book: Book, start: RecordedState, decisions: DataFrame) -> None:
    """Apply what a closed period applied, let go and set apart, as it did.

    Args:
        decisions: DECISIONS; an entry about which a person decided is set apart by that decision.
    """
    _link_returns(book, start)
    for row in rows_of(start.allocations):
        if row.payment in book.payments and row.document in book.documents:
            amounts = (int(row.amount_minor), int(row.settled_minor))
            book.apply(book.payments[row.payment], row.document, amounts, (row.method, row.confidence))
            if row.method == "manual" and book.undoes(row.document, amounts[1]):
                book.barred.add((row.payment, row.document))
    _let_go(book, start.adjustments)
    decided = set(decisions.loc[decisions["kind"].eq("not_receivable"), "payment"])
    for payment in start.payments.loc[start.payments["state"].eq("not_receivable"), "payment"]:
        if payment in book.payments and payment not in decided:
            not_receivable.set_apart(book, book.payments[payment])


def _link_returns(book: Book, start: RecordedState) -> None:
    payments, by_hand = start.payments, start.allocations["method"].eq("manual")
    came_back = frozenset(payments.loc[payments["state"].eq("reversed"), "payment"])
    closed = frozenset(payments["payment"])
    decided = frozenset(start.allocations.loc[by_hand, "payment"])
    for name in payments.loc[payments["state"].eq("returned"), "payment"]:
        if name in book.payments and name not in decided:
            payment = book.payments[name]
            _ = returned.link(book, payment, came_back) or returned.link_of_another_amount(book, payment, closed)


def _let_go(book: Book, adjustments: DataFrame) -> None:
    for row in rows_of(adjustments[adjustments["kind"].isin(LET_GO_KINDS)]):
        # Those that a person decided have the place of the decision as their source, and are decided again.
        if row.source in book.payments and row.document in book.documents:
            book.adjust(book.payments[row.source], row.document, row.kind, int(row.amount_minor))


def not_carried(decisions: DataFrame, allocations: DataFrame) -> DataFrame:
    """Leave out decisions that stand in the allocations of the closed period, each of those once."""
    by_hand = allocations[allocations["method"].eq("manual")]
    carried = Counter(zip(by_hand["payment"], by_hand["document"], by_hand["amount_minor"], strict=True))
    kept = []
    for item in rows_of(decisions):
        sign = {"settle": 1, "refund": -1}.get(item.kind, 0)
        row = (item.payment, item.document, sign * item.amount_minor)
        kept.append(not (sign and carried[row]))
        carried[row] -= not kept[-1]
    return decisions[Series(kept, index=decisions.index, dtype=bool)]
