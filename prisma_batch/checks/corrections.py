"""Credit notes: what they correct, and the cases that granted them."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding
from prisma_batch.records.facts import Context, DocumentFacts, Facts


def check_corrections(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``correction-account`` where a document corrects one of another account or currency.

    FAIL: a credit note in USD for an invoice in EUR. PASS: both in EUR.
    """
    for file in facts.of_kind("invoices"):
        for reference in file.document.corrects if file.document else ():
            corrected = facts.documents.get(reference.target)
            if corrected and file.document and not _belong_together(file.document, corrected):
                yield Finding(
                    code="correction-account",
                    message="the corrected document has another account or currency",
                    remedy="correct a document of the same account and currency",
                    source=file.source,
                    pointer=reference.pointer,
                )


def check_granted_credit_notes(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``credit-note-link`` where a case names as its credit note a document that is none.

    FAIL: ``{kind: credit_note, document: INV-1}``. PASS: ``{kind: credit_note, document: CN-1}``.
    """
    for file in facts.of_kind("cases"):
        for reference in file.credit_notes:
            document = facts.documents.get(reference.target)
            if document and document.kind != "credit_note":
                yield Finding(
                    code="credit-note-link",
                    message="this document is not a credit note",
                    remedy="name the credit note that was issued for the case",
                    source=file.source,
                    pointer=reference.pointer,
                )


def _belong_together(document: DocumentFacts, corrected: DocumentFacts) -> bool:
    return (document.account, document.currency) == (corrected.account, corrected.currency)
