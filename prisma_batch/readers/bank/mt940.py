"""MT940 customer statements: one for each :20:, with pages (:60M:, :62M:) as statements of their own.

Source: SWIFT MT940. The parser is the library ``mt940``; what it takes too easily is refused before: amounts without a
decimal comma, days that do not exist, statements without a balance at both ends.
"""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import mt940
from stdnum import iban

from prisma_batch.readers.bank.amounts import Refused, amount_minor, calendar_day, currency_code
from prisma_batch.readers.bank.mt940_details import described, known
from prisma_batch.readers.bank.result import BLANK_ENTRY, BankInput, bank_input, bank_text, statement_row
from prisma_batch.readers.csv_text import Refusal, RowFindings

NAME = "mt940"

_SNIFFED = re.compile(rb"^:20:", re.MULTILINE)
_SECOND = re.compile(rb"^:(25P?|28C?|60[FM]|34F):", re.MULTILINE)
_TAG = re.compile(r":(\d{2,3}[A-Z]?|NS):(.*)")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_END = re.compile(r"-\}?\s*")
_ACCOUNT = re.compile(r"\s*[A-Za-z0-9][A-Za-z0-9 ./-]{0,34}\s*")
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})(\d+),(\d*)\s*")
_ENTRY = re.compile(r"(\d{6})(\d{4})?(R?[CD]|E[CD])([A-Z])?(\d+),(\d*)([NFS][A-Z0-9]{3})", re.IGNORECASE)
_PARSED = {"20", "60F", "60M", "61", "86"}
# Codes of the German banks: direct debits and transfers that came back.
_RETURNED = {"108", "109", "159"}
_OPTIONS = mt940.options.Options(
    reversal_sign=True,
    case_insensitive_marks=True,
    applicant_iban=True,
    merge_keeps_values=True,
    unbounded_details=True,
    gvc_leading_text=True,
)

# The library's messages hold the values that it does not accept; findings never do.
logging.getLogger("mt940").addHandler(logging.NullHandler())

_AGAIN = "fetch the file from the bank again"
_MISSING = Refusal("missing-element", "the statement has no :25:, no opening or no closing balance", _AGAIN)
_INTERIM = Refusal("not-a-statement", "MT942 announces entries that the statement has again", "ask the bank for MT940")
_BALANCE_LINE = Refusal("not-a-number", "the balance is not side, day, currency and an amount with a comma", _AGAIN)
_ENTRY_LINE = Refusal("not-a-number", "the entry is not days, side, an amount with a comma and a code", _AGAIN)
_UNREAD = Refusal("unknown-format", "a statement is not MT940", "ask the bank for a corrected file")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tag:
    name: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    tag: _Tag
    details: list[_Tag] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Balance:
    on: date
    currency: str
    minor: int


def sniff(content: bytes) -> bool:
    """Recognise :20: and another tag that begins a statement, each at the beginning of a line."""
    return bool(_SNIFFED.search(content) and _SECOND.search(content))


def read(source: str, content: bytes, encoding: str | None = None) -> BankInput:
    """Read every statement of a file, in UTF-8 unless declared; one refusal refuses the file.

    Returns:
        BANK_ENTRIES and a BANK_STATEMENTS row for each :20:.
    """
    text = bank_text(source, content, encoding)
    if isinstance(text, list):
        return bank_input([], [], text)
    entries: list[dict[str, Any]] = []
    statements: list[dict[str, Any]] = []
    refusals = RowFindings(source, ())
    for tags in _statements(text):
        try:
            own, statement = _read_statement(source, tags)
            entries += own
            statements.append(statement)
        except Refused as refused:
            refusals.refuse("", [refused.line or tags[0].line], refused.refusal)
    return bank_input(entries, statements, refusals.all())


def _statements(text: str) -> Iterator[list[_Tag]]:
    """Yield the tags of each statement; what stands before the first and after the end of one is no part of it."""
    tags: list[_Tag] = []
    is_open = False
    for number, line in enumerate(text.splitlines(), 1):
        matched = _TAG.match(line)
        if matched and matched[1] == "20":
            if tags:
                yield tags
            tags, is_open = [], True
        if matched and (tags or is_open):
            tags.append(_Tag(name=matched[1], line=number, lines=[matched[2]]))
            is_open = True
        elif _END.fullmatch(line):
            is_open = False
        elif is_open and tags:
            tags[-1].lines.append(line)
    if tags:
        yield tags


def _read_statement(source: str, tags: list[_Tag]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    opening, closing, account = (
        _last(tags, "60F", "60M", first=True),
        _last(tags, "62F", "62M"),
        _last(tags, "25", "25P"),
    )
    if opening is None and (_last(tags, "34F") or _last(tags, "13D")):
        raise Refused(_INTERIM, tags[0].line)
    if opening is None or closing is None or account is None or not _ACCOUNT.fullmatch(account.lines[0]):
        raise Refused(_MISSING, tags[0].line)
    opened, closed = _balance(opening), _balance(closing)
    number = _last(tags, "28C", "28")
    place = {
        "account_iban": _account(account.lines[0]),
        # Some banks begin at 1 every year, or number nothing.
        "statement": f"{number.lines[0].strip() if number else tags[0].lines[0].strip()} {closed.on}",
        "source": source,
    }
    entries = [{**BLANK_ENTRY, **place, **row} for row in _rows(tags, opened)]
    ends = ((opened.on, opened.minor), (closed.on, closed.minor))
    return entries, statement_row(place | {"pointer": str(tags[0].line)}, opened.currency, entries, *ends)


def _last(tags: list[_Tag], *names: str, first: bool = False) -> _Tag | None:
    found = [tag for tag in tags if tag.name in names]
    return found[0 if first else -1] if found else None


def _account(text: str) -> str:
    number = text.strip()
    # Some banks write the currency behind the IBAN.
    return number[:-3].strip() if number[-3:].isalpha() and iban.is_valid(number[:-3]) else number


def _balance(tag: _Tag) -> _Balance:
    matched = _BALANCE.fullmatch(tag.lines[0])
    if not matched:
        raise Refused(_BALANCE_LINE, tag.line)
    side, day, currency, whole, decimals = matched.groups()
    minor = _minor(tag, (whole, decimals), _currency(tag, currency))
    return _Balance(on=_day(tag, day), currency=currency, minor=minor if side == "C" else -minor)


def _currency(tag: _Tag, text: str) -> str:
    try:
        return currency_code(text)
    except Refused as refused:
        raise Refused(refused.refusal, tag.line) from None


def _minor(tag: _Tag, amount: tuple[str, str], currency: str) -> int:
    try:
        return amount_minor(".".join(filter(None, amount)), currency)
    except Refused as refused:
        raise Refused(refused.refusal, tag.line) from None


def _day(tag: _Tag, text: str) -> date:
    try:
        return calendar_day(f"20{text[:2]}-{text[2:4]}-{text[4:]}")
    except Refused as refused:
        raise Refused(refused.refusal, tag.line) from None


def _rows(tags: list[_Tag], opened: _Balance) -> Iterator[dict[str, Any]]:
    entries: list[_Entry] = []
    before = ""
    for tag in tags:
        if tag.name == "61":
            entries.append(_Entry(tag=tag))
        elif tag.name == "86" and before == "61":  # below a balance it is about the statement
            entries[-1].details.append(tag)
            continue
        before = tag.name
    # All are looked at before the library sees any: it takes more than the standard, and logs what it does not take.
    checked = [_checked(entry.tag, opened.currency) for entry in entries]
    for entry, columns, parsed in zip(entries, checked, _parsed(tags, len(entries)), strict=True):
        yield columns | _row(entry, columns, parsed)


def _parsed(tags: list[_Tag], entries_count: int) -> list[dict[str, Any]]:
    """Return what the library reads of each entry; it must be as many as there are."""
    text = "\n".join(f":{tag.name}:{tag.text}" for tag in tags if tag.name in _PARSED)
    try:
        (statement,) = mt940.parse_statements(text, options=_OPTIONS)
        found = [transaction.data for transaction in statement.transactions if "amount" in transaction.data]
    except (ValueError, RuntimeError, KeyError):
        raise Refused(_UNREAD, tags[0].line) from None
    if len(found) != entries_count:
        raise Refused(_UNREAD, tags[0].line)
    return found


def _checked(tag: _Tag, currency: str) -> dict[str, Any]:
    """Return what the columns of an entry are from the strict reading of :61:, the amount without its sign.

    Raises:
        Refused: the line is not as SWIFT has it, or its amount or a day is not one.
    """
    matched = _ENTRY.match(tag.lines[0])
    if not matched:
        raise Refused(_ENTRY_LINE, tag.line)
    valued, booked, side, _, whole, decimals, code = matched.groups()
    valued_on = _day(tag, valued)
    return {
        "booking_date": _booked_on(tag, valued_on, booked) if booked else valued_on,
        "value_date": valued_on,
        "amount_minor": _minor(tag, (whole, decimals), currency),
        "currency": currency,
        "bank_code": code,
        "reversal": side.upper().startswith("R") or code.upper().endswith("RTI"),
        "pointer": str(tag.line),
    }


def _row(entry: _Entry, columns: dict[str, Any], parsed: dict[str, Any]) -> dict[str, Any]:
    said = described("\n".join(detail.text for detail in entry.details), parsed)
    extra = " ".join(str(parsed.get("extra_details") or "").split())
    return {
        **said,
        "amount_minor": columns["amount_minor"] * (1 if parsed["amount"].amount > 0 else -1),
        "bank_reference": known(str(parsed.get("bank_reference") or "")),
        "counterparty_iban": said["counterparty_iban"] or (extra if _IBAN.fullmatch(extra) else ""),
        "end_to_end_id": said["end_to_end_id"] or known(str(parsed.get("customer_reference") or "")),
        "text": said["text"] or extra,
        "reversal": columns["reversal"] or parsed.get("transaction_code") in _RETURNED,
    }


def _booked_on(tag: _Tag, valued_on: date, text: str) -> date:
    """Return the booking day, whose year is not written: the one that is nearest to the value date."""
    around = [f"{valued_on.year + years}"[2:] + text for years in (-1, 0, 1)]
    days = []
    for day in around:
        try:
            days.append(_day(tag, day))
        except Refused:  # 29 February
            continue
    if not days:
        return _day(tag, around[1])
    return min(days, key=lambda day: abs(day - valued_on))
