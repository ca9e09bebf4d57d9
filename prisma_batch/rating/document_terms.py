"""Whole documents against the agreement: tax, due date, and credit beyond the invoice."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

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
        missing = _untaxed_minor(document, group)
        if missing:
            of_lines = from_minor(base + missing, document.currency)
            bases = f"{group.base} taxed as {group.code}, {of_lines} by its lines"
            yield _tax_mismatch(document, group, bases, percent_of(base + missing, group.rate), place)
        elif to_minor(group.amount, document.currency) != computed:
            formula = f"{group.base} × {plain(group.rate)} % = {from_minor(computed, document.currency)}"
            yield _tax_mismatch(document, group, f"{formula}, {group.amount} on the document", computed, place)
        elif agreed and document.kind == "invoice" and (group.code, group.rate) != (agreed.code, agreed.rate):
            rates = f"{group.code} {plain(group.rate)} % on the document, {agreed.code} {plain(agreed.rate)} % agreed"
            yield _tax_mismatch(document, group, rates, percent_of(base, agreed.rate), place)


def _untaxed_minor(document: Document, group: TaxGroup) -> int:
    """Return what the lines of a code and rate have more than is taxed; nothing where a line could be at two rates."""
    lines = [line for line in document.lines if line.tax == group.code]
    groups = [other for other in document.taxes if other.code == group.code]
    if any(line.tax_rate is None for line in lines) and len({other.rate for other in groups}) > 1:
        return 0
    amounts = [line.amount for line in lines if line.tax_rate in (None, group.rate)]
    bases = [other.base for other in groups if other.rate == group.rate]
    return to_minor(sum(amounts, -sum(bases, Decimal())), document.currency)


def _tax_mismatch(document: Document, group: TaxGroup, sentence: str, expected: int, place: str) -> Discrepancy:
    return Discrepancy(
        kind="tax_mismatch",
        message=f"tax of {document.number}: {sentence}",
        source=document.source,
        pointer=place,
        account=document.account,
        period=str(period_of(document)),
        invoice=document.number,
        tax=f"{group.code} {plain(group.rate)}",
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
