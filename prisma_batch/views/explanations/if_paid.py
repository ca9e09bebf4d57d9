"""``explain DELTA-003 --if-paid INV-2026-0103 --on 2026-11-20``: what a payment makes of an account's status."""

from datetime import date

from prisma_batch.receivables.standing import Standing, StandingRules, Subject, standing, standing_if_paid
from prisma_batch.views.amounts import Money
from prisma_batch.views.explanations.account import KIND
from prisma_batch.views.explanations.basis import Basis
from prisma_batch.views.explanations.money import document_place
from prisma_batch.views.parties import customer_name
from prisma_batch.views.trace import Step, Trace


def explain_if_paid(basis: Basis, subject: Subject, rules: StandingRules, document: str, on: date) -> Trace:
    """Explain what becomes of an account if a document is paid on a day, everything else as it is.

    Args:
        subject: the account; something of the document is open.
        on: a day from the as-of day on.
    """
    debts = [debt for debt in subject.owed.debts if debt.document == document]
    amount = Money(sum(debt.open_minor for debt in debts), debts[0].currency)
    steps = [
        _step(standing(subject, rules, basis.span.as_of), f"status on {basis.span.as_of}"),
        Step(text=f"{document} is paid on {on}", figure=amount, place=document_place(basis, document)),
        _step(standing(subject, rules, on), f"status on {on} if it is not paid"),
        _step(standing_if_paid(subject, rules, document, on), f"status on {on} if it is paid"),
    ]
    return basis.trace(subject.owed.account, KIND, customer_name(basis.snapshot, subject.owed.account), steps)


def _step(found: Standing, words: str) -> Step:
    reasons = [Step(text=reason.text) for reason in found.reasons]
    if found.next_change_on:
        reasons.append(Step(text=f"{found.next_status} from {found.next_change_on} on if nothing else happens"))
    return Step(text=f"{words}: {found.status}", steps=tuple(reasons))
