"""Penalties for usage reports that are late or missing: a fee to propose, once per report."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.corrections import Correction
from prisma_batch.records.documents import Document, Line
from prisma_batch.records.settings import Settings
from prisma_batch.records.table import rows_of

Report = tuple[str, str, str]  # account, program and period
_OUTSIDE = ("outside_scope", Decimal(0))  # a penalty pays for no supply


def agreed_penalties(settings: Settings) -> dict[tuple[str, str], Decimal]:
    """Return what a usage report that is late or missing costs, by program and currency."""
    return {
        (name, currency): amount
        for name, program in settings.programs.items()
        if program.late_policy == "penalty"
        for currency, amount in program.late_penalty.items()
    }


def penalties(
    discrepancies: DataFrame,
    agreements: Mapping[str, Agreement],
    amounts: Mapping[tuple[str, str], Decimal],
    documents: Iterable[Document],
) -> list[Correction]:
    """Propose a fee for each report that came late or not at all, unless one was charged.

    Args:
        discrepancies: DISCREPANCIES; usage that came late without a report has none to be late.
        amounts: by program and currency; what is not in them has no penalty.
    """
    about_reports = discrepancies["kind"].eq("missing_usage_report") | (
        discrepancies["kind"].eq("late_usage") & discrepancies["sku"].eq("")
    )
    charged = charged_penalties(documents)
    found = []
    for row in rows_of(discrepancies[about_reports]):
        agreement = agreements.get(row.account)
        amount = amounts.get((row.program, agreement.currency)) if agreement else None
        if agreement and amount and (row.account, row.program, row.period) not in charged:
            found.append(_fee(row, agreement, amount))
    return found


def charged_penalties(documents: Iterable[Document]) -> frozenset[Report]:
    """Return the reports whose penalty a line of a fee has charged: it names the program and ends in the month."""
    fees = (document for document in documents if document.kind == "fee")
    return frozenset(
        (line.service_account or fee.account, line.program, str(Period.of(line.service_to)))
        for fee in fees
        for line in fee.lines
        if line.program and line.service_to
    )


def _fee(row: Any, agreement: Agreement, amount: Decimal) -> Correction:
    payer, month = agreement.billed_to or row.account, Period.parse(row.period)
    line = Line(
        line=0,
        service_account=row.account if payer != row.account else None,
        program=row.program,
        description=f"Usage report for {row.period}: late or missing",
        service_from=month.first_day,
        service_to=month.last_day,
        amount=amount,
        tax="",
    )
    return Correction(
        kind="fee",
        account=payer,
        currency=agreement.currency,
        line=line,
        reason=f"{row.program}: {row.message}",
        cause=f"{row.account} {row.program} {row.period}",  # missing first and late afterwards: one penalty
        period=row.period,
        group=f"{row.account} {row.program} {row.period}",
        tax=_OUTSIDE,
    )
