"""Credit notes: what they correct; and the credit notes and fees that cases are about."""

from collections.abc import Iterator, Mapping

from prisma_batch.base.findings import Finding
from prisma_batch.records.facts import Context, DocumentFacts, Facts

# By kind of outcome: the kind of document that it is about, the code, message and remedy where it is another one.
_DOCUMENT_OF_OUTCOME: Mapping[str, tuple[str, str, str, str]] = {
    "credit_note": (
        "credit_note",
        "credit-note-link",
        "this document is not a credit note",
        "name the credit note that was issued for the case",
    ),
    "late_fee_waiver": (
        "fee",
        "waiver-link",
        "this document is not a fee",
        "name the fee that is waived; what else is let go is a credit note or a write-off",
    ),
}


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


def check_granted_documents(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``credit-note-link`` and ``waiver-link`` where a case names a document of another kind than it grants.

    FAIL: ``{kind: credit_note, document: INV-1}``, ``{kind: late_fee_waiver, document: INV-1}``. PASS: CN-1, FEE-1.
    """
    for file in facts.of_kind("cases"):
        for granted in file.granted:
            document = facts.documents.get(granted.document)
            if document and granted.kind in _DOCUMENT_OF_OUTCOME:
                kind, code, message, remedy = _DOCUMENT_OF_OUTCOME[granted.kind]
                if document.kind != kind:
                    yield Finding(
                        code=code, message=message, remedy=remedy, source=file.source, pointer=granted.pointer
                    )


def _belong_together(document: DocumentFacts, corrected: DocumentFacts) -> bool:
    return (document.account, document.currency) == (corrected.account, corrected.currency)
