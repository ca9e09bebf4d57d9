"""Journals for other tools: plain text for Beancount and hledger, tables as CSV and Parquet."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from types import MappingProxyType
from typing import Literal, TypeAlias

import pyarrow as pa
from pyarrow import parquet

from prisma_batch.base.money import MINOR_DIGITS_MAX, minor_digits
from prisma_batch.views.journal import Journal, JournalEntry, ledger_account
from prisma_batch.writers.csv_text import csv_bytes, guarded

JournalFormat: TypeAlias = Literal["beancount", "hledger", "csv", "parquet"]

_COLUMNS = ("account", "currency", "kind", "reference", "date", "amount", "prior_period")
_SIGNS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Wide enough for 64-bit minor units of currencies without decimals, and for those of any currency.
_AMOUNT = pa.decimal128(19 + MINOR_DIGITS_MAX, MINOR_DIGITS_MAX)


def journal_bytes(journal: Journal, journal_format: JournalFormat) -> bytes:
    """Print a journal in one of the formats; nothing depends on the machine or the time."""
    return _WRITERS[journal_format](journal)


def _beancount(journal: Journal) -> bytes:
    return "\n".join(_beancount_lines(journal)).encode() + b"\n"


def _beancount_lines(journal: Journal) -> Iterator[str]:
    yield 'option "title" "Receivables"'
    for currency in _currencies(journal):
        yield f'option "operating_currency" "{currency}"'
    yield ""
    for account in _accounts(journal):
        yield f"{_first_day(journal)} open {account}"
    for entry in (*journal.openings, *journal.entries):
        text = _plain(entry).replace("\\", "\\\\").replace('"', '\\"')
        yield ""
        yield f'{entry.on} * "{text}"{" #prior-period" if entry.prior_period else ""}'
        yield from _postings(entry)
    yield ""
    for balance in journal.closings:
        # A balance holds at the beginning of its day; without a tolerance Beancount would let the last digit differ.
        on = journal.as_of + timedelta(days=1)
        yield f"{on} balance {_name(balance.account)}  {balance.money.text} ~ 0 {balance.money.currency}"


def _hledger(journal: Journal) -> bytes:
    return "\n".join(_hledger_lines(journal)).encode() + b"\n"


def _hledger_lines(journal: Journal) -> Iterator[str]:
    for currency in _currencies(journal):
        # A decimal mark is asked for even where there are no decimals.
        yield f"commodity 1000.{'0' * minor_digits(currency)} {currency}"
    for account in _accounts(journal):
        yield f"account {account}"
    for entry in (*journal.openings, *journal.entries):
        text = _plain(entry).replace(";", ",").replace("|", "/")
        yield ""
        yield f"{entry.on} * {text}{'  ; prior-period:' if entry.prior_period else ''}"
        yield from _postings(entry)
    yield ""
    yield f"{journal.as_of} * closing balances"
    for balance in journal.closings:
        currency = balance.money.currency
        yield f"    {_name(balance.account)}  0 {currency} = {balance.money.text} {currency}"


def _postings(entry: JournalEntry) -> Iterator[str]:
    currency = entry.money.currency
    opposite = f"{-entry.money.amount:f}" if entry.money.minor else entry.money.text
    yield f"    {_name(entry.account)}  {entry.money.text} {currency}"
    yield f"    {':'.join(entry.other_side)}  {opposite} {currency}"


def _plain(entry: JournalEntry) -> str:
    """Return kind and reference on one line, without signs that end it."""
    return _SIGNS.sub(" ", f"{entry.kind.replace('_', ' ')} {entry.reference}").strip()


def _accounts(journal: Journal) -> list[str]:
    entries = (*journal.openings, *journal.entries)
    others = {":".join(entry.other_side) for entry in entries}
    own = {_name(balance.account) for balance in journal.closings}
    return sorted(own | others | {_name(entry.account) for entry in entries})


def _currencies(journal: Journal) -> list[str]:
    entries = (*journal.openings, *journal.entries)
    return sorted(
        {balance.money.currency for balance in journal.closings} | {entry.money.currency for entry in entries}
    )


def _name(account: str) -> str:
    return ":".join(ledger_account(account))


def _first_day(journal: Journal) -> date:
    return min(journal.opened_on - timedelta(days=1), *(entry.on for entry in journal.entries), journal.as_of)


def _rows(journal: Journal) -> Iterator[tuple[str, str, str, str, date, Decimal, bool]]:
    for entry in (*journal.openings, *journal.entries):
        money = entry.money
        about = (entry.account, money.currency, entry.kind, entry.reference)
        yield (*about, entry.on, money.amount, entry.prior_period)
    for balance in journal.closings:
        money = balance.money
        yield (balance.account, money.currency, "closing", "", journal.as_of, money.amount, False)


def _csv(journal: Journal) -> bytes:
    return csv_bytes(
        _COLUMNS,
        (
            (account, currency, kind, guarded(reference), on.isoformat(), f"{amount:f}", "yes" if prior else "")
            for account, currency, kind, reference, on, amount, prior in _rows(journal)
        ),
    )


def _parquet(journal: Journal) -> bytes:
    types = (*[pa.string()] * 4, pa.date32(), _AMOUNT, pa.bool_())
    columns = zip(*_rows(journal), strict=True)
    cells = [list(column) for column in columns] or [[] for _ in types]
    arrays = [pa.array(column, type=kind) for column, kind in zip(cells, types, strict=True)]
    sink = BytesIO()
    parquet.write_table(pa.table(arrays, names=list(_COLUMNS)), sink)
    return sink.getvalue()


_WRITERS: Mapping[JournalFormat, Callable[[Journal], bytes]] = MappingProxyType(
    {"beancount": _beancount, "hledger": _hledger, "csv": _csv, "parquet": _parquet}
)
