"""Amounts that cases and allocations state about documents: they fit the document's currency and total."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import fits_minor, from_minor, to_minor
from prisma_batch.records.facts import Claim, Context, DocumentFacts, Facts


def check_claim_precision(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``amount-precision`` for amounts finer than the minor unit of the currency of the document they are about.

    FAIL: a dispute of ``"10.005"`` of an invoice in EUR. PASS: ``"10.00"``.
    """
    for source, claim, document in _claims(facts):
        if not fits_minor(claim.amount, document.currency):
            yield Finding(
                code="amount-precision",
                message=f"this amount is finer than the smallest unit of {document.currency}, the document's currency",
                remedy="leave out the further decimals",
                source=source,
                pointer=claim.pointer,
            )


def check_plans(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``plan-exceeds-invoices`` where the installments are more than the invoices they stand for.

    FAIL: 2 × 200.00 for an invoice of 340.49. PASS: 2 × 170.00 for it, part of it being paid.
    """
    for file in facts.of_kind("cases"):
        for plan in file.plans:
            documents = [facts.documents.get(number) for number in plan.documents]
            known = [document for document in documents if document]
            if len(known) == len(documents) and plan.amount > sum(document.total for document in known):
                yield Finding(
                    code="plan-exceeds-invoices",
                    message="the installments add up to more than the invoices they stand for",
                    remedy="lower the installments, or name every invoice of the plan",
                    source=file.source,
                    pointer=plan.pointer,
                )


def check_plan_invoices(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``plan-mixed`` where the invoices of one plan are in several currencies, or owed by several accounts.

    FAIL: one plan for an invoice in EUR and one in USD. PASS: a plan for each.
    """
    for file in facts.of_kind("cases"):
        for plan in file.plans:
            documents = (facts.documents.get(number) for number in plan.documents)
            if len({(document.account, document.currency) for document in documents if document}) > 1:
                yield Finding(
                    code="plan-mixed",
                    message="the invoices of this plan have several currencies or accounts",
                    remedy="grant a plan for each account and currency",
                    source=file.source,
                    pointer=plan.pointer,
                )


def check_disputes(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``dispute-exceeds-document`` where a case disputes more of a document than its total.

    FAIL: 5675.00 of an invoice of 340.49. PASS: 56.75 of it.
    """
    for file in facts.of_kind("cases"):
        disputed: dict[str, Decimal] = defaultdict(Decimal)
        for claim in file.claims:
            document = facts.documents.get(claim.document) if claim.kind == "dispute" else None
            if document is None:
                continue
            disputed[claim.document] += claim.amount
            if disputed[claim.document] > abs(document.total):
                yield Finding(
                    code="dispute-exceeds-document",
                    message=f"more is disputed of the document than its total, {document.total} {document.currency}",
                    remedy="correct the amount; it includes tax",
                    source=file.source,
                    pointer=claim.pointer,
                )


def check_settlements(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``allocation-exceeds-document`` where decisions settle more of a document than its total.

    All decisions count together, those that undo others as well; the finding is at the last one, in the order of files,
    that settles it further.

    FAIL: 200.00 and 200.00 for an invoice of 340.49. PASS: 200.00, −200.00 and 340.49.
    """
    settled_minor: dict[str, int] = defaultdict(int)
    last: dict[str, tuple[str, Claim, DocumentFacts]] = {}
    for source, claim, document in _claims(facts):
        if claim.kind == "settle" and fits_minor(claim.amount, document.currency):
            settled_minor[claim.document] += to_minor(claim.amount, document.currency)
            if claim.amount > 0:
                last[claim.document] = source, claim, document
    for number, (source, claim, document) in last.items():
        excess_minor = settled_minor[number] - _total_minor(document)
        if excess_minor > 0:
            excess = from_minor(excess_minor, document.currency)
            yield Finding(
                code="allocation-exceeds-document",
                message=f"all decisions together settle {excess:f} {document.currency} more than the document's total",
                remedy="allocate the rest to another document, or keep it with kind: on_account",
                source=source,
                pointer=claim.pointer,
            )


def check_allocated_accounts(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield the warning ``allocation-account`` where a decision names another account than its document's.

    FAIL: ``{account: ACME-002, document: INV-1}``, INV-1 being owed by ACME-001. PASS: ACME-001.
    """
    for source, claim, document in _claims(facts):
        named_another = claim.account not in {"", document.account}
        if named_another and facts.knows("account", claim.account):
            yield Finding(
                code="allocation-account",
                message=f"the document is owed by {document.account}: what is allocated settles that account's debt",
                remedy="name the account that owes the document, or correct the document",
                source=source,
                pointer=f"{claim.pointer.rpartition('/')[0]}/account",
                severity="warning",
            )


def _claims(facts: Facts) -> Iterator[tuple[str, Claim, DocumentFacts]]:
    for file in facts.files:
        for claim in file.claims:
            document = facts.documents.get(claim.document)
            if document:
                yield file.source, claim, document


def _total_minor(document: DocumentFacts) -> int:
    # A document with an amount that is too fine has its own finding; nothing is added to it here.
    return to_minor(document.total, document.currency) if fits_minor(document.total, document.currency) else 2**63
