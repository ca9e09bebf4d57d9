"""What cases granted: other terms of payment by extensions and payment plans, and late fees that are waived."""

from collections.abc import Iterable, Iterator, Mapping

from pandas import DataFrame

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import to_minor
from prisma_batch.records.care_tables import EXTENSIONS, INSTALLMENTS, PLANS, WAIVERS
from prisma_batch.records.cases import Case
from prisma_batch.records.documents import Document


def extensions(cases: Iterable[Case]) -> DataFrame:
    """Return EXTENSIONS, whenever they were granted."""
    return EXTENSIONS.of(
        (outcome.document, outcome.due_on, outcome.on, case.id)
        for case in cases
        for outcome in case.outcome
        if outcome.kind == "extension"
    )


def payment_plans(cases: Iterable[Case], documents: Mapping[str, Document]) -> tuple[DataFrame, DataFrame]:
    """Return PLANS and INSTALLMENTS, whenever they were granted; documents that nobody has issued are left out."""
    plans, installments = [], []
    for name, case, index in plans_of(cases):
        outcome = case.outcome[index]
        known = [number for number in outcome.invoices if number in documents]
        plans += [(name, case.id, number, outcome.on) for number in known]
        if known:
            currency = documents[known[0]].currency
            amounts = (to_minor(installment.amount, currency) for installment in outcome.installments)
            pairs = zip(outcome.installments, amounts, strict=True)
            installments += [(name, number, own.due_on, minor) for number, (own, minor) in enumerate(pairs, start=1)]
    return PLANS.of(plans), INSTALLMENTS.of(installments)


def waivers(cases: Iterable[Case], documents: Mapping[str, Document]) -> DataFrame:
    """Return WAIVERS, whenever they were granted; fees that nobody has issued are left out."""
    return WAIVERS.of(
        (fee.number, fee.debt_minor, outcome.on, outcome.expires_on, outcome.approved_by, case.source, place)
        for case in cases
        for place, outcome in ((pointer("outcome", index), own) for index, own in enumerate(case.outcome))
        if outcome.kind == "late_fee_waiver" and (fee := documents.get(outcome.document or ""))
    )


def plans_of(cases: Iterable[Case]) -> Iterator[tuple[str, Case, int]]:
    """Yield the name of each plan that was granted, with its case and the place of its outcome in it."""
    for case in cases:
        for index, outcome in enumerate(case.outcome):
            if outcome.kind == "payment_plan":
                yield f"{case.id}#{index}", case, index
