"""Everything that was agreed about prices, as tables: rates, subscribed quantities, terms, exchange, discounts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import numpy as np
from pandas import DataFrame, NaT

from prisma_batch.base.money import checked, product, to_scaled
from prisma_batch.base.periods import Period, days_after, periods_between
from prisma_batch.rating.grants import Grant
from prisma_batch.rating.price_lists import AgreedRate, ProgramSku, rates_of
from prisma_batch.rating.terms import Terms, terms_of
from prisma_batch.records.agreements import Agreement, ExchangeRate, PriceList, PriceListUse
from prisma_batch.records.coded import named
from prisma_batch.records.price_tables import RATES, SUBSCRIBED
from prisma_batch.records.table import stacked

# Table, from, to and month: one unit of the first currency is so many of the second.
Exchange = Mapping[tuple[str, str, str, str], Decimal]
_NOTHING: Mapping[Any, Any] = MappingProxyType({})
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """RATES of usage and of subscriptions, the SUBSCRIBED quantities of the latter, and what both refer to.

    ``active`` has first and last day of each account.
    """

    table: DataFrame
    subscriptions: DataFrame = field(default_factory=lambda: RATES.of([]))
    subscribed: DataFrame = field(default_factory=lambda: SUBSCRIBED.of([]))
    terms: tuple[Terms, ...] = (Terms(),)
    exchange: Exchange = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    active: Mapping[str, tuple[date, date]] = field(default_factory=dict)

    @property
    def in_advance(self) -> DataFrame:
        """Return RATES of usage and of subscriptions that bill in advance."""
        return stacked(*(table[table["bills"].eq("advance")] for table in (self.table, self.subscriptions)))


def agreed_rates(
    agreements: Iterable[Agreement],
    price_lists: Mapping[str, PriceList] = _NOTHING,
    exchange_rates: Mapping[str, Sequence[ExchangeRate]] = _NOTHING,
    grants: Sequence[Grant] = (),
) -> Rates:
    """Collect the rates of every agreement and its price lists, with the discounts that were granted for a time.

    A discount that begins or ends inside a month splits a rate by day where every day can be priced apart.
    """
    position_by_terms: dict[Terms, int] = {}
    ordered = sorted(agreements, key=lambda agreement: agreement.account)
    apart = _priced_apart(ordered, price_lists, grants)
    rows: list[tuple[object, ...]] = []
    subscriptions: list[tuple[object, ...]] = []
    subscribed: list[tuple[object, ...]] = []
    for agreement in ordered:
        granted = [grant for grant in grants if grant.account == agreement.account]
        for agreed in rates_of(agreement, price_lists, apart[agreement.account]):
            terms = terms_of(agreed.rate, agreed.list_discount_percent)
            position = position_by_terms.setdefault(terms, len(position_by_terms))
            if agreed.rate.basis == "usage":
                cuts = _cuts(agreed, granted) if granted and terms.is_linear else (agreed.starts_on, agreed.ends_on)
                rows += [_row(agreement.account, agreed, days, position) for days in _parts(*cuts)]
            else:
                subscribed += _subscribed(agreement, agreed, len(subscriptions))
                subscriptions.append(_row(agreement.account, agreed, (agreed.starts_on, agreed.ends_on), position))
    listed = [_of_accounts(alike, price_lists, apart, position_by_terms) for alike in _by_price_lists(ordered).values()]
    return Rates(
        table=RATES.conform(stacked(RATES.of(rows), *listed)),
        subscriptions=RATES.of(subscriptions),
        subscribed=SUBSCRIBED.of(subscribed),
        terms=tuple(position_by_terms) or (Terms(),),
        exchange=_exchange(exchange_rates),
        grants=tuple(grants),
        active={a.account: (a.active_from, a.closed_on or date.max) for a in ordered},
    )


def with_last_exchange(rates: Rates, period: Period) -> tuple[Rates, dict[tuple[str, str, str], Period]]:
    """Give the months up to a period that have no rate of exchange the last one before.

    Returns:
        The rates; by table, currency from and currency to the month whose rate the period has got.
    """
    months_by_key: dict[tuple[str, str, str], list[Period]] = defaultdict(list)
    for table, from_currency, to_currency, month in sorted(rates.exchange):
        months_by_key[table, from_currency, to_currency].append(Period.parse(month))
    filled = dict(rates.exchange)
    last: dict[tuple[str, str, str], Period] = {}
    for key, known in months_by_key.items():
        for each in periods_between(known[0], period):
            last[key] = each if each in known else last[key]
            filled[(*key, str(each))] = rates.exchange[(*key, str(last[key]))]
    return replace(rates, exchange=filled), {key: month for key, month in last.items() if month != period}


def _by_price_lists(agreements: Iterable[Agreement]) -> dict[tuple[PriceListUse, ...], list[Agreement]]:
    alike: dict[tuple[PriceListUse, ...], list[Agreement]] = defaultdict(list)
    for agreement in agreements:
        if agreement.price_lists:
            alike[agreement.price_lists].append(agreement)
    return alike


def _priced_apart(
    agreements: Iterable[Agreement], price_lists: Mapping[str, PriceList], grants: Iterable[Grant]
) -> dict[str, set[ProgramSku]]:
    """Return for each account the programs and SKUs whose rates of price lists are not those of all accounts alike.

    These are what the account has own rates for, what was granted to it, and subscriptions, which end with the account.
    """
    subscriptions = {
        name: {(rate.program, rate.sku) for rate in price_list.rates if rate.basis != "usage"}
        for name, price_list in price_lists.items()
    }
    granted: dict[str, set[str]] = defaultdict(set)
    for grant in grants:
        granted[grant.account].add(grant.program)
    apart: dict[str, set[ProgramSku]] = {}
    for agreement in agreements:
        used = [use.id for use in agreement.price_lists if use.id in price_lists]
        keys = {(rate.program, rate.sku) for rate in agreement.rates}.union(*(subscriptions[name] for name in used))
        if agreement.account in granted:
            listed = {(rate.program, rate.sku) for name in used for rate in price_lists[name].rates}
            keys |= {key for key in listed if key[0] in granted[agreement.account]}
        apart[agreement.account] = keys
    return apart


def _of_accounts(
    agreements: Sequence[Agreement],
    price_lists: Mapping[str, PriceList],
    apart: Mapping[str, set[ProgramSku]],
    position_by_terms: dict[Terms, int],
) -> DataFrame:
    """Return RATES of the price lists of accounts that use the same ones: written once, repeated for each account."""
    rates = []
    for agreed in rates_of(replace(agreements[0], rates=()), price_lists):
        if agreed.rate.basis == "usage":
            terms = terms_of(agreed.rate, agreed.list_discount_percent)
            position = position_by_terms.setdefault(terms, len(position_by_terms))
            rates.append(_row("", agreed, (agreed.starts_on, agreed.ends_on), position))
    once = RATES.of(rates)
    accounts = [agreement.account for agreement in agreements]
    keys = list(zip(once["program"], once["sku"], strict=True))
    kept = np.ones((len(accounts), len(once)), dtype=bool)
    for index, account in enumerate(accounts):
        if apart[account]:
            kept[index] = [key not in apart[account] for key in keys]
    of_account, of_rate = np.nonzero(kept)
    return once.take(of_rate).reset_index(drop=True).assign(account=named(accounts, of_account))


def _cuts(agreed: AgreedRate, grants: Iterable[Grant]) -> tuple[date, ...]:
    """Return the first day of each part between the rate's days that discounts divide, and the rate's last day."""
    fitting = [g for g in grants if (g.program, g.sku or agreed.rate.sku) == (agreed.rate.program, agreed.rate.sku)]
    bounds = {g.first_on for g in fitting} | {days_after(g.last_on, 1) for g in fitting}
    inside = (day for day in bounds if agreed.starts_on < day <= agreed.ends_on)
    return (agreed.starts_on, *sorted(inside), agreed.ends_on)


def _parts(*cuts: date) -> Iterator[tuple[date, date]]:
    *starts, end = cuts
    for start, following in pairwise(starts):
        yield start, following - _ONE_DAY
    yield starts[-1], end


def _row(account: str, agreed: AgreedRate, days: tuple[date, date], terms: int) -> tuple[object, ...]:
    rate, (starts_on, ends_on) = agreed.rate, days
    price = rate.pricing.price or Decimal(0)
    if agreed.list_discount_percent:
        price = product(price, (100 - agreed.list_discount_percent).scaleb(-2))
    price_scaled, price_scale = to_scaled(price)
    return (
        *(account, rate.program, rate.sku, rate.unit),
        *(starts_on, NaT if ends_on == date.max else ends_on, agreed.counted_from, rate.bills, rate.pricing.model),
        *(checked(price_scaled), price_scale),
        *(agreed.currency, rate.rounding, terms, agreed.source, agreed.pointer),
    )


def _subscribed(agreement: Agreement, agreed: AgreedRate, rate: int) -> Iterator[tuple[object, ...]]:
    """Yield the quantities on the days on which both the rate and the account are active."""
    since = max(agreed.starts_on, agreement.active_from)
    until = min(agreed.ends_on, agreement.closed_on or date.max)
    entries = agreed.rate.subscribed
    ends = [*(entry.from_ - _ONE_DAY for entry in entries[1:]), date.max]
    for entry, end in zip(entries, ends, strict=True):
        first, last = max(since, entry.from_), min(until, end)
        if first <= last:
            yield rate, first, NaT if last == date.max else last, *to_scaled(entry.quantity)


def _exchange(tables: Mapping[str, Sequence[ExchangeRate]]) -> Exchange:
    return {
        (table, rate.from_currency, rate.to_currency, str(rate.period)): rate.rate
        for table, rates in tables.items()
        for rate in rates
    }
