"""Why reminders are held: holds and promises in force, and inquiries that are open."""

from collections.abc import Iterable, Iterator
from datetime import date
from operator import itemgetter
from typing import Any

from pandas import DataFrame

from prisma_batch.cases.claims import status_on
from prisma_batch.cases.intake import documents_of
from prisma_batch.records.care_tables import HOLDS
from prisma_batch.records.cases import CLOSED_STATES, Case, Outcome


def holds(cases: Iterable[Case], as_of: date) -> DataFrame:
    """Return HOLDS in force on a day; those that run out later are among them with their last day.

    A hold is for the whole account, a promise for the documents that its case names, or the account where it names
    none. An open inquiry holds the documents that it names, one for payment assistance the whole account.
    """
    rows: list[tuple[Any, ...]] = [row for case in cases for row in (*_granted(case, as_of), *_open(case, as_of))]
    rows.sort(key=itemgetter(0, 1, 4, 2))
    return HOLDS.of(rows)


def _granted(case: Case, as_of: date) -> Iterator[tuple[Any, ...]]:
    for outcome in case.outcome:
        kind, until = _kind_and_end(outcome)
        if outcome.on <= as_of and until is not None and until >= as_of:
            documents = documents_of(case) if kind == "promise" else ()
            yield from ((case.account, document, kind, until, case.id) for document in documents or ("",))


def _kind_and_end(outcome: Outcome) -> tuple[str, date | None]:
    return outcome.kind, {"hold": outcome.until, "promise": outcome.by}.get(outcome.kind)


def _open(case: Case, as_of: date) -> Iterator[tuple[Any, ...]]:
    if status_on(case, as_of) in ("", *CLOSED_STATES):
        return
    documents = ("",) if case.kind == "payment_assistance" else documents_of(case)
    disputed = {dispute.invoice for dispute in case.disputes}  # a dispute holds its amount, not all of the document
    yield from ((case.account, number, "case", None, case.id) for number in documents if number not in disputed)
