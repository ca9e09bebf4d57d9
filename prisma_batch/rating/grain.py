"""Which keys are totalled by day: those whose price depends on the days inside a month."""

from pandas import Timedelta

from prisma_batch.rating.rates import Rates
from prisma_batch.rating.totals import KEY, Key


def daily_keys(rates: Rates) -> frozenset[Key]:
    """Return account, program and SKU of the rates that begin or end inside a month; the rest is totalled by month."""
    table = rates.table
    begins_inside = table["starts_on"].dt.day.ne(1)
    ends_inside = table["ends_on"].notna() & (table["ends_on"] + Timedelta(days=1)).dt.day.ne(1)
    by_day = table[begins_inside | ends_inside]
    return frozenset(zip(*(by_day[column] for column in KEY), strict=True))
