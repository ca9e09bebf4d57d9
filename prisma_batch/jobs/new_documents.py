"""Documents that are new in a request, judged by the agreements: here a discrepancy is still a mistake."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding
from prisma_batch.checks.changes.documents import new_documents
from prisma_batch.jobs.change_inputs import version_of
from prisma_batch.rating.document_terms import document_discrepancies
from prisma_batch.readers.trees import CommitTree
from prisma_batch.records.changes import Request
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.documents import Document

_REMEDIES = {
    "tax_mismatch": "correct the tax before the document is issued, or the agreement",
    "due_date_mismatch": "correct the due date before the document is issued, or the agreed terms",
    "credit_exceeds_invoice": "credit at most what the invoice comes to",
}
NEW_DOCUMENT_CODES = tuple(kind.replace("_", "-") for kind in _REMEDIES)


def new_document_findings(request: Request, tree: CommitTree) -> Iterator[Finding]:
    """Yield ``tax-mismatch``, ``due-date-mismatch`` and ``credit-exceeds-invoice`` for the documents a request adds."""
    added = new_documents(request)
    for discrepancy in document_discrepancies(added, request.agreements, None):
        if discrepancy.kind != "credit_exceeds_invoice":
            yield _finding(discrepancy, discrepancy.source)
    notes = {number: note for note in added if note.kind == "credit_note" for number in note.corrects}
    if notes:
        accounts = {note.account for note in notes.values()}
        for discrepancy in document_discrepancies(_documents(tree, accounts), {}, None):
            if discrepancy.kind == "credit_exceeds_invoice" and discrepancy.invoice in notes:
                yield _finding(discrepancy, notes[discrepancy.invoice].source)


def _documents(tree: CommitTree, accounts: set[str]) -> list[Document]:
    folders = tuple(f"invoices/{account}/" for account in sorted(accounts))
    files = [file for file in tree.files() if file.path.startswith(folders) and file.path.endswith(".yaml")]
    read = zip(files, tree.read_each(files), strict=True)
    records = (version_of(file.path, content).record for file, content in read if isinstance(content, bytes))
    return [record for record in records if isinstance(record, Document)]


def _finding(discrepancy: Discrepancy, source: str) -> Finding:
    return Finding(
        code=discrepancy.kind.replace("_", "-"),
        message=discrepancy.message,
        remedy=_REMEDIES[discrepancy.kind],
        source=source,
        pointer=discrepancy.pointer,
    )
