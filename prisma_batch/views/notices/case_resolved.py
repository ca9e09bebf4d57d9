"""``case_resolved``: what became of an inquiry."""

from collections.abc import Iterator, Mapping
from datetime import date

from prisma_batch.records.cases import Case, Outcome
from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.cases import case_facts, resolved_key, resolved_on
from prisma_batch.views.notices.layout import Label, Notice, NoticeTable, Value, say
from prisma_batch.views.notices.state import NoticeState, Planned


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each case that was resolved in the span and is so at its end."""
    currencies = {document.number: document.currency for document in state.snapshot.documents}
    for case in state.snapshot.cases:
        on = resolved_on(case, state.span.as_of)
        if on and state.is_news(on):
            body = _body(state, case, on, currencies)
            yield Planned(key=resolved_key(case, on), account=case.account, body=body, to=case.requested_by or "")


def _body(state: NoticeState, case: Case, on: date, currencies: Mapping[str, str]) -> Notice:
    granted = [outcome for outcome in case.outcome if outcome.on <= state.span.as_of]
    outcomes = tuple(_row(outcome, currencies) for outcome in granted)
    headings = (say("Decision"), say("Date"), say("About"), say("Amount"))
    answer = next(
        (entry.summary for entry in reversed(case.interactions) if entry.direction == "out" and entry.at.date() <= on),
        "",
    )
    return Notice(
        subject=say("%(case)s is resolved: %(subject)s", case=case.id, subject=case.subject),
        title=say("Your inquiry is resolved"),
        action=(say("If it is not, answer this message: we open it again."),),
        facts=(*case_facts(case), (say("Resolved"), on), *([(say("Answer"), answer)] if answer else [])),
        tables=(NoticeTable(headings=headings, rows=outcomes),) if outcomes else (),
        substance=(on, [(own.kind, own.on, own.document, f"{own.amount or 0:f}") for own in granted]),
    )


def _row(outcome: Outcome, currencies: Mapping[str, str]) -> tuple[Value, ...]:
    about = outcome.document or ", ".join(outcome.invoices) or outcome.program or ""
    currency = currencies.get(outcome.document or "")
    amount: Value = Money.of(outcome.amount, currency) if outcome.amount is not None and currency else ""
    return Label(f"outcome_{outcome.kind}"), outcome.on, about, amount
