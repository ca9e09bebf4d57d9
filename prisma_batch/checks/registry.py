"""Every check with its codes. Adding one: a generator, a line here, a pass and a fail example for each code."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from prisma_batch.base.findings import Finding
from prisma_batch.checks import (
    accounts,
    addresses,
    agreements,
    allocations,
    bank_accounts,
    cases,
    claims,
    contacts,
    corrections,
    coverage,
    documents,
    hours,
    numbers,
    references,
    revisions,
    usage_reports,
    verification,
)
from prisma_batch.records.agreements import Agreement, PriceList
from prisma_batch.records.allocations import AllocationDecision
from prisma_batch.records.cases import Case, Incident
from prisma_batch.records.contacts import Customer
from prisma_batch.records.documents import Document
from prisma_batch.records.facts import Context, Facts
from prisma_batch.records.settings import Settings
from prisma_batch.records.usage_reports import UsageReport


@dataclass(frozen=True, slots=True)
class FileCheck:
    """A check of single records of the given types."""

    records: tuple[type, ...]
    check: Callable[[Any], Iterator[Finding]]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """A check across files, by their facts."""

    check: Callable[[Facts, Context], Iterator[Finding]]
    codes: tuple[str, ...]


PER_FILE = (
    FileCheck((Customer, Settings, Case), addresses.check_emails, ("email-invalid", "email-confusable")),
    FileCheck((Customer, Settings), addresses.check_phones, ("phone-invalid",)),
    FileCheck((Settings,), bank_accounts.check_ibans, ("iban-invalid",)),
    FileCheck((Settings,), hours.check_hours, ("business-hours",)),
    FileCheck((Customer,), contacts.check_duplicate_emails, ("contact-duplicate-email",)),
    FileCheck((Customer,), contacts.check_contact_dates, ("contact-dates",)),
    FileCheck((Document,), documents.check_amount_precision, ("amount-precision",)),
    FileCheck((Document,), documents.check_lines_net, ("document-lines-net",)),
    FileCheck((Document,), documents.check_total, ("document-total",)),
    FileCheck((Document,), documents.check_tax_sum, ("document-tax-sum",)),
    FileCheck((Document,), documents.check_document_dates, ("document-dates",)),
    FileCheck((Document,), documents.check_line_numbers, ("line-number-duplicate",)),
    FileCheck((Agreement,), agreements.check_agreement_dates, ("agreement-dates",)),
    FileCheck((Agreement,), agreements.check_starts, ("starts-on-order",)),
    FileCheck((Agreement,), agreements.check_agreed_once, ("agreement-duplicate",)),
    FileCheck((Agreement, PriceList), agreements.check_subscriptions, ("subscription-order",)),
    FileCheck((Agreement, PriceList), agreements.check_bounds, ("rate-bounds",)),
    FileCheck((Agreement, PriceList), agreements.check_rate_dates, ("rate-dates",)),
    FileCheck((Agreement, PriceList), agreements.check_rate_overlap, ("rate-overlap",)),
    FileCheck((Agreement, PriceList), agreements.check_tiers, ("tier-order",)),
    FileCheck((Agreement, PriceList), agreements.check_agreed_amounts, ("amount-precision",)),
    FileCheck((UsageReport,), usage_reports.check_usage_dates, ("usage-dates",)),
    FileCheck((AllocationDecision,), allocations.check_allocation_amounts, ("allocation-amount",)),
    FileCheck((Case,), cases.check_case_status, ("case-status",)),
    FileCheck((Case,), cases.check_interaction_order, ("interaction-order",)),
    FileCheck((Case,), cases.check_installments, ("plan-installments",)),
    FileCheck((Case,), cases.check_outcome_days, ("outcome-dates",)),
    FileCheck((Incident,), cases.check_incident_times, ("incident-times",)),
)

CROSS_FILE = (
    CrossCheck(coverage.check_coverage, ("contact-gap",)),
    CrossCheck(verification.check_verification, ("verification-lapsed",)),
    CrossCheck(accounts.check_agreements, ("no-agreement",)),
    CrossCheck(accounts.check_billed_to, ("billed-to-loop",)),
    CrossCheck(
        references.check_references,
        (
            "unknown-account",
            "unknown-partner",
            "unknown-program",
            "unknown-document",
            "unknown-price-list",
            "unknown-fx-table",
        ),
    ),
    CrossCheck(references.check_lines, ("unknown-line",)),
    CrossCheck(numbers.check_document_numbers, ("duplicate-number",)),
    CrossCheck(numbers.check_case_ids, ("duplicate-id",)),
    CrossCheck(numbers.check_number_files, ("file-name-collision",)),
    CrossCheck(corrections.check_corrections, ("correction-account",)),
    CrossCheck(corrections.check_granted_documents, ("credit-note-link", "waiver-link")),
    CrossCheck(claims.check_claim_precision, ("amount-precision",)),
    CrossCheck(claims.check_plans, ("plan-exceeds-invoices",)),
    CrossCheck(claims.check_plan_invoices, ("plan-mixed",)),
    CrossCheck(claims.check_disputes, ("dispute-exceeds-document",)),
    CrossCheck(claims.check_settlements, ("allocation-exceeds-document",)),
    CrossCheck(claims.check_allocated_accounts, ("allocation-account",)),
    CrossCheck(revisions.check_revisions, ("revision-missing",)),
)


def check_record(record: Any) -> Iterator[Finding]:
    """Yield the findings of every check of single records; a record that could not be read (None) has none."""
    for entry in PER_FILE:
        if isinstance(record, entry.records):
            yield from entry.check(record)


def check_facts(facts: Facts, context: Context) -> Iterator[Finding]:
    """Yield the findings of every check across files."""
    for entry in CROSS_FILE:
        yield from entry.check(facts, context)
