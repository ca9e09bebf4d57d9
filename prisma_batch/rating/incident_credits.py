"""What incidents earn by the service credits of an agreement, and how much of it was credited."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import divide, from_minor, plain, to_minor, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import Agreement, ServiceCredit
from prisma_batch.records.cases import Incident
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.documents import Document
from prisma_batch.records.table import rows_of

_WHOLE = 100 * 10**12  # percentages have up to 12 decimals


@dataclass(frozen=True, kw_only=True, slots=True)
class _Promise:
    """What an account is promised for a program, and the incidents of a month that concern both."""

    agreement: Agreement
    promise: ServiceCredit
    period: Period
    incidents: Sequence[Incident]


def incident_credits_due(
    incidents: Iterable[Incident],
    agreements: Mapping[str, Agreement],
    charges: DataFrame,
    documents: Sequence[Document],
) -> list[Discrepancy]:
    """Return ``incident_credit_due`` per account, program, month and currency where more was earned than credited.

    Each charge of the month earns the percentage of the worst availability that an incident gives for it; the sum is
    capped, and rounded once. What was credited are the credit notes whose reason names one of the incidents.

    Args:
        charges: CHARGES of every month; commitments earn nothing.
    """
    found = []
    for broken in _broken_promises(incidents, agreements):
        concerned = charges[
            charges["account"].eq(broken.agreement.account)
            & charges["program"].eq(broken.promise.program)
            & charges["period"].eq(str(broken.period))
            & charges["kind"].ne("commitment")
            & charges["amount_minor"].notna()
        ]
        for currency, rows in concerned.groupby("currency"):
            earned = _earned_minor(broken, rows)
            given = sum(_given_minor(document, broken, str(currency)) for document in documents)
            if earned > given:
                found.append(_discrepancy(broken, str(currency), earned, given))
    return found


def names_incident(document: Document, incidents: Iterable[Incident]) -> bool:
    """Say whether a credit note gives what an incident earned: its reason has the id of the incident."""
    reason = document.reason if document.kind == "credit_note" else None
    return bool(reason) and any(
        re.search(rf"(?<![A-Za-z0-9._-]){re.escape(incident.id)}(?![A-Za-z0-9_-])", reason or "")
        for incident in incidents
    )


def _broken_promises(incidents: Iterable[Incident], agreements: Mapping[str, Agreement]) -> Iterator[_Promise]:
    by_month: dict[tuple[str, Period], list[Incident]] = defaultdict(list)
    for incident in sorted(incidents, key=lambda incident: incident.id):
        for program in incident.programs if incident.availability_percent is not None else ():
            by_month[program, Period.of(incident.started_at.date())].append(incident)
    for (program, period), happened in sorted(by_month.items()):
        for account, agreement in sorted(agreements.items()):
            concerning = [incident for incident in happened if account in (incident.accounts or (account,))]
            for promise in agreement.service_credits:
                if promise.program == program and concerning:
                    yield _Promise(agreement=agreement, promise=promise, period=period, incidents=concerning)


def _earned_minor(broken: _Promise, charges: DataFrame) -> int:
    earned = sum(int(row.amount_minor) * _percent(broken, row.sku) for row in rows_of(charges))
    if broken.promise.cap_percent is not None:
        earned = min(earned, sum(map(int, charges["amount_minor"])) * _scaled(broken.promise.cap_percent))
    return divide(earned, _WHOLE)


def _percent(broken: _Promise, sku: str) -> int:
    """Return the percentage that the incidents earn for a SKU, 12 decimals."""
    availability = [
        incident.availability_percent
        for incident in broken.incidents
        if incident.availability_percent is not None and sku in (incident.skus or (sku,))
    ]
    return _scaled(broken.promise.percent_at(min(availability))) if availability else 0


def _scaled(percent: Any) -> int:
    scaled, scale = to_scaled(percent)
    return scaled * int(10 ** (12 - scale))


def _given_minor(document: Document, broken: _Promise, currency: str) -> int:
    if document.currency != currency or not names_incident(document, broken.incidents):
        return 0
    return sum(
        to_minor(line.amount, currency)
        for line in document.lines
        if (line.service_account or document.account) == broken.agreement.account
        and line.program in (None, broken.promise.program)
    )


def _discrepancy(broken: _Promise, currency: str, earned_minor: int, given_minor: int) -> Discrepancy:
    names = ", ".join(
        f"{incident.id} ({plain(incident.availability_percent)} %)"
        for incident in broken.incidents
        if incident.availability_percent is not None
    )
    given = f"{from_minor(given_minor, currency)} of it credited" if given_minor else "nothing credited"
    first = broken.incidents[0]
    return Discrepancy(
        kind="incident_credit_due",
        message=f"{names} earned a credit of {from_minor(earned_minor, currency)} {currency}, {given}",
        source=first.source,
        pointer="/availability_percent",
        account=broken.agreement.account,
        program=broken.promise.program,
        period=str(broken.period),
        expected_minor=-earned_minor,
        invoiced_minor=-given_minor,
        currency=currency,
    )
