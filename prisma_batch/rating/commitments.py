"""Committed spend: what the charges of its programs fall short of it, one line in its last month."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from pandas import DataFrame

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import divide, minor_digits, to_minor
from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import Agreement, Commitment
from prisma_batch.records.table import rows_of, safe_to_sum
from prisma_batch.records.tables import CHARGES


@dataclass(frozen=True, kw_only=True, slots=True)
class CommittedSpend:
    """A commitment of an account; ``ends_on`` is the account's last day where that is earlier."""

    agreement: Agreement
    commitment: Commitment
    ends_on: date
    pointer: str

    @property
    def period(self) -> Period:
        """Return the month in which it is trued up."""
        return Period.of(self.ends_on)

    @property
    def days(self) -> tuple[int, int]:
        """Return how many days it ran, and of how many."""
        starts_on = self.commitment.starts_on
        return (self.ends_on - starts_on).days + 1, (self.commitment.ends_on - starts_on).days + 1

    @property
    def due_minor(self) -> int:
        """Return the committed amount for the days that it ran, in minor units."""
        ran, whole = self.days
        return divide(to_minor(self.commitment.amount, self.agreement.currency) * ran, whole)


def committed_spend(agreements: Iterable[Agreement]) -> Iterator[CommittedSpend]:
    """Yield every commitment of accounts that were not closed before it began."""
    for agreement in sorted(agreements, key=lambda agreement: agreement.account):
        for index, commitment in enumerate(agreement.commitments):
            ends_on = min(commitment.ends_on, agreement.closed_on or date.max)
            if ends_on >= commitment.starts_on:
                place = pointer("commitments", index)
                yield CommittedSpend(agreement=agreement, commitment=commitment, ends_on=ends_on, pointer=place)


def commitment_charges(
    charges: DataFrame, commitments: Iterable[CommittedSpend], months: tuple[Period, Period]
) -> DataFrame:
    """Return CHARGES of kind ``commitment`` that are due in the months: what is missing to each committed amount.

    Charges count with the day of their ``service_to``, in the currency of the agreement; where the price of one is not
    known, nothing is trued up. The line's SKU is the id of the commitment.
    """
    due = [spend for spend in commitments if _is_due(spend, months) and _is_known(spend, months)]
    concerned = charges[charges["account"].isin([spend.agreement.account for spend in due])]
    by_account = dict(iter(concerned.groupby("account")))
    rows = [_row(spend, missing) for spend in due if (missing := _missing_minor(by_account, spend)) > 0]
    return CHARGES.conform(DataFrame(rows, columns=list(CHARGES.columns)))


def unknown_commitments(
    charges: DataFrame, commitments: Iterable[CommittedSpend], months: tuple[Period, Period]
) -> list[Finding]:
    """Return ``commitment-not-rated`` for those due in the last of the months that cannot be trued up.

    They began before the first of the months, or the price of one of their charges is not known.
    """
    found = []
    for spend in commitments:
        if spend.period != months[1]:  # told by the run of its own month
            continue
        if not _is_known(spend, months):
            why = f"began before {months[0]}, the first month with charges"
            found.append(_not_rated(spend, why, "compare it by hand; what is missing to it is not billed"))
            continue
        own = counted_charges(charges, spend)
        for unpriced in rows_of(own[own["amount_minor"].isna()].head(1)):
            why = f"is not trued up: {unpriced.sku} of {unpriced.period} has no price"
            found.append(_not_rated(spend, why, "agree on the price, or add the rate of exchange, and run again"))
    return found


def _not_rated(spend: CommittedSpend, why: str, remedy: str) -> Finding:
    return Finding(
        code="commitment-not-rated",
        message=f"the commitment {spend.commitment.id} {why}",
        remedy=remedy,
        source=spend.agreement.source,
        pointer=spend.pointer,
        severity="warning",
    )


def _is_due(spend: CommittedSpend, months: tuple[Period, Period]) -> bool:
    return months[0] <= spend.period <= months[1]


def _is_known(spend: CommittedSpend, months: tuple[Period, Period]) -> bool:
    return spend.commitment.starts_on >= months[0].first_day


def _missing_minor(by_account: Mapping[Any, DataFrame], spend: CommittedSpend) -> int:
    charges = by_account.get(spend.agreement.account)
    if charges is None:
        return spend.due_minor
    counted = _counted(charges, spend)
    if counted["amount_minor"].isna().any():
        return 0
    own = counted.loc[counted["currency"].eq(spend.agreement.currency), "amount_minor"]
    return spend.due_minor - int(safe_to_sum(own).sum())


def counted_charges(charges: DataFrame, spend: CommittedSpend) -> DataFrame:
    """Return the charges of the account that count towards a commitment, in whatever currency."""
    return _counted(charges[charges["account"].eq(spend.agreement.account)], spend)


def _counted(charges: DataFrame, spend: CommittedSpend) -> DataFrame:
    first, last = pd.Timestamp(spend.commitment.starts_on), pd.Timestamp(spend.ends_on)
    is_usage = charges["kind"].ne("commitment")
    in_programs = charges["program"].isin(spend.commitment.programs)
    return charges[in_programs & is_usage & charges["service_to"].between(first, last)]


def _row(spend: CommittedSpend, missing_minor: int) -> dict[str, Any]:
    agreement, commitment = spend.agreement, spend.commitment
    ran, whole = spend.days
    return {
        "account": agreement.account,
        "program": commitment.programs[0],
        "sku": commitment.id,
        "period": str(spend.period),
        "kind": "commitment",
        "bills": "arrears",
        "service_from": pd.Timestamp(commitment.starts_on),
        "service_to": pd.Timestamp(spend.ends_on),
        "quantity_scaled": 0,
        "quantity_scale": 0,
        "unit": "",
        "price_scaled": to_minor(commitment.amount, agreement.currency),
        "price_scale": minor_digits(agreement.currency),
        "model": "flat",
        "rounding": "half_up",
        "terms": None,
        "fx_scaled": 1,
        "fx_scale": 0,
        "charged_days": ran,
        "period_days": whole,
        "granted_scaled": 0,
        "amount_minor": missing_minor,
        "currency": agreement.currency,
        "rate_source": agreement.source,
        "rate_pointer": spend.pointer,
        "source": agreement.source,
        "pointer": spend.pointer,
    }
