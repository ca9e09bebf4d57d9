"""Other terms of payment that cases granted: extensions and payment plans."""

from collections.abc import Iterable, Iterator, Mapping

from pandas import DataFrame

from prisma_batch.base.money import to_minor
from prisma_batch.records.care_tables import EXTENSIONS, INSTALLMENTS, PLANS
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


def plans_of(cases: Iterable[Case]) -> Iterator[tuple[str, Case, int]]:
    """Yield the name of each plan that was granted, with its case and the place of its outcome in it."""
    for case in cases:
        for index, outcome in enumerate(case.outcome):
            if outcome.kind == "payment_plan":
                yield f"{case.id}#{index}", case, index
