"""Tables as one-liners: usage, rates and invoice lines of ACME-001, program cloud, SKU A1, unless said otherwise."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from pandas import DataFrame

from prisma_batch.base.money import to_minor, to_scaled
from prisma_batch.base.periods import Period
from prisma_batch.rating.grain import daily_keys
from prisma_batch.rating.match import MatchScope, match_usage
from prisma_batch.rating.pricing import price_usage
from prisma_batch.rating.rates import Rates
from prisma_batch.rating.terms import Terms
from prisma_batch.rating.totals import usage_totals
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.price_tables import RATES
from prisma_batch.records.tables import INVOICE_LINES, USAGE_ROWS

Row = tuple[Any, ...]
TERMS = (Terms(), Terms(model="flat"))


def used(
    quantity: str, on: str = "2026-10-05", *, account: str = "ACME-001", program: str = "cloud", **row: str
) -> Row:
    """A row of USAGE_ROWS; also: sku, unit, source."""
    place = (row.get("unit", ""), row.get("source", "usage/2026-10/u.csv"), 2)
    key = (account, program, row.get("sku", "A1"))
    return (*key, date.fromisoformat(on), *to_scaled(Decimal(quantity)), *place)


def rate(price: str, starts_on: str = "2026-01-01", ends_on: str | None = None, **row: str) -> Row:
    """A row of RATES; also: account, program, sku, unit, model, currency, rounding."""
    key = (row.get("account", "ACME-001"), row.get("program", "cloud"), row.get("sku", "A1"), row.get("unit", ""))
    days = (date.fromisoformat(starts_on), date.fromisoformat(ends_on) if ends_on else None)
    money = (*to_scaled(Decimal(price)), row.get("currency", "EUR"), row.get("rounding", "half_up"))
    model = row.get("model", "per_unit")
    terms = int(model == "flat")
    return (*key, *days, days[0], "arrears", model, *money, terms, "agreements/ACME-001.yaml", "/rates/0")


def billed(
    quantity: str, amount: str, price: str | None = None, *, document: str = "INV-1", line: int = 1, **row: str
) -> Row:
    """A row of INVOICE_LINES; also: account, program, sku, currency, kind, service_from, service_to."""
    account, currency = row.get("account", "ACME-001"), row.get("currency", "EUR")
    days = (row.get("service_from", "2026-10-01"), row.get("service_to", "2026-10-31"))
    return (
        *(document, row.get("kind", "invoice"), line, row.get("payer", account), account),
        *(row.get("program", "cloud"), row.get("sku", "A1"), *map(date.fromisoformat, days)),
        *to_scaled(Decimal(quantity)),
        *((None, None) if price is None else to_scaled(Decimal(price))),
        *(to_minor(Decimal(amount), currency), currency, row.get("corrects", ""), int(row.get("corrects_line", "0"))),
        *(f"invoices/{account}/{document}.yaml", f"/lines/{line - 1}"),
    )


def usage_rows(*rows: Row) -> DataFrame:
    return USAGE_ROWS.of(rows)


def rates(*rows: Row) -> Rates:
    return Rates(table=RATES.of(rows), terms=TERMS)


def priced(rows: DataFrame, agreed: Rates) -> DataFrame:
    """CHARGES of usage rows."""
    return price_usage(usage_totals(rows, daily_keys(agreed)), agreed)


def invoice_lines(*rows: Row) -> DataFrame:
    return INVOICE_LINES.of(rows)


def scope(*periods: str, accounts: Iterable[str] = ("ACME-001", "BETA-002")) -> MatchScope:
    """A scope of October 2026, unless periods are given: then program cloud is matched in those."""
    return MatchScope(
        periods={"cloud": frozenset(periods)} if periods else {},
        default_periods=frozenset([str(Period(2026, 10))]),
        accounts=frozenset(accounts),
        terms=TERMS,
    )


def matched(
    usage: Iterable[Row], agreed: Iterable[Row], lines: Iterable[Row], within: MatchScope | None = None
) -> list[Discrepancy]:
    """The discrepancies of a match, sorted by kind, month and invoice line."""
    charges = priced(usage_rows(*usage), rates(*agreed))
    found = match_usage(charges, invoice_lines(*lines), within or scope())
    return sorted(found, key=lambda item: (item.kind, item.account, item.sku, item.period, item.invoice, item.line))


def amounts(found: Iterable[Discrepancy]) -> list[tuple[str, int | None, int | None, int | None]]:
    """Kind, expected, invoiced and their difference in cents."""
    return [(item.kind, item.expected_minor, item.invoiced_minor, item.difference_minor) for item in found]
