"""BAI2 cash management files: a statement for each account record (03) of a group (02), checked by its trailers.

Source: Cash Management Balance Reporting Specifications Version 2 (Bank Administration Institute).
"""

import re
from collections import Counter
from datetime import date
from typing import Any

from prisma_batch.readers.bank.amounts import Refused, calendar_day, currency_code
from prisma_batch.readers.bank.bai2_records import (
    BETWEEN,
    Account,
    Record,
    accounts,
    balances,
    funds_fields_count,
    records,
    unsigned_minor,
)
from prisma_batch.readers.bank.result import BLANK_ENTRY, BankInput, bank_input, bank_text, statement_row
from prisma_batch.readers.csv_text import Refusal

NAME = "bai2"

_SNIFFED = re.compile(rb"\s*01,[^,\n]*,[^,\n]*,[0-9]{6},")
_OPENING, _CLOSING = "010", "015"
_CREDIT, _DEBIT, _NO_MONEY = re.compile(r"[123][0-9]{2}"), re.compile(r"[456][0-9]{2}"), "890"
_UPDATE, _INTRADAY = "1", "3"
_DEFAULT_CURRENCY = "USD"
# Items and transfers that came back, were rejected or reversed.
_RETURNED = {"255", "257", "261", "266", "395", "555", "557", "561"}
_LABEL = re.compile(r"^(EREF|DBNM|CRNM):(.*)$", re.MULTILINE)

_ASK = "ask the bank for a corrected file"
_SIDE = Refusal("not-a-side", "the type code says neither credit nor debit", _ASK)
_STATUS = Refusal("unknown-status", "the group is no update: a deletion, a correction or a test", _ASK)
_REPORT = Refusal(
    "not-a-statement", "the group is of the same day, before it is over", "ask the bank for final balances"
)


def sniff(content: bytes) -> bool:
    """Recognise the file header (01) with its date."""
    return bool(_SNIFFED.match(content))


def read(source: str, content: bytes, encoding: str | None = None) -> BankInput:
    """Read every account of every group of a file, in UTF-8 unless declared; one refusal refuses the file.

    Returns:
        BANK_ENTRIES, and a BANK_STATEMENTS row for each account record with its ledger balances.
    """
    text = bank_text(source, content, encoding)
    if isinstance(text, list):
        return bank_input([], [], text)
    entries: list[dict[str, Any]] = []
    statements: list[dict[str, Any]] = []
    names: Counter[tuple[str, ...]] = Counter()
    try:
        for account in accounts(list(records(text))):
            own, statement = _read_account(source, account, names)
            entries += own
            statements.append(statement)
    except Refused as refused:
        return bank_input([], [], [refused.refusal.finding(source, line=refused.line)])
    return bank_input(entries, statements, [])


def _read_account(
    source: str, account: Account, names: Counter[tuple[str, ...]]
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    booked_on, currency = _of_group(account)
    minor_by_code = dict(reversed(list(balances(account.header))))
    number = account.header.fields[0]
    key = (number, str(booked_on), currency)
    names[key] += 1
    # Some files have an account several times in a group.
    occurrence = f"/{names[key]}" if names[key] > 1 else ""
    place = {"account_iban": number, "statement": f"{booked_on}{occurrence}", "source": source}
    rows = [_row(entry, currency, booked_on) for entry in account.entries if entry.fields[0] != _NO_MONEY]
    entries = [{**BLANK_ENTRY, **place, **row} for row in rows]
    own = place | {"pointer": str(account.header.line)}
    ends = (booked_on, minor_by_code.get(_OPENING)), (booked_on, minor_by_code.get(_CLOSING))
    return entries, statement_row(own, currency, entries, *ends)


def _of_group(account: Account) -> tuple[date, str]:
    group = account.group
    fields = [*group.fields, *[""] * 6]
    _, _, status, day, _, group_currency, modifier = fields[:7]
    if status != _UPDATE:
        raise Refused(_STATUS, group.line)
    if modifier == _INTRADAY:
        raise Refused(_REPORT, group.line)
    currency = [*account.header.fields, ""][1] or group_currency or _DEFAULT_CURRENCY
    try:
        return _day(day), currency_code(currency)
    except Refused as refused:
        raise Refused(refused.refusal, group.line) from None


def _row(entry: Record, currency: str, booked_on: date) -> dict[str, Any]:
    code, _, funds_type, *following = [*entry.fields, "", ""]
    extra_count = funds_fields_count(entry, funds_type, following)
    bank_reference, customer_reference = [*following[extra_count:], "", ""][:2]
    said = [*BETWEEN.split(entry.text, maxsplit=5 + extra_count), *[""] * (6 + extra_count)][5 + extra_count]
    labels = dict(_LABEL.findall(said))
    is_credit = _is_credit(entry, code)
    valued = following[0] if funds_type == "V" else ""
    return {
        "bank_reference": bank_reference,
        "booking_date": booked_on,
        "value_date": _value_day(entry, valued) if valued else booked_on,
        "amount_minor": unsigned_minor(entry) * (1 if is_credit else -1),
        "currency": currency,
        "counterparty_name": labels.get("DBNM" if is_credit else "CRNM", "").strip(),
        "end_to_end_id": labels.get("EREF", "").strip() or customer_reference,
        "text": " ".join(said.split()),
        "bank_code": code,
        "reversal": code in _RETURNED,
        "pointer": str(entry.line),
    }


def _is_credit(entry: Record, code: str) -> bool:
    if not _CREDIT.fullmatch(code) and not _DEBIT.fullmatch(code):
        raise Refused(_SIDE, entry.line)
    return bool(_CREDIT.fullmatch(code))


def _value_day(entry: Record, text: str) -> date:
    try:
        return _day(text)
    except Refused as refused:
        raise Refused(refused.refusal, entry.line) from None


def _day(text: str) -> date:
    return calendar_day(f"20{text[:2]}-{text[2:4]}-{text[4:]}")
