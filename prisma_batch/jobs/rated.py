"""What is to be billed according to the records: the same charges for every job that needs them."""

from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.rating.grain import peak_keys
from prisma_batch.rating.grants import temporary_discounts
from prisma_batch.rating.invariants import check_usage
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import Rates, agreed_rates
from prisma_batch.records.snapshot import Snapshot


def snapshot_rates(snapshot: Snapshot) -> Rates:
    """Return everything agreed about prices: agreements, price lists, exchange rates, temporary discounts."""
    grants = temporary_discounts(snapshot.cases)
    return agreed_rates(snapshot.agreements.values(), snapshot.price_lists, snapshot.exchange_rates, grants)


def due_charges(totals: DataFrame, rates: Rates, snapshot: Snapshot, period: Period) -> DataFrame:
    """Return CHARGES that are matched in a period or before it; each usage total is in exactly one charge.

    Raises:
        InvariantBroken, AmountOverflow: nothing may be published.
    """
    charges = price_usage(totals, rates, (snapshot.settings.first_period, period))
    check_usage(totals, charges[charges["kind"].eq("usage")], peak_keys(rates))
    return charges[charges["period"].le(str(period))]
