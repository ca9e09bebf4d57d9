"""Accounts: their agreements, and who is billed for whom."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.facts import Context, Facts


def check_agreements(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``no-agreement`` for customers without one: a warning, and an error once something is invoiced or reported.

    FAIL: contacts/ACME-002.yaml and an invoice for it, without agreements/ACME-002.yaml. PASS: with it.
    """
    charged = {file.account for kind in ("invoices", "usage") for file in facts.of_kind(kind)}
    for file in facts.of_kind("contacts"):
        account = file.account or ""
        if not facts.knows("agreement", account):
            yield Finding(
                code="no-agreement",
                message="this account has no agreement" + (", and there is something to bill" * (account in charged)),
                remedy=f"add agreements/{account}.yaml",
                source=file.source,
                pointer=pointer("account"),
                severity="error" if account in charged else "warning",
            )


def check_billed_to(facts: Facts, _context: Context) -> Iterator[Finding]:
    """Yield ``billed-to-loop`` for agreements that lead back to themselves.

    FAIL: ACME-001 billed to ACME-002, which is billed to ACME-001. PASS: ACME-002 is billed itself.
    """
    payers = {file.account: file.agreement.billed_to for file in facts.files if file.agreement}
    for file in facts.of_kind("agreements"):
        seen: set[str | None] = set()
        payer = payers.get(file.account)
        while payer and payer not in seen and payer != file.account:
            seen.add(payer)
            payer = payers.get(payer)
        if payer and payer == file.account:
            yield Finding(
                code="billed-to-loop",
                message="following billed_to leads back to this account",
                remedy="name the account that owes the invoices, and leave billed_to out there",
                source=file.source,
                pointer=pointer("billed_to"),
            )
