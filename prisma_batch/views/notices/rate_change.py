"""``rate_change``: prices that change on a day to come."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise

from prisma_batch.base.money import plain
from prisma_batch.base.periods import days_after
from prisma_batch.records.agreements import Agreement, Pricing, Rate
from prisma_batch.views.notices.layout import Notice, NoticeTable, UnitPrice, Value, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import program_name

_NOTICE_DAYS = 62  # the next two months


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each account and coming day on which a rate of its agreement replaces another."""
    as_of = state.span.as_of
    for account, agreement in sorted(state.snapshot.agreements.items()):
        changes = sorted(_changes(agreement), key=lambda pair: pair[0].starts_on)
        for starts_on, pairs in groupby(changes, key=lambda pair: pair[0].starts_on):
            if as_of < starts_on <= days_after(as_of, _NOTICE_DAYS):
                body = _body(state, agreement, starts_on, list(pairs))
                yield Planned(key=f"rate_change.{account}.{starts_on}", account=account, body=body)


def _changes(agreement: Agreement) -> Iterator[tuple[Rate, Rate]]:
    """Yield each rate with the one before it of the same program and SKU."""
    rates = sorted(agreement.rates, key=lambda rate: (rate.program, rate.sku, rate.starts_on))
    for before, rate in pairwise(rates):
        if (before.program, before.sku) == (rate.program, rate.sku) and before.pricing != rate.pricing:
            yield rate, before


def _body(state: NoticeState, agreement: Agreement, starts_on: date, pairs: list[tuple[Rate, Rate]]) -> Notice:
    account = agreement.account
    return Notice(
        subject=say("Account %(account)s: prices change on %(day)s", account=account, day=starts_on),
        title=say("Your prices change"),
        action=(say("There is nothing for you to do. The new prices count from %(day)s on.", day=starts_on),),
        substance=[(rate.program, rate.sku, *_figures(rate.pricing)) for rate, _ in pairs],
        tables=(
            NoticeTable(
                headings=(say("Program"), say("Article"), say("Unit"), say("Until now"), say("New")),
                rows=tuple(
                    (
                        program_name(state.snapshot, rate.program),
                        rate.sku,
                        rate.unit,
                        _price(before, agreement),
                        _price(rate, agreement),
                    )
                    for rate, before in pairs
                ),
            ),
        ),
    )


def _figures(pricing: Pricing) -> Iterator[str]:
    yield pricing.model
    for number in (pricing.price, pricing.package_size):
        yield "" if number is None else plain(number)
    for tier in pricing.tiers:
        yield " ".join(plain(number) for number in (tier.up_to or Decimal(0), tier.price, tier.flat))


def _price(rate: Rate, agreement: Agreement) -> Value:
    currency = rate.price_currency or rate.currency or agreement.currency
    return UnitPrice(rate.pricing.price, currency) if rate.pricing.price is not None else say("by tiers")
