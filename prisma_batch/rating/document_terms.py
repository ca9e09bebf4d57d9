"""Whole documents against the agreement: tax, due date, and credit beyond the invoice."""

from collections.abc import Iterable, Iterator, Mapping

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import from_minor, percent_of, plain, to_minor
from prisma_batch.base.periods import Period
from prisma_batch.rating.over_credits import over_credited, period_of
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.documents import Document, TaxGroup


def document_discrepancies(
    documents: Iterable[Document], agreements: Mapping[str, Agreement], period: Period | None
) -> list[Discrepancy]:
    """Judge the documents of a period, or of all, by the agreement in force on the day they were issued.

    A document belongs to the month of its last service day, or of its issue where no line has one.
    """
    documents = tuple(documents)
    found: list[Discrepancy] = []
    for document in documents:
        if document.kind != "opening_item" and period in {None, period_of(document)}:
            agreement = agreements.get(document.account)
            found.extend(_tax(document, agreement))
            found.extend(_due_date(document, agreement))
    found.extend(item for item in over_credited(documents) if period is None or item.period == str(period))
    return found


def _tax(document: Document, agreement: Agreement | None) -> Iterator[Discrepancy]:
    agreed = agreement.tax_on(document.issued_on) if agreement else None
    for index, group in enumerate(document.taxes):
        base = to_minor(group.base, document.currency)
        computed = percent_of(base, group.rate)
        place = pointer("taxes", index)
        if to_minor(group.amount, document.currency) != computed:
            formula = f"{group.base} × {plain(group.rate)} % = {from_minor(computed, document.currency)}"
            yield _tax_mismatch(document, group, f"{formula}, {group.amount} on the document", computed, place)
        elif agreed and document.kind == "invoice" and (group.code, group.rate) != (agreed.code, agreed.rate):
            rates = f"{group.code} {plain(group.rate)} % on the document, {agreed.code} {plain(agreed.rate)} % agreed"
            yield _tax_mismatch(document, group, rates, percent_of(base, agreed.rate), place)


def _tax_mismatch(document: Document, group: TaxGroup, sentence: str, expected: int, place: str) -> Discrepancy:
    return Discrepancy(
        kind="tax_mismatch",
        message=f"tax of {document.number}: {sentence}",
        source=document.source,
        pointer=place,
        account=document.account,
        period=str(period_of(document)),
        invoice=document.number,
        line=f"{group.code} {plain(group.rate)}",
        expected_minor=document.sign * expected,
        invoiced_minor=document.sign * to_minor(group.amount, document.currency),
        currency=document.currency,
    )


def _due_date(document: Document, agreement: Agreement | None) -> Iterator[Discrepancy]:
    terms = agreement.terms_on(document.issued_on) if agreement else None
    due_on = terms.due_on(document.issued_on) if terms else document.due_on
    if document.kind != "invoice" or due_on == document.due_on:
        return
    yield Discrepancy(
        kind="due_date_mismatch",
        message=f"{document.number} is due on {document.due_on}, by the agreed terms on {due_on}",
        source=document.source,
        pointer=pointer("due_on"),
        account=document.account,
        period=str(period_of(document)),
        invoice=document.number,
        currency=document.currency,
        inputs=(str(document.due_on), str(due_on)),
    )
