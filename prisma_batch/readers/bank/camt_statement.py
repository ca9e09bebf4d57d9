"""One camt statement: its entries as they come, and when it ends its balances for each currency."""

from collections.abc import Iterable
from datetime import date
from operator import itemgetter
from typing import Any

from prisma_batch.readers.bank.amounts import Refused, currency_code
from prisma_batch.readers.bank.camt_details import entry_rows
from prisma_batch.readers.bank.camt_values import account_number, day, required, signed_minor
from prisma_batch.readers.bank.xml_tree import Fields
from prisma_batch.readers.csv_text import Refusal
from prisma_batch.records.tables import BANK_ENTRIES

_NOT_BOOKED = {"PDNG", "INFO", "FUTR"}
_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)

_ASK = "ask the bank for a corrected file"
_STATUS = Refusal("unknown-status", "the entry's status is not known", _ASK)
_NO_ACCOUNT = Refusal("missing-element", "the account has no number, or stands below the entries", _ASK)
_CELLS = itemgetter(*BANK_ENTRIES.columns)


class OpenStatement:
    """A statement whose entries are being read; only their sums are kept."""

    def __init__(self, source: str, statement: Fields) -> None:
        self._place = {"source": source, "pointer": str(statement.line)}
        self._identity = {"statement": statement.text("Id"), "account_iban": account_number(statement, "Acct")}
        self._tallies: dict[str, _Tally] = {}

    def rows(self, entry: Fields) -> Iterable[tuple[Any, ...]]:
        """Return the BANK_ENTRIES rows of an entry, none unless it is booked; raises Refused."""
        status = entry.text("Sts/Cd", "Sts")
        if status in _NOT_BOOKED:
            return []
        if status != "BOOK":
            raise Refused(_STATUS, entry.line)
        place = self._identity | self._place | {"pointer": str(entry.line)}
        rows = entry_rows(entry, *signed_minor(entry))
        for row in rows:
            row.update(place)
            tally = self._tallies.setdefault(row["currency"], _Tally(row["booking_date"]))
            tally.add(row["booking_date"], row["amount_minor"])
        return map(_CELLS, rows)

    def closed(self, statement: Fields) -> list[dict[str, Any]]:
        """Return a BANK_STATEMENTS row for each currency, that of the account first; raises Refused."""
        required(statement, "Id")
        if not all(self._identity.values()):
            raise Refused(_NO_ACCOUNT, statement.line)
        main = _currency(statement) or next(iter(self._tallies), "")
        currencies = (main, *sorted(self._tallies.keys() - {main}))
        return [self._row(statement, currency) | self._identity | self._place for currency in currencies]

    def _row(self, statement: Fields, currency: str) -> dict[str, Any]:
        opening, closing = _balance(statement, _OPENING, currency), _balance(statement, _CLOSING, currency)
        tally = self._tallies.get(currency, _Tally(None))
        return {
            "currency": currency,
            "opened_on": _day_of(opening) or day(statement, "FrToDt/FrDtTm") or tally.first_day,
            "closed_on": _day_of(closing) or day(statement, "FrToDt/ToDtTm") or tally.last_day,
            "opening_minor": signed_minor(opening)[0] if opening else None,
            "closing_minor": signed_minor(closing)[0] if closing else None,
            "entries_minor": tally.minor,
        }


class _Tally:
    """What the entries of one currency come to."""

    __slots__ = ("first_day", "last_day", "minor")

    def __init__(self, booked_on: date | None) -> None:
        self.first_day = self.last_day = booked_on
        self.minor = 0

    def add(self, booked_on: date, minor: int) -> None:
        self.first_day = min(self.first_day or booked_on, booked_on)
        self.last_day = max(self.last_day or booked_on, booked_on)
        self.minor += minor


def _currency(statement: Fields) -> str:
    """Return the currency of the account, else of a balance, else ""."""
    account = statement.text("Acct/Ccy")
    if account:
        return currency_code(account)
    balance = _balance(statement, _OPENING, "") or _balance(statement, _CLOSING, "")
    return signed_minor(balance)[1] if balance else ""


def _balance(statement: Fields, kinds: Iterable[str], currency: str) -> Fields | None:
    """Return the balance of the first kind there is, in a currency unless it is "".

    Of several opening balances it is the earliest, of closing balances the latest: some banks give one for each day.
    """
    balances = [(found.text("Tp/CdOrPrtry/Cd", "Tp/Cd"), found) for found in statement.all("Bal")]
    for wanted in kinds:
        fitting = [
            found for kind, found in balances if kind == wanted and (not currency or currency == _currency_of(found))
        ]
        if fitting:
            # Both keep the first of one day.
            choose = max if wanted in _CLOSING else min
            return choose(fitting, key=lambda found: _day_of(found) or date.min)
    return None


def _currency_of(balance: Fields) -> str:
    required(balance, "Amt")
    return balance.text("Amt@Ccy")


def _day_of(balance: Fields | None) -> date | None:
    return day(balance, "Dt/Dt", "Dt/DtTm") if balance else None
