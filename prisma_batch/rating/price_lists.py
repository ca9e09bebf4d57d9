"""Which rates price an account's SKUs on which days: its own win, then those of its price lists."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from prisma_batch.base.findings import pointer
from prisma_batch.records.agreements import Agreement, PriceList, PriceListUse, Rate

Days = tuple[date, date]
ProgramSku = tuple[str, str]
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class AgreedRate:
    """A rate on the days of one account that it prices; ``rate`` is the record as it stands in its file."""

    rate: Rate
    starts_on: date
    ends_on: date
    counted_from: date
    currency: str
    list_discount_percent: Decimal
    source: str
    pointer: str


def rates_of(
    agreement: Agreement, price_lists: Mapping[str, PriceList], only: AbstractSet[ProgramSku] | None = None
) -> Iterator[AgreedRate]:
    """Yield an agreement's own rates, then those of its price lists on the days that no own rate covers.

    Where two lists have a SKU on a day, the one that the agreement started to use last wins. ``only`` names the
    programs and SKUs whose rates of price lists are wanted, where that is not all.
    """
    covered: dict[ProgramSku, list[Days]] = defaultdict(list)
    for index, rate in enumerate(agreement.rates):
        days = rate.starts_on, rate.ends_on or date.max
        covered[rate.program, rate.sku].append(days)
        yield AgreedRate(
            rate=rate,
            starts_on=days[0],
            ends_on=days[1],
            counted_from=rate.starts_on,
            currency=rate.currency or agreement.currency,
            list_discount_percent=Decimal(0),
            source=agreement.source,
            pointer=pointer("rates", index),
        )
    for use in sorted(agreement.price_lists, key=lambda use: use.starts_on, reverse=True):
        if use.id in price_lists and (only is None or only):
            yield from _listed(use, price_lists[use.id], covered, only)


def _listed(
    use: PriceListUse,
    price_list: PriceList,
    covered: dict[ProgramSku, list[Days]],
    only: AbstractSet[ProgramSku] | None,
) -> Iterator[AgreedRate]:
    for index, rate in enumerate(price_list.rates):
        if only is not None and (rate.program, rate.sku) not in only:
            continue
        taken = covered[rate.program, rate.sku]
        since = max(rate.starts_on, use.starts_on)
        until = min(rate.ends_on or date.max, use.ends_on or date.max)
        for first, last in _free(since, until, taken):
            taken.append((first, last))
            yield AgreedRate(
                rate=rate,
                starts_on=first,
                ends_on=last,
                counted_from=since,
                currency=rate.currency or price_list.currency,
                list_discount_percent=use.discount_percent,
                source=price_list.source,
                pointer=pointer("rates", index),
            )


def _free(since: date, until: date, taken: list[Days]) -> Iterator[Days]:
    """Yield the parts of an interval that are not taken."""
    for first, last in sorted(taken):
        if last < since or first > until:
            continue
        if since < first:
            yield since, first - ONE_DAY
        if last >= until:
            return
        since = last + ONE_DAY
    if since <= until:
        yield since, until
