"""Whole documents against the agreement: tax, due date, and credit beyond the invoice."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from prisma_batch.base.findings import pointer
from prisma_batch.base.money import from_minor, percent_of, plain, to_minor
from prisma_batch.base.periods import Period
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
        if document.kind != "opening_item" and period in {None, _period_of(document)}:
            agreement = agreements.get(document.account)
            found.extend(_tax(document, agreement))
            found.extend(_due_date(document, agreement))
    found.extend(_over_credited(documents, period))
    return found


def _period_of(document: Document) -> Period:
    days = [line.service_to for line in document.lines if line.service_to]
    return Period.of(max(days, default=document.issued_on))


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
        period=str(_period_of(document)),
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
        period=str(_period_of(document)),
        invoice=document.number,
        currency=document.currency,
        inputs=(str(document.due_on), str(due_on)),
    )


def _over_credited(documents: Iterable[Document], period: Period | None) -> Iterator[Discrepancy]:
    """Compare each invoice with the credit notes that correct it alone; one finding, on the last of them."""
    by_number = {document.number: document for document in documents}
    credits_by_invoice: dict[str, list[Document]] = defaultdict(list)
    for document in sorted(by_number.values(), key=lambda document: (document.issued_on, document.number)):
        if document.kind == "credit_note" and len(document.corrects) == 1:
            credits_by_invoice[document.corrects[0]].append(document)
    for number, notes in credits_by_invoice.items():
        invoice, credited = by_number.get(number), -sum(note.debt_minor for note in notes)
        if invoice and credited > invoice.debt_minor and period in {None, _period_of(notes[-1])}:
            yield _credit_exceeds(invoice, notes[-1], credited)


def _credit_exceeds(invoice: Document, note: Document, credited: int) -> Discrepancy:
    credited_amount, invoiced_amount = (from_minor(minor, invoice.currency) for minor in (credited, invoice.debt_minor))
    return Discrepancy(
        kind="credit_exceeds_invoice",
        message=f"{credited_amount} {invoice.currency} credited on {invoice.number}, which was {invoiced_amount}",
        source=note.source,
        pointer=pointer("total"),
        account=invoice.account,
        period=str(_period_of(note)),
        invoice=invoice.number,
        expected_minor=-invoice.debt_minor,
        invoiced_minor=-credited,
        currency=invoice.currency,
    )
