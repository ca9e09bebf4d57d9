"""What strict CSV means for every reader: encoding, header, and findings that name row and column."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from prisma_batch.base.findings import Finding, Severity

FINDINGS_PER_FILE = 100
BOM = b"\xef\xbb\xbf"
OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Refusal(NamedTuple):
    """Why something is not accepted and what to do; never the value itself."""

    code: str
    message: str
    remedy: str

    def finding(
        self,
        source: str,
        *,
        line: int | None = None,
        column: int | None = None,
        pointer: str = "",
        severity: Severity = "error",
    ) -> Finding:
        """Return the refusal as a finding at a place."""
        return Finding(**self._asdict(), source=source, line=line, column=column, pointer=pointer, severity=severity)


EMPTY_FILE = Refusal("empty-file", "the file is empty", "export it again; a file without rows still has its header")
BYTE_ORDER_MARK = Refusal(
    "encoding", "the file begins with a byte order mark", "save it as plain UTF-8, without a byte order mark"
)
RAGGED = Refusal(
    "ragged-row", "the row has more or fewer cells than the header", "export the file again; quote cells with commas"
)
QUOTES = Refusal(
    "broken-quotes", "a quoted cell does not end where the next delimiter stands", 'double quotes inside cells: ""'
)


class RowFindings:
    """Collects what is wrong with the rows of one table and keeps the first hundred in the order of the file."""

    def __init__(self, source: str, columns: Sequence[str]) -> None:
        self.source = source
        self.columns = tuple(columns)
        self._found: list[Finding] = []
        self._left_out = 0

    def refuse(self, column: str, rows: Sequence[int], refusal: Refusal) -> None:
        """Refuse a column's cell in these rows (header = row 1); a column of "" refuses whole rows."""
        position = self.columns.index(column) + 1 if column else None
        named = refusal._replace(message=f"{column}: {refusal.message}") if column else refusal
        kept = rows[:FINDINGS_PER_FILE]
        self._found += [named.finding(self.source, line=int(row), column=position) for row in kept]
        self._left_out += len(rows) - len(kept)

    def any(self) -> bool:
        """Say whether anything was refused."""
        return bool(self._found)

    def whole(self, refusal: Refusal) -> None:
        """Refuse the file as a whole."""
        self._found.append(refusal.finding(self.source))

    def add(self, later: "RowFindings", rows_before: int) -> None:
        """Add what was found in a later part of the file; rows there are numbered as if it began the file."""
        for found in later._found:  # noqa: SLF001 - of the same class
            # The first line is the header: what is found there concerns the whole file.
            moved = found.line + rows_before if found.line and found.line > 1 else found.line
            if found.line != moved or found not in self._found:
                self._found.append(replace(found, line=moved))
        self._left_out += later._left_out  # noqa: SLF001 - as above

    def all(self) -> list[Finding]:
        """Return the findings by row and column, with a last one for those beyond the limit."""
        ordered = sorted(self._found, key=lambda found: (found.line or 0, found.column or 0, found.code))
        left_out = self._left_out + max(0, len(ordered) - FINDINGS_PER_FILE)
        if not left_out:
            return ordered
        last = Refusal("more-findings", f"{left_out} more are not listed", "correct those above, then check again")
        return [*ordered[:FINDINGS_PER_FILE], last.finding(self.source)]


def encoding_findings(source: str, content: bytes | bytearray) -> list[Finding]:
    """Refuse what is not UTF-8 text, and files without a single character."""
    if not content.strip():
        return [EMPTY_FILE.finding(source)]
    if content.startswith(UTF16_MARKS) or b"\0" in content:
        refused = Refusal("encoding", "the file is UTF-16 or holds NUL bytes", "save it as UTF-8")
        return [refused.finding(source)]
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        refused = Refusal("encoding", "the file is not UTF-8", "save it as UTF-8")
        return [refused.finding(source, line=content.count(b"\n", 0, error.start) + 1)]
    return []


def header_columns(content: bytes | bytearray, delimiter: str = ",") -> tuple[str, ...]:
    """Return the cells of the first row of UTF-8 text, without a byte order mark."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    try:
        return tuple(next(csv.reader(text, delimiter=delimiter), []))
    except csv.Error:
        return ()


def header_findings(
    source: str, columns: Sequence[str], required: Iterable[str], optional: Iterable[str] | None
) -> list[Finding]:
    """Refuse duplicate and missing columns, and unknown ones unless ``optional`` is None (any other is allowed)."""
    findings = [
        Refusal("duplicate-column", "the column stands in the header twice", "keep one of the two").finding(
            source, line=1, column=position
        )
        for position, column in enumerate(columns, 1)
        if column in columns[: position - 1]
    ]
    findings += [
        Refusal("missing-column", f"the column {column} is missing", "export the file with it").finding(source, line=1)
        for column in required
        if column not in columns
    ]
    return findings if optional is None else findings + _unknown_columns(source, columns, {*required, *optional})


def delimiter_split(columns: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """Split a header that is one cell at another delimiter: its name and the columns, or None."""
    if len(columns) == 1:
        for delimiter, name in OTHER_DELIMITERS.items():
            if delimiter in columns[0]:
                return name, tuple(columns[0].split(delimiter))
    return None


def delimiter_finding(source: str, name: str) -> Finding:
    """Refuse a file whose cells are separated by something else than commas."""
    refused = Refusal("wrong-delimiter", f"cells are separated by {name}", "export the file with commas")
    return refused.finding(source, line=1)


def _unknown_columns(source: str, columns: Sequence[str], known: set[str]) -> list[Finding]:
    # The name is not shown: where a header is missing, the first row holds customers' values.
    refused = Refusal("unknown-column", "the column is not known", f"known are {', '.join(sorted(known))}")
    return [
        refused.finding(source, line=1, column=position)
        for position, column in enumerate(columns, 1)
        if column not in known
    ]
