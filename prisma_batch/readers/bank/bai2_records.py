"""The records of a BAI2 file: continuations joined, nested as file, groups and accounts, checked by their trailers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from prisma_batch.readers.bank.amounts import Refused
from prisma_batch.readers.csv_text import Refusal

_CODES = "01|02|03|16|49|88|98|99"
# Some banks put several records into one line.
_RECORD_END = re.compile(rf"/[ \t]*(?=(?:{_CODES}),)|\n")
_RECORD = re.compile(rf"({_CODES})(?:,(.*))?", re.DOTALL)
BETWEEN = re.compile(r"[,\n]")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")

_AGAIN = "fetch the file from the bank again"
_ASK = "ask the bank for a corrected file"
_BROKEN = Refusal("broken-file", "the file is truncated, or a record stands where it may not", _AGAIN)
_COUNT = Refusal("wrong-count", "a trailer's number of records or accounts is not that of the file", _AGAIN)
_TOTAL = Refusal("wrong-count", "a trailer's control total is not the sum of the amounts", _AGAIN)
_AMOUNT = Refusal("not-a-number", "an amount is not whole minor units", _ASK)
_FUNDS = Refusal("unknown-status", "the funds type is not known", _ASK)


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A logical record: its code, what follows it (continuations after a line end) and how many lines it takes."""

    code: str
    text: str
    line: int
    records_count: int

    @property
    def fields(self) -> list[str]:
        return [cell.strip() for cell in BETWEEN.split(self.text)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account record with the group that it stands in, its entries, and what all its amounts come to."""

    group: Record
    header: Record
    entries: list[Record]
    total_minor: int


def records(text: str) -> Iterator[Record]:
    """Yield logical records: a record and its continuations (88)."""
    opened: Record | None = None
    for line, piece in _pieces(text):
        matched = _RECORD.fullmatch(piece)
        if matched and matched[1] != "88":
            if opened:
                yield opened
            opened = Record(code=matched[1], text=matched[2] or "", line=line, records_count=1)
        elif opened is None:
            raise Refused(_BROKEN, line)
        else:
            # A line without a code continues the text of the record before.
            more = matched[2] or "" if matched else piece
            count = opened.records_count + (1 if matched else 0)
            opened = Record(code=opened.code, text=f"{opened.text}\n{more}", line=opened.line, records_count=count)
    if opened:
        yield opened


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    line = 1
    at = 0
    for end in [*_RECORD_END.finditer(text), None]:
        piece = text[at : end.start() if end else len(text)]
        if piece.strip():
            yield line + piece.count("\n"), piece.strip().removesuffix("/")
        line += text.count("\n", at, end.end() if end else len(text))
        at = end.end() if end else len(text)


class _Cursor:
    """Goes through the records of a file, and counts them as trailers do: continuations too."""

    def __init__(self, records: list[Record]) -> None:
        self.records = records[::-1]
        self.records_count = 0

    def is_at(self, code: str) -> bool:
        return bool(self.records) and self.records[-1].code == code

    def take(self, code: str) -> Record:
        """Return the next record; raises Refused where it is another one."""
        if not self.is_at(code):
            raise Refused(_BROKEN, self.records[-1].line if self.records else None)
        record = self.records.pop()
        self.records_count += record.records_count
        return record

    @property
    def is_done(self) -> bool:
        return not self.records


def accounts(records: list[Record]) -> list[Account]:
    """Return the accounts of all groups, having checked the trailers.

    Raises:
        Refused: the records are not nested as they must be, or a trailer does not agree with them.
    """
    cursor = _Cursor(records)
    cursor.take("01")
    groups = []
    while cursor.is_at("02"):
        groups.append(_group(cursor))
    trailer = cursor.take("99")
    if not cursor.is_done:
        raise Refused(_BROKEN, trailer.line)
    total_minor = sum(account.total_minor for group in groups for account in group)
    _check_trailer(trailer, total_minor, [len(groups), cursor.records_count])
    return [account for group in groups for account in group]


def _group(cursor: _Cursor) -> list[Account]:
    before = cursor.records_count
    header = cursor.take("02")
    accounts = []
    while cursor.is_at("03"):
        accounts.append(_account(cursor, header))
    trailer = cursor.take("98")
    total_minor = sum(account.total_minor for account in accounts)
    _check_trailer(trailer, total_minor, [len(accounts), cursor.records_count - before])
    return accounts


def _account(cursor: _Cursor, group: Record) -> Account:
    before = cursor.records_count
    header = cursor.take("03")
    entries = []
    while cursor.is_at("16"):
        entries.append(cursor.take("16"))
    trailer = cursor.take("49")
    total_minor = sum(minor for _, minor in balances(header))
    total_minor += sum(unsigned_minor(entry) for entry in entries)
    _check_trailer(trailer, total_minor, [cursor.records_count - before])
    return Account(group=group, header=header, entries=entries, total_minor=total_minor)


def _check_trailer(trailer: Record, total_minor: int, counts: list[int]) -> None:
    fields = trailer.fields
    if [_integer(trailer, [text]) for text in fields[1 : len(counts) + 1]] != counts:
        raise Refused(_COUNT, trailer.line)
    if _integer(trailer, fields[:1]) != total_minor:
        raise Refused(_TOTAL, trailer.line)


def _integer(record: Record, texts: list[str]) -> int:
    if not texts or not _INTEGER.fullmatch(texts[0]):
        raise Refused(_AMOUNT, record.line)
    return int(texts[0])


def unsigned_minor(entry: Record) -> int:
    minor = _integer(entry, entry.fields[1:2])
    if minor < 0:  # the type code says the side
        raise Refused(_AMOUNT, entry.line)
    return minor


def balances(header: Record) -> Iterator[tuple[str, int]]:
    """Yield the type code and the amount of each balance and summary of an account record."""
    fields = header.fields[2:]
    while fields:
        code, amount, _, funds_type, *fields = (*fields, "", "", "")[: max(4, len(fields))]
        if amount:
            yield code, _integer(header, [amount])
        fields = fields[funds_fields_count(header, funds_type, fields) :]


def funds_fields_count(record: Record, funds_type: str, following: list[str]) -> int:
    """Return how many fields a funds type has after it: a value date and time, or amounts by day."""
    if funds_type == "D":
        return 1 + 2 * _integer(record, following[:1])
    counts = {"": 0, "Z": 0, "0": 0, "1": 0, "2": 0, "V": 2, "S": 3}
    if funds_type not in counts:
        raise Refused(_FUNDS, record.line)
    return counts[funds_type]
