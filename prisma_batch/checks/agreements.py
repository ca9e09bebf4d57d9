"""Agreements and price lists: terms, taxes, commitments and rates inside one record."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.base.money import fits_minor
from prisma_batch.records.agreements import Agreement, PriceList, Rate


def check_agreement_dates(agreement: Agreement) -> Iterator[Finding]:
    """Yield ``agreement-dates`` where the agreement or a commitment ends before it begins.

    FAIL: ``active_from: 2026-02-01``, ``closed_on: 2026-01-31``. PASS: both on one day.
    """
    if agreement.closed_on and agreement.closed_on < agreement.active_from:
        message = "the account was closed before the agreement begins"
        yield _finding("agreement-dates", message, "correct active_from or closed_on", agreement, pointer("closed_on"))
    for index, commitment in enumerate(agreement.commitments):
        if commitment.ends_on < commitment.starts_on:
            at = pointer("commitments", index, "ends_on")
            message = "the commitment ends before it begins"
            yield _finding("agreement-dates", message, "correct starts_on or ends_on", agreement, at)


def check_starts(agreement: Agreement) -> Iterator[Finding]:
    """Yield ``starts-on-order`` where payment terms or taxes do not start one after the other.

    FAIL: two taxes from 2026-01-01. PASS: one from 2026-01-01, the next from 2026-07-01.
    """
    starts = {
        "payment_terms": [terms.starts_on for terms in agreement.payment_terms],
        "tax": [treatment.starts_on for treatment in agreement.tax],
    }
    for key, days in starts.items():
        for index, (before, after) in enumerate(pairwise(days), start=1):
            if after <= before:
                message = "this entry does not start after the one before it"
                remedy = "list the entries by starts_on, each day once"
                yield _finding("starts-on-order", message, remedy, agreement, pointer(key, index, "starts_on"))


def check_subscriptions(record: Agreement | PriceList) -> Iterator[Finding]:
    """Yield ``subscription-order`` where the quantities of a subscription do not start one after the other.

    FAIL: 25 from 2026-01-01, 30 from 2026-01-01. PASS: 25 from 2026-01-01, 30 from 2026-07-01.
    """
    for index, rate in enumerate(record.rates):
        for later, (before, after) in enumerate(pairwise(rate.subscribed), start=1):
            if after.from_ <= before.from_:
                message = "this quantity does not start after the one before it"
                at = pointer("rates", index, "basis", "subscription", "quantities", later, "from")
                yield _finding("subscription-order", message, "list the quantities by from, each day once", record, at)


def check_agreed_once(agreement: Agreement) -> Iterator[Finding]:
    """Yield ``agreement-duplicate`` for a second commitment of an id, or a second service credit for a program.

    FAIL: two commitments c-1. PASS: c-1 and c-2.
    """
    named = {
        "commitments": ("id", [commitment.id for commitment in agreement.commitments]),
        "service_credits": ("program", [promise.program for promise in agreement.service_credits]),
    }
    for key, (field, names) in named.items():
        for index, name in enumerate(names):
            if name in names[:index]:
                message = f"the agreement has an entry for {name} already"
                at = pointer(key, index, field)
                yield _finding("agreement-duplicate", message, "keep one of them, or rename it", agreement, at)


def check_bounds(record: Agreement | PriceList) -> Iterator[Finding]:
    """Yield ``rate-bounds`` where the most that a rate charges is below the least.

    FAIL: ``minimum_amount: "50.00"``, ``maximum_amount: "30.00"``. PASS: both "50.00".
    """
    for index, rate in enumerate(record.rates):
        least, most = rate.minimum_amount, rate.maximum_amount
        if least is not None and most is not None and most < least:
            message = "the maximum amount is below the minimum amount"
            yield _finding(
                "rate-bounds", message, "correct one of them", record, pointer("rates", index, "maximum_amount")
            )


def check_rate_dates(record: Agreement | PriceList) -> Iterator[Finding]:
    """Yield ``rate-dates`` where a rate ends before it begins.

    FAIL: ``starts_on: 2026-02-01``, ``ends_on: 2026-01-31``. PASS: both on one day.
    """
    for index, rate in enumerate(record.rates):
        if rate.ends_on and rate.ends_on < rate.starts_on:
            message = "the rate ends before it begins"
            remedy = "correct starts_on or ends_on; both days are included"
            yield _finding("rate-dates", message, remedy, record, pointer("rates", index, "ends_on"))


def check_rate_overlap(record: Agreement | PriceList) -> Iterator[Finding]:
    """Yield ``rate-overlap`` where two rates of a program and SKU hold on one day.

    FAIL: until 2026-06-30 and from 2026-06-30. PASS: until 2026-06-30 and from 2026-07-01.
    """
    by_sku: dict[tuple[str, str], list[tuple[date, int, Rate]]] = defaultdict(list)
    for index, rate in enumerate(record.rates):
        by_sku[rate.program, rate.sku].append((rate.starts_on, index, rate))
    for rates in by_sku.values():
        covered_to = date.min
        for starts_on, index, rate in sorted(rates, key=lambda entry: entry[:2]):
            if starts_on <= covered_to:
                message = "another rate of this program and SKU holds on a day of this one"
                remedy = "let ends_on of the earlier rate be the day before starts_on of the later"
                yield _finding("rate-overlap", message, remedy, record, pointer("rates", index, "starts_on"))
            covered_to = max(covered_to, rate.ends_on or date.max)


def check_tiers(record: Agreement | PriceList) -> Iterator[Finding]:
    """Yield ``tier-order`` where tiers do not rise, or not exactly the last one is open.

    FAIL: ``up_to: 20`` in the last tier. PASS: ``up_to: 20``, then a tier without it.
    """
    for index, rate in enumerate(record.rates):
        limits = [tier.up_to for tier in rate.pricing.tiers]
        if limits and not _rise_to_open_end(limits):
            message = "the tiers do not rise up to an open last one"
            remedy = "give each tier a higher up_to than the one before, and leave it out of the last"
            yield _finding("tier-order", message, remedy, record, pointer("rates", index, "pricing", "tiers"))


def check_agreed_amounts(record: Agreement | PriceList) -> Iterator[Finding]:
    """Yield ``amount-precision`` for agreed sums finer than the currency's minor unit; prices may be finer.

    FAIL: ``minimum_amount: "10.005"`` in EUR. PASS: ``price: "0.005"``.
    """
    for amount, currency, at in _agreed_amounts(record):
        if not fits_minor(amount, currency):
            message = f"this amount is finer than the smallest unit of {currency}"
            yield _finding("amount-precision", message, "leave out the further decimals", record, at)


def _agreed_amounts(record: Agreement | PriceList) -> Iterator[tuple[Decimal, str, str]]:
    if isinstance(record, Agreement):
        for index, commitment in enumerate(record.commitments):
            yield commitment.amount, record.currency, pointer("commitments", index, "amount")
    for index, rate in enumerate(record.rates):
        for key in ("minimum_amount", "maximum_amount"):
            amount = getattr(rate, key)
            if amount is not None:
                yield amount, rate.currency or record.currency, pointer("rates", index, key)


def _rise_to_open_end(limits: list[Decimal | None]) -> bool:
    *closed, last = limits
    return (
        last is None
        and all(limit is not None for limit in closed)
        and all(before < after for before, after in pairwise(limit for limit in closed if limit is not None))
    )


def _finding(code: str, message: str, remedy: str, record: Agreement | PriceList, at: str) -> Finding:
    return Finding(code=code, message=message, remedy=remedy, source=record.source, pointer=at)
