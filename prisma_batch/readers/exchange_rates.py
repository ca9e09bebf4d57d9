"""``agreements/fx/<table>.csv``: exchange rates by month, exact decimals."""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from prisma_batch.base.findings import Finding
from prisma_batch.base.money import is_currency
from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import ExchangeRate

COLUMNS = ("period", "from", "to", "rate")

_RATE = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?")
_PERIOD = re.compile(r"[1-9][0-9]{3}-(?:0[1-9]|1[0-2])")
_NOT_IN_TABLES = re.compile(r"[^\n\x20-\x7e]|\"")

_CATALOGUE = {
    "fx-encoding": ("the table holds a quote, or something else than ASCII", "write plain fields and commas"),
    "fx-header": (f"the header is not {','.join(COLUMNS)}", "write exactly these columns, in this order"),
    "fx-row": (f"the row does not have {len(COLUMNS)} fields", "write period,from,to,rate separated by commas"),
    "fx-period": ("the period is not a month", "write it as YYYY-MM"),
    "fx-currency": ("not a currency of ISO 4217", "write its three letters, such as EUR"),
    "fx-rate": ("the rate is not a positive decimal", "write it with a point and up to 12 decimals, such as 1.0871"),
    "fx-duplicate": ("this month already has a rate for these currencies", "keep one of the two rows"),
}


def read_exchange_rates(content: bytes, source: str) -> tuple[ExchangeRate, ...] | list[Finding]:
    """Read a table of exchange rates, or return what is wrong with it: each fault with its row and column."""
    text = content.decode("ascii", errors="replace").replace("\r\n", "\n")
    if _NOT_IN_TABLES.search(text):
        return [_fault("fx-encoding", source, 1, 1)]
    rows = [line.split(",") for line in text.removesuffix("\n").split("\n")]
    if tuple(rows[0]) != COLUMNS:
        return [_fault("fx-header", source, 1, 1)]
    faults = [_fault(code, source, number, column) for number, column, code in _faults(rows)]
    return faults or tuple(_rate(row) for row in rows[1:])


def _faults(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, str]]:
    seen: set[tuple[str, ...]] = set()
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS):
            yield number, 1, "fx-row"
            continue
        yield from ((number, column, code) for column, code in _faults_in(*row))
        if tuple(row[:3]) in seen:
            yield number, 1, "fx-duplicate"
        seen.add(tuple(row[:3]))


def _faults_in(period: str, from_currency: str, to_currency: str, rate: str) -> Iterator[tuple[int, str]]:
    if not _PERIOD.fullmatch(period):
        yield 1, "fx-period"
    if not is_currency(from_currency):
        yield 2, "fx-currency"
    if not is_currency(to_currency):
        yield 3, "fx-currency"
    if not _RATE.fullmatch(rate) or not Decimal(rate):
        yield 4, "fx-rate"


def _rate(row: Sequence[str]) -> ExchangeRate:
    period, from_currency, to_currency, rate = row
    return ExchangeRate(
        period=Period.parse(period), from_currency=from_currency, to_currency=to_currency, rate=Decimal(rate)
    )


def _fault(code: str, source: str, row: int, column: int) -> Finding:
    message, remedy = _CATALOGUE[code]
    return Finding(code=code, message=message, remedy=remedy, source=source, line=row, column=column)
