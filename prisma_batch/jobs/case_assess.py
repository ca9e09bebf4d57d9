"""Assess a request for payment assistance by the rules of prisma.yaml, from the records as ``run`` reads them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import Refused, UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period
from prisma_batch.cases.assistance import Assessment, AssistanceFacts, assess
from prisma_batch.jobs.between_runs import owed_on
from prisma_batch.jobs.month import Owed
from prisma_batch.records.cases import Case
from prisma_batch.records.table import rows_of

_YEAR_DAYS = 365


@dataclass(frozen=True, kw_only=True, slots=True)
class AssessedCase:
    """A case, and what the rules make of it as of a day."""

    case: Case
    as_of: date
    assessment: Assessment


def assess_case(root: Path, identifier: str, as_of: date, tell: Callable[[str], None]) -> AssessedCase:
    """Assess a case on a day; nothing is written.

    Raises:
        UsageProblem: no workspace, or prisma.yaml has no rules for assistance.
        Refused: there is no such case by that day.
        RecordsNotRight, InvariantBroken: as for a run.
    """
    owed = owed_on(root, as_of, tell)
    policy = owed.snapshot.settings.policies.assistance
    if policy is None:
        raise UsageProblem("prisma.yaml has no rules for payment assistance (policies.assistance)")
    case = next((own for own in owed.snapshot.cases if own.id == identifier), None)
    if case is None:
        remedy = "see which there are: prisma-batch case list --all"
        finding = Finding(code="unknown-case", message="there is no such case", remedy=remedy, source="cases")
        raise Refused([finding], "nothing was assessed")
    return AssessedCase(case=case, as_of=as_of, assessment=assess(_facts(owed, case, as_of), policy))


def _facts(owed: Owed, case: Case, as_of: date) -> AssistanceFacts:
    agreement = owed.snapshot.agreements.get(case.account)
    items = owed.receivables.open_items[owed.receivables.open_items["account"].eq(case.account)]
    debts = items[items["open_minor"].gt(0)]
    plans = owed.receivables.plans[owed.receivables.plans["account"].eq(case.account)]
    since = Period.of(agreement.active_from) if agreement else None
    now = Period.of(as_of)
    return AssistanceFacts(
        values={
            "months_active": (now.year - since.year) * 12 + now.month - since.month if since else None,
            "late_payments": _late_payments(owed, case.account, as_of),
            "plans_broken": int(plans["state"].eq("broken").sum()),
            "plans_kept": int(plans["state"].eq("kept").sum()),
            "days_overdue": int(debts["days_overdue"].max()) if len(debts) else 0,
            "evidence": len(case.evidence),
        },
        open_minor={str(name): int(minor) for name, minor in debts.groupby("currency")["open_minor"].sum().items()},
    )


def _late_payments(owed: Owed, account: str, as_of: date) -> int:
    """Count the documents that were paid after they were due, by value date, within a year."""
    due = {document.number: document.due_on for document in owed.snapshot.documents}
    allocations = owed.receivables.allocations
    late = {
        row.document
        for row in rows_of(allocations[allocations["account"].eq(account)])
        if row.document in due
        and row.amount_minor > 0
        and row.value_date.date() > due[row.document]
        and (as_of - row.value_date.date()).days <= _YEAR_DAYS
    }
    return len(late)
