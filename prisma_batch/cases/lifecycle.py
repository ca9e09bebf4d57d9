"""What became of each discrepancy: decisions of people, which a change of its inputs takes back."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import Any

from pandas import NA, DataFrame

from prisma_batch.base.money import to_minor
from prisma_batch.records.cases import Case, Dispute, Outcome
from prisma_batch.records.discrepancies import ALERTED_STATES
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.table import rows_of

_Place = tuple[str, str]  # invoice and line
_UNIT = ("program", "sku", "period", "currency")


@dataclass(slots=True)
class _Grant:
    """Money that was given up on a document, or on one line of it; ``left_minor`` has not closed anything yet."""

    state: str
    line: str
    left_minor: int

    @property
    def is_credit(self) -> bool:
        return self.state == "credited"

    def take(self, minor: int) -> int:
        """Use up at most so much of it; return how much that is."""
        taken = min(minor, self.left_minor)
        self.left_minor -= taken
        return taken


def with_states(
    discrepancies: DataFrame, cases: Iterable[Case], documents: Mapping[str, Document], lines: DataFrame, as_of: date
) -> DataFrame:
    """Give each discrepancy the state that decisions up to a day have led to.

    ``accepted``: an outcome names its id, and no fingerprint or the one it has; with another one it is ``reopened``.
    ``credited``: credit notes cover what was overbilled, in lines that name no program (a line that names one is
    matched instead, and the difference is gone); the case that granted them, or else they themselves, name the invoice.
    ``waived``: an outcome wrote off as much of the document. Both are used up in the order of the table, by what is
    ``open`` or ``reopened`` and no payment; credits that cover less are its ``granted_minor``. Credits that are left
    then reach the units that their invoice billed too, though others are named after another invoice. Everything else
    stays ``open`` or ``within_tolerance``.

    Args:
        discrepancies: DISCREPANCIES, in their order.
        documents: by number, without those that give what an incident earned.
        lines: INVOICE_LINES of these documents, with the period in which each is matched.
    """
    decided = [(case, outcome) for case in cases for outcome in case.outcome if outcome.on <= as_of]
    accepted = _accepted(outcome for _, outcome in decided)
    granted = _grants(decided, documents, as_of)
    states = [_accepted_state(row, accepted) or row.state for row in rows_of(discrepancies)]
    discrepancies = _with_grants(_stated(discrepancies, states), granted, lambda row: {(row.invoice, row.line)})
    credits_left = {number: [grant for grant in grants if grant.is_credit] for number, grants in granted.items()}
    billed = _billed(lines, credits_left)
    return _with_grants(discrepancies, credits_left, lambda row: billed.get(_unit(row.account, row), frozenset()))


def _stated(discrepancies: DataFrame, states: Iterable[str]) -> DataFrame:
    return discrepancies.assign(state=list(states)).astype({"state": "str"})


def _with_grants(
    discrepancies: DataFrame, granted: Mapping[str, list[_Grant]], places: Callable[[Any], AbstractSet[_Place]]
) -> DataFrame:
    """Use up what was given up on the places that are told of a discrepancy."""
    states = [_granted_state(row, _fitting(row, granted, places)) or row.state for row in rows_of(discrepancies)]
    # What covers a difference whole has closed it before the rest is handed out.
    discrepancies = _stated(discrepancies, states)
    return discrepancies.assign(
        granted_minor=[_granted_minor(row, _fitting(row, granted, places)) for row in rows_of(discrepancies)]
    )


def _billed(lines: DataFrame, granted: Mapping[str, list[_Grant]]) -> dict[tuple[str, ...], set[_Place]]:
    """Return which lines billed what, of the invoices on which something was given up."""
    own = lines[lines["document"].isin([number for number, grants in granted.items() if grants])]
    billed: dict[tuple[str, ...], set[_Place]] = defaultdict(set)
    for row in rows_of(own[own["amount_minor"].gt(0)]):
        billed[_unit(row.service_account, row)].add((row.document, str(row.line)))
    return billed


def _unit(account: str, row: Any) -> tuple[str, ...]:
    return (account, *(getattr(row, column) for column in _UNIT))


def _accepted(outcomes: Iterable[Outcome]) -> dict[str, list[str | None]]:
    fingerprints: dict[str, list[str | None]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.kind == "accepted" and outcome.discrepancy:
            fingerprints[outcome.discrepancy].append(outcome.fingerprint)
    return fingerprints


def _accepted_state(row: Any, accepted: Mapping[str, list[str | None]]) -> str:
    fingerprints = accepted.get(row.id)
    if not fingerprints:
        return ""
    if None in fingerprints or row.fingerprint in fingerprints:
        return "accepted"
    return "reopened" if row.state == "open" else ""


def _granted_state(row: Any, fitting: Iterable[list[_Grant]]) -> str:
    for grants in fitting:
        if sum(grant.left_minor for grant in grants) >= _uncovered_minor(row):
            _take(_uncovered_minor(row), grants)
            return grants[0].state
    return ""


def _granted_minor(row: Any, fitting: Iterable[list[_Grant]]) -> int:
    """Return what was credited of a discrepancy that is not closed by it, before and now."""
    if row.state not in ALERTED_STATES:
        return 0
    taken = sum(_take(_uncovered_minor(row), grants) for grants in fitting if grants[0].is_credit)
    return int(row.granted_minor) + taken


def _fitting(
    row: Any, granted: Mapping[str, list[_Grant]], places: Callable[[Any], AbstractSet[_Place]]
) -> Iterator[list[_Grant]]:
    """Yield what was given up on the places of a discrepancy that needs money, by the state that it leads to."""
    if row.state not in ALERTED_STATES or row.payment or row.difference_minor is NA or _uncovered_minor(row) <= 0:
        return
    told = places(row)
    fitting = [
        grant
        for number in sorted({number for number, _ in told})
        for grant in granted.get(number, ())
        if grant.left_minor and (not grant.line or (number, grant.line) in told)
    ]
    for state in sorted({grant.state for grant in fitting}):
        yield [grant for grant in fitting if grant.state == state]


def _uncovered_minor(row: Any) -> int:
    return int(row.difference_minor) - int(row.granted_minor)


def _take(minor: int, grants: Iterable[_Grant]) -> int:
    taken = 0
    for grant in grants:
        taken += grant.take(int(minor) - taken)
    return taken


def _grants(
    decided: Iterable[tuple[Case, Outcome]], documents: Mapping[str, Document], as_of: date
) -> dict[str, list[_Grant]]:
    granted: dict[str, list[_Grant]] = defaultdict(list)
    disputes: dict[str, tuple[Dispute, ...]] = {}
    for case, outcome in decided:
        document = documents.get(outcome.document or "")
        if document and outcome.kind == "write_off" and outcome.amount is not None:
            amount_minor = to_minor(outcome.amount, document.currency)
            granted[document.number].append(_Grant("waived", "", amount_minor))
        elif document and outcome.kind == "credit_note":
            disputes[document.number] = case.disputes
    for note in documents.values():
        if note.kind == "credit_note" and (note.number in disputes or note.issued_on <= as_of):
            for number, grant in _credited(disputes.get(note.number, ()), note):
                granted[number].append(grant)
    return granted


def _credited(disputes: Sequence[Dispute], note: Document) -> Iterator[tuple[str, _Grant]]:
    for line in note.lines:
        number, corrected_line = _credits(disputes, note, line)
        if number and line.program is None and line.corrects_line is None:
            yield number, _Grant("credited", corrected_line, to_minor(line.amount, note.currency))


def _credits(disputes: Sequence[Dispute], note: Document, line: Line) -> tuple[str, str]:
    """Return the invoice that a line of a credit note is about, and its line: where it is silent, what is disputed."""
    named = line.corrects_invoice or (note.corrects[0] if len(note.corrects) == 1 else "")
    disputed = [dispute for dispute in disputes if not named or dispute.invoice == named]
    if len(disputed) == 1:
        return disputed[0].invoice, str(disputed[0].line or "")
    return named, ""
