"""The ledger of a period as double entries: each account's opening balance, what moved it, and its closing balance."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from prisma_batch.receivables.ledger import NOT_RECEIVABLE, UNIDENTIFIED
from prisma_batch.receivables.result import Receivables
from prisma_batch.records.table import rows_of
from prisma_batch.views.amounts import Money

_RECEIVABLES = ("Assets", "Receivables")
# Money that is on no customer's account: until somebody knows whose it is, and for good.
_APART: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {UNIDENTIFIED: ("Liabilities", "Unidentified-Payments"), NOT_RECEIVABLE: ("Equity", "Not-Receivable")}
)
_OPENING = ("Equity", "Opening-Balances")
# Where the other side of a movement is booked.
_OTHER_SIDE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "opening_item": ("Equity", "Opening-Items"),
        "invoice": ("Income", "Invoices"),
        "credit_note": ("Income", "Credit-Notes"),
        "fee": ("Income", "Fees"),
        "payment": ("Assets", "Bank"),
        "reversal": ("Assets", "Bank"),
        "refund": ("Assets", "Bank"),
        "discount": ("Expenses", "Discounts"),
        "tolerance": ("Expenses", "Small-Differences"),
        "bank_fee": ("Expenses", "Bank-Fees"),
        "write_off": ("Expenses", "Write-Offs"),
        "waiver": ("Expenses", "Waivers"),
        "exchange": ("Equity", "Exchange"),
    }
)
_ADJUSTMENTS = ("Expenses", "Adjustments")


@dataclass(frozen=True, kw_only=True, slots=True)
class JournalEntry:
    """A movement: what it adds to an account's debt, and the account of the other side, which has the opposite.

    For money that is on no customer's account ``account`` is what it is instead.
    """

    on: date
    account: str
    kind: str
    reference: str
    money: Money
    other_side: tuple[str, ...]
    prior_period: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Balance:
    account: str
    money: Money


@dataclass(frozen=True, kw_only=True, slots=True)
class Journal:
    """The ledger from one day to another, both included; opening balances stand on the day before.

    Entries are sorted by day, account and reference; closing balances by account and currency, those of nothing too.
    """

    opened_on: date
    as_of: date
    openings: tuple[JournalEntry, ...]
    entries: tuple[JournalEntry, ...]
    closings: tuple[Balance, ...]


def build_journal(receivables: Receivables, opened_on: date, as_of: date) -> Journal:
    """Build the journal of the movements between two days.

    An entry that takes effect after the last day, as a value date may, stands on the last day: it is in its balance.
    """
    return Journal(
        opened_on=opened_on,
        as_of=as_of,
        openings=tuple(_openings(receivables, opened_on - timedelta(days=1))),
        entries=tuple(sorted(_entries(receivables, as_of), key=_order)),
        closings=tuple(
            Balance(account=row.account, money=Money(int(row.closing_minor), row.currency))
            for table in (receivables.balances, receivables.apart_balances)
            for row in rows_of(table)
        ),
    )


def _openings(receivables: Receivables, on: date) -> Iterator[JournalEntry]:
    for row in (*rows_of(receivables.balances), *rows_of(receivables.apart_balances)):
        if row.opening_minor:
            money = Money(int(row.opening_minor), row.currency)
            yield JournalEntry(
                account=row.account, on=on, kind="opening", reference="", money=money, other_side=_OPENING
            )


def _entries(receivables: Receivables, as_of: date) -> Iterator[JournalEntry]:
    for row in (*rows_of(receivables.movements), *rows_of(receivables.apart_movements)):
        yield JournalEntry(
            account=row.account,
            on=min(row.on.date(), as_of),
            kind=row.kind,
            reference=row.reference,
            money=Money(int(row.amount_minor), row.currency),
            other_side=_OTHER_SIDE.get(row.kind, _ADJUSTMENTS),
            prior_period=bool(row.prior_period),
        )


def ledger_account(account: str) -> tuple[str, ...]:
    """Return where the ledger has a customer's account, or money that is on none."""
    return _APART.get(account, (*_RECEIVABLES, account))


def _order(entry: JournalEntry) -> tuple[date, str, str, str, str]:
    return entry.on, entry.account, entry.reference, entry.kind, entry.money.currency
