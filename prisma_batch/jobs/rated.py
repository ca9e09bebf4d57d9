"""What is to be billed according to the records: the same charges for every job that needs them."""

from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.rating.commitments import commitment_charges, committed_spend
from prisma_batch.rating.grain import peak_keys
from prisma_batch.rating.grants import temporary_discounts
from prisma_batch.rating.invariants import check_usage
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import Rates, agreed_rates
from prisma_batch.records.coded import where_text
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import stacked


def snapshot_rates(snapshot: Snapshot) -> Rates:
    """Return everything agreed about prices: agreements, price lists, exchange rates, temporary discounts."""
    grants = temporary_discounts(snapshot.cases)
    return agreed_rates(snapshot.agreements.values(), snapshot.price_lists, snapshot.exchange_rates, grants)


def due_charges(totals: DataFrame, rates: Rates, snapshot: Snapshot, months: tuple[Period, Period]) -> DataFrame:
    """Return CHARGES that are matched up to the last of some months; each usage total is in exactly one charge.

    Args:
        months: those from which all usage is known; charges without usage are those of these months.
    Raises:
        InvariantBroken, AmountOverflow: nothing may be published.
    """
    charges = price_usage(totals, rates, months)
    check_usage(totals, charges[charges["kind"].eq("usage")], peak_keys(rates))
    charges = charges[where_text(charges["period"], lambda period: period <= str(months[1]))]
    committed = commitment_charges(charges, committed_spend(snapshot.agreements.values()), months)
    return stacked(charges, committed) if len(committed) else charges


def known_months(snapshot: Snapshot, period: Period, *, usage_named: bool) -> tuple[Period, Period]:
    """Return the months whose usage a run knows: from the first period on, unless files were named instead."""
    return (period if usage_named else min(snapshot.settings.first_period, period)), period
