"""One month, computed: usage rated and matched with invoices, payments with documents, and all of it checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd
from pandas import DataFrame, Series

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.base.findings import Finding, errors_in
from prisma_batch.base.periods import Period
from prisma_batch.cases.claims import disputes, refunds, write_offs
from prisma_batch.cases.granted import extensions, payment_plans, waivers
from prisma_batch.cases.held import holds
from prisma_batch.cases.lifecycle import with_states
from prisma_batch.checks.reach import check_reach
from prisma_batch.jobs.care import Care, account_care
from prisma_batch.jobs.collector import paused
from prisma_batch.jobs.month_inputs import InputFile, MonthInputs
from prisma_batch.jobs.usage_side import usage_side
from prisma_batch.rating.incident_credits import names_incident
from prisma_batch.rating.report_states import ReportingDays
from prisma_batch.receivables.assistance import Assistance
from prisma_batch.receivables.bank import BankBook, bank_book, with_recorded
from prisma_batch.receivables.inputs import ReceivablesInput, RecordedState, decision_table, document_table
from prisma_batch.receivables.remittances import Remittances, is_later, remittances
from prisma_batch.receivables.result import Receivables
from prisma_batch.receivables.settle import settle
from prisma_batch.receivables.terms import Terms
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.discrepancies import discrepancy_table
from prisma_batch.records.documents import Document
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.tables import PAYMENTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Month:
    """What a run found: the tables of ``records.tables``; ``charges`` are those of the period, ``all_charges`` of any.

    ``reported`` are USAGE_ROWS of reports and what stands in for missing ones;
    ``lines`` are INVOICE_LINES with the ``period`` in which each is matched; ``files`` are those that gave any of it.
    """

    period: Period
    as_of: date
    opened_on: date
    snapshot: Snapshot
    charges: DataFrame
    all_charges: DataFrame
    reported: DataFrame
    lines: DataFrame
    credited_lines: DataFrame
    refused_rows: DataFrame
    usage_reports: DataFrame
    receivables: Receivables
    care: Care
    discrepancies: DataFrame
    anomalies: tuple[Anomaly, ...]
    findings: tuple[Finding, ...]
    files: tuple[InputFile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Paid:
    """BANK_ENTRIES with ``payment`` that count, and what remittance advices say of them."""

    entries: DataFrame
    remittances: Remittances


@dataclass(frozen=True, kw_only=True, slots=True)
class Owed:
    """What accounts owe on a day, by which payments, and what follows from it."""

    snapshot: Snapshot
    bank: BankBook
    remittances: Remittances
    receivables: Receivables
    care: Care


def compute_month(
    inputs: MonthInputs, period: Period, as_of: date, last_as_of: date, recorded: RecordedState | None
) -> Month:
    """Reconcile a month.

    Args:
        last_as_of: the as-of day of the previous period: what moved after it is shown.
        recorded: what the previous run published, if there is one.
    Raises:
        RecordsNotRight: a decision of a person cannot hold.
        InvariantBroken, AmountOverflow: nothing may be published.
    """
    snapshot = inputs.snapshot
    used = usage_side(inputs, ReportingDays(period=period, as_of=as_of, last_as_of=last_as_of))
    owed = compute_owed(inputs, as_of, last_as_of, recorded)
    receivables, care = owed.receivables, owed.care
    found = discrepancy_table([*used.discrepancies, *owed.bank.discrepancies])
    return Month(
        period=period,
        as_of=as_of,
        opened_on=last_as_of + timedelta(days=1),
        snapshot=snapshot,
        charges=used.charges[used.charges["period"].eq(str(period))],
        all_charges=used.charges,
        reported=used.reported,
        lines=used.lines,
        credited_lines=used.credited_lines,
        refused_rows=used.refused_rows,
        usage_reports=used.states,
        receivables=receivables,
        care=care,
        discrepancies=with_states(
            _all_discrepancies(found, receivables.discrepancies),
            snapshot.cases,
            {d.number: d for d in snapshot.documents if not names_incident(d, snapshot.incidents)},
            used.lines,
            as_of,
        ),
        anomalies=used.anomalies,
        findings=(
            *inputs.findings,
            *used.findings,
            *owed.bank.findings,
            *owed.remittances.findings,
            *check_reach(snapshot, care.sent, as_of),
        ),
        files=_files(inputs, owed.remittances),
    )


def compute_owed(inputs: MonthInputs, as_of: date, last_as_of: date, recorded: RecordedState | None) -> Owed:
    """Compute what accounts owe, for which no usage is needed; arguments and errors are those of ``compute_month``."""
    bank = bank_book(inputs.entries, inputs.statements, recorded.payments if recorded else PAYMENTS.of([]))
    paid = _payments(inputs, bank, recorded)
    with paused():
        receivables = settle(_receivables_input(inputs, paid, bank, as_of), as_of, last_as_of, recorded)
    return Owed(
        snapshot=inputs.snapshot,
        bank=bank,
        remittances=paid.remittances,
        receivables=receivables,
        care=account_care(inputs.snapshot, receivables, inputs.journals, as_of),
    )


def _payments(inputs: MonthInputs, bank: BankBook, recorded: RecordedState | None) -> _Paid:
    entries = bank.entries
    if recorded:
        entries = with_recorded(bank, recorded.payments, from_elsewhere=inputs.payments_named)
    found = remittances(inputs.advices, bank, entries, inputs.later_entries)
    if errors_in(found.findings):
        raise RecordsNotRight(errors_in(found.findings))
    return _Paid(entries=entries, remittances=found)


def _files(inputs: MonthInputs, found: Remittances) -> tuple[InputFile, ...]:
    advices = [file for file in inputs.advice_files if file.path in found.sources]
    return tuple(sorted([*inputs.files, *advices], key=lambda file: file.path))


def _receivables_input(inputs: MonthInputs, paid: _Paid, bank: BankBook, as_of: date) -> ReceivablesInput:
    snapshot, entries = inputs.snapshot, paid.entries
    by_number = {document.number: document for document in snapshot.documents}
    paid_in = dict(zip(entries["payment"], entries["currency"], strict=True))
    owed_in = {number: document.currency for number, document in by_number.items()}
    agreements = snapshot.agreements.values()
    return ReceivablesInput(
        documents=document_table(snapshot.documents, snapshot.agreements),
        entries=entries,
        held_payments=bank.held_payments | _payments_elsewhere(inputs, entries),
        remittances=paid.remittances.lines,
        decisions=decision_table(snapshot.allocations, paid_in, owed_in),
        granted=write_offs(snapshot.cases, by_number),
        refunds=refunds(snapshot.cases, by_number),
        disputes=disputes(snapshot.cases, by_number, as_of),
        assistance=_assistance(snapshot, by_number, as_of),
        links={agreement.account: agreement.billed_to for agreement in agreements if agreement.billed_to},
        terms=_terms(snapshot),
    )


def _payments_elsewhere(inputs: MonthInputs, entries: DataFrame) -> frozenset[str]:
    """Return the payments that persons decided about and that do not count: booked later, or of files not named."""
    items = (item for decision in inputs.snapshot.allocations for item in decision.items)
    decided = frozenset(item.payment for item in items if item.payment)
    if inputs.payments_named or not decided:
        return decided
    unknown = Series(sorted(decided.difference(entries["payment"])), dtype="str")
    return (
        frozenset(unknown[is_later(unknown, entries["payment"], inputs.later_entries)]) if len(unknown) else frozenset()
    )


def _terms(snapshot: Snapshot) -> Terms:
    policies = snapshot.settings.policies
    return Terms(
        tolerance=policies.tolerances.payment if policies.tolerances else None,
        not_receivable=policies.not_receivable,
        names={agreement.account: agreement.bill_to.legal_name for agreement in snapshot.agreements.values()},
    )


def _assistance(snapshot: Snapshot, documents: Mapping[str, Document], as_of: date) -> Assistance:
    plans, installments = payment_plans(snapshot.cases, documents)
    dunning = snapshot.settings.policies.dunning
    return Assistance(
        holds=holds(snapshot.cases, as_of),
        extensions=extensions(snapshot.cases),
        plans=plans,
        installments=installments,
        waivers=waivers(snapshot.cases, documents),
        grace_days=dunning.grace_days if dunning else 0,
    )


def _all_discrepancies(usage_side: DataFrame, payment_side: DataFrame) -> DataFrame:
    table = pd.concat([usage_side, payment_side], ignore_index=True)
    order = ["account", "period", "kind", "program", "sku", "invoice", "line", "payment", "id"]
    return table.sort_values(order, kind="stable", ignore_index=True)
