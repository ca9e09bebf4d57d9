"""What an inquiry must say before anybody can answer it, and what is missing of it, by name."""

from prisma_batch.records.cases import Case

# Kinds that are about a document; the others can be answered for an account as a whole.
_ABOUT_A_DOCUMENT = ("invoice_discrepancy", "invoice_clarification", "payment_issue", "refund")


def missing_information(case: Case) -> tuple[str, ...]:
    """Return what the customer is asked for: ``invoice``, ``description``; the account is known with the record.

    A summary that only repeats the subject describes nothing.
    """
    missing = []
    if case.kind in _ABOUT_A_DOCUMENT and not documents_of(case):
        missing.append("invoice")
    heard = (entry.summary for entry in case.interactions if entry.direction == "in")
    if all(summary.strip().casefold() == case.subject.strip().casefold() for summary in heard):
        missing.append("description")
    return tuple(missing)


def documents_of(case: Case) -> tuple[str, ...]:
    """Return the documents that a case is about, as it names them, disputed ones first."""
    granted = (number for outcome in case.outcome for number in (*outcome.invoices, outcome.document) if number)
    disputed = (dispute.invoice for dispute in case.disputes)
    return tuple(dict.fromkeys((*disputed, *case.documents, *granted)))
