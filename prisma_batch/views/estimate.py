"""The coming invoice of an account, line by line beside the last one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pandas import NA, DataFrame

from prisma_batch.base.money import from_scaled, percent_of, plain
from prisma_batch.base.periods import Period
from prisma_batch.rating.formulas import formula_of
from prisma_batch.rating.projection import Projection
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.totals import Key
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money
from prisma_batch.views.parties import customer_name
from prisma_batch.views.rows import Row
from prisma_batch.views.trace import sum_of_quantities


@dataclass(frozen=True, kw_only=True, slots=True)
class EstimateLine:
    """A SKU of an account in the coming invoice and in the last one.

    ``amount`` is None where nothing says the price. ``basis`` says in words how the quantity came about, ``formulas``
    how the amount did, ``minimum`` is the part of it that an agreed minimum or commitment adds. ``change`` = amount −
    last amount.
    """

    account: str
    program: str
    sku: str
    unit: str
    quantity: Decimal
    amount: Money | None
    minimum: Money
    basis: str
    formulas: tuple[str, ...]
    last_quantity: Decimal | None
    last_amount: Money
    change: Money | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EstimateSection:
    """Everything in one currency; ``net_as_recorded`` is the net amount without the quantities that were asked for."""

    currency: str
    lines: tuple[EstimateLine, ...]
    net: Money
    tax_words: str
    tax: Money
    total: Money
    last_net: Money
    net_as_recorded: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """The coming invoice of ``account``: its own lines and those of the accounts that it is billed for.

    ``covered_until`` has the last day with usage of each metered program; ``last_period`` and ``last_documents`` are
    what the lines stand beside.
    """

    account: str
    customer_name: str
    billed_to: str
    period: Period
    covered_until: Mapping[str, date]
    last_period: Period | None
    last_documents: tuple[str, ...]
    wanted: tuple[tuple[str, Decimal], ...]
    sections: tuple[EstimateSection, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class EstimateInput:
    """What an estimate is made of.

    ``charges`` are CHARGES of the period under ``terms``, ``charges_as_recorded`` those without the quantities that
    were asked for; ``lines`` are INVOICE_LINES of earlier invoices with their ``period``. All are of ``account`` and of
    those that it is billed for. ``exchanged_in`` has the months of rates of exchange that stand in for those of the
    period, by table, currency from and currency to.
    """

    account: str
    period: Period
    snapshot: Snapshot
    charges: DataFrame
    charges_as_recorded: DataFrame
    terms: tuple[Terms, ...]
    projections: Mapping[Key, Projection]
    exchanged_in: Mapping[tuple[str, str, str], Period]
    covered_until: Mapping[str, date]
    wanted: tuple[tuple[str, Decimal], ...]
    lines: DataFrame


def build_estimate(given: EstimateInput) -> Estimate:
    """Build the estimate; its sections are sorted by currency, their lines by account, program and SKU."""
    lines, last = given.lines, given.lines["period"].max() if len(given.lines) else ""
    beside = list(rows_of(lines[lines["period"].eq(last)]))
    charges = list(rows_of(given.charges))
    agreement = given.snapshot.agreements.get(given.account)
    fallback = agreement.currency if agreement else ""
    currencies = sorted({_currency(row, fallback) for row in (*charges, *beside)} - {""})
    return Estimate(
        account=given.account,
        customer_name=customer_name(given.snapshot, given.account),
        billed_to=(agreement.billed_to if agreement else None) or "",
        period=given.period,
        covered_until=dict(sorted(given.covered_until.items())),
        last_period=Period.parse(last) if last else None,
        last_documents=tuple(sorted({line.document for line in beside})),
        wanted=given.wanted,
        sections=tuple(
            _section(
                given,
                currency,
                [row for row in charges if _currency(row, fallback) == currency],
                [row for row in beside if row.currency == currency],
            )
            for currency in currencies
        ),
    )


def _currency(row: Row, fallback: str) -> str:
    """Return the currency of a row; a charge without a price is shown in that of the agreement."""
    return str(row.currency or fallback)


def _section(given: EstimateInput, currency: str, charges: list[Row], beside: list[Row]) -> EstimateSection:
    by_key: dict[Key, list[Row]] = defaultdict(list)
    last_by_key: dict[Key, list[Row]] = defaultdict(list)
    for charge in charges:
        by_key[charge.account, charge.program, charge.sku].append(charge)
    for line in beside:
        last_by_key[line.service_account, line.program, line.sku].append(line)
    lines = tuple(
        _line(given, key, (by_key.get(key, []), last_by_key.get(key, [])), currency)
        for key in sorted({*by_key, *last_by_key})
    )
    net = Money(sum(line.amount.minor for line in lines if line.amount), currency)
    tax_words, tax = _tax(given, net)
    recorded = given.charges_as_recorded
    as_recorded = recorded.loc[recorded["currency"].eq(currency), "amount_minor"].dropna()
    return EstimateSection(
        currency=currency,
        lines=lines,
        net=net,
        tax_words=tax_words,
        tax=tax,
        total=Money(net.minor + tax.minor, currency),
        last_net=Money(sum(line.last_amount.minor for line in lines), currency),
        net_as_recorded=Money(int(as_recorded.sum()), currency),
    )


def _line(given: EstimateInput, key: Key, rows: tuple[list[Row], list[Row]], currency: str) -> EstimateLine:
    charges, last = rows
    known = [int(charge.amount_minor) for charge in charges if charge.amount_minor is not NA]
    amount = Money(sum(known), currency) if len(known) == len(charges) else None
    extra = [row for row in charges if row.kind not in ("usage", "subscription")]
    ordered = [*(row for row in charges if row not in extra), *extra]
    last_amount = Money(sum(int(row.amount_minor) for row in last), currency)
    return EstimateLine(
        account=key[0],
        program=key[1],
        sku=key[2],
        unit=next((charge.unit for charge in charges if charge.unit), ""),
        quantity=_quantity(row for row in charges if row not in extra),
        amount=amount,
        minimum=Money(sum(int(row.amount_minor) for row in extra if row.amount_minor is not NA), currency),
        basis=_basis(charges, given.projections.get(key)) + _exchanged(given, charges),
        formulas=tuple(formula_of(charge, given.terms) for charge in ordered if charge.amount_minor is not NA),
        last_quantity=_quantity(last) if last else None,
        last_amount=last_amount,
        change=Money(amount.minor - last_amount.minor, currency) if amount else None,
    )


def _quantity(rows: Iterable[Row]) -> Decimal:
    return sum_of_quantities(from_scaled(row.quantity_scaled, row.quantity_scale) for row in rows)


def _basis(charges: list[Row], projection: Projection | None) -> str:
    if not charges:
        return "nothing so far"
    if projection is None or any(charge.kind == "subscription" for charge in charges):
        return "agreed, whatever is used"
    used = f"{plain(projection.used)} {projection.unit}".rstrip()
    if projection.basis == "projected":
        if projection.days_covered == projection.days:
            return f"used: the whole month, {projection.days} days, is on record"
        return f"in a straight line from {used} on {projection.days_covered} of {projection.days} days"
    words = {
        "reported": "as reported",
        "set": "as asked for",
        "carried": f"as in {projection.carried_from}",
        "corrected": "as corrected so far: it is not carried on",
    }
    return words[projection.basis] + (": nothing is on record yet" if projection.basis == "carried" else "")


def _exchanged(given: EstimateInput, charges: Iterable[Row]) -> str:
    """Say from which month a rate of exchange is that stands in for the period's own."""
    for charge in charges:
        agreed = given.terms[int(charge.terms)] if charge.terms is not NA else Terms()
        month = given.exchanged_in.get((agreed.fx, agreed.price_currency, charge.currency))
        if month:
            return f", at the exchange rate of {month}: that of {given.period} is not known yet"
    return ""


def _tax(given: EstimateInput, net: Money) -> tuple[str, Money]:
    agreement = given.snapshot.agreements.get(given.account)
    treatment = agreement.tax_on(given.period.last_day) if agreement else None
    if treatment is None:
        return "no tax is agreed", Money(0, net.currency)
    words = f"{treatment.code} {plain(treatment.rate)} %"
    return words, Money(percent_of(net.minor, treatment.rate), net.currency)
