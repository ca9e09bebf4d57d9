"""CSV as text: quoted as RFC 4180 says, lines end with ``\\n``, no cell is one that a spreadsheet calculates."""

import csv
import re
from collections.abc import Iterable, Sequence
from io import StringIO

from prisma_batch.base.money import minor_digits

# Apostrophes before the sign count too, so that taking one away always restores the text.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_NEEDS_QUOTES = re.compile(r'[",\r\n]')


def guarded(text: str) -> str:
    """Return text that a spreadsheet takes as text: a leading apostrophe where it would see a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def unguarded(cell: str) -> str:
    """Return the text that was guarded."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell[1:]) else cell


def amount_text(minor: int, currency: str) -> str:
    """Print minor units as a plain decimal with the currency's decimals: ``-281.40``."""
    digits = minor_digits(currency)
    if not digits:
        return str(minor)
    shown = str(abs(minor)).zfill(digits + 1)
    return f"{'-' if minor < 0 else ''}{shown[:-digits]}.{shown[-digits:]}"


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a CSV file of cells that are printed already."""
    lines = [",".join(map(_quoted, row)) for row in (header, *rows)]
    return ("\n".join(lines) + "\n").encode()


def csv_rows(content: bytes) -> list[list[str]]:
    """Read a CSV file of ours; raises ValueError where a row has not as many cells as the header."""
    rows = list(csv.reader(StringIO(content.decode(), newline=""), strict=True))
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("a row has not as many cells as the header")
    return rows


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell
