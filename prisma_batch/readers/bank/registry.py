"""The formats of bank files, told apart by their content."""

from collections.abc import Sequence
from typing import Protocol

from prisma_batch.readers.bank import bai2, camt053, canonical_csv, layout_csv, mt940, ofx, remittance
from prisma_batch.readers.bank.result import BankInput, bank_input
from prisma_batch.readers.csv_text import Refusal, encoding_findings
from prisma_batch.records.settings import BankLayout

_UNKNOWN = Refusal(
    "unknown-format",
    "no bank format looks like this",
    "ask the bank for camt.053, use the canonical CSV columns, or declare its own under bank_layouts",
)
_SEVERAL = Refusal(
    "unknown-format", "several declared layouts fit the file", "name the account in each of them (bank_layouts)"
)


class BankFormat(Protocol):
    """A bank format is a module with these two functions, and the name that layouts call it by."""

    NAME: str

    def sniff(self, content: bytes, /) -> bool: ...

    def read(self, source: str, content: bytes, encoding: str | None, /) -> BankInput: ...


FORMATS: tuple[BankFormat, ...] = (ofx, camt053, mt940, bai2)
CSV_FORMATS: tuple[BankFormat, ...] = (canonical_csv, remittance)


def read_bank(source: str, content: bytes, layouts: Sequence[BankLayout] = ()) -> BankInput:
    """Read one bank file in any known format, or in a layout of its own.

    Args:
        source: the path that findings and rows name.
        content: the bytes of the file.
        layouts: what the workspace declares: columns of CSV, encodings of other formats.
    Returns:
        Booked entries and statements, amounts in minor units, or the lines of a remittance advice; or none and what is
        wrong with the file.
    """
    if source.endswith(remittance.FILE_SUFFIX):
        return remittance.read(source, content)
    known = _known(FORMATS, content)
    if known:
        return known.read(source, content, _encoding(content, known.NAME, layouts))
    fitting = [] if canonical_csv.is_complete(content) else _fitting(content, layouts)
    if len(fitting) > 1:
        return bank_input([], [], [_SEVERAL.finding(source)])
    if fitting:
        return layout_csv.read(source, content, fitting[0])
    known = _known(CSV_FORMATS, content)
    if known:
        return known.read(source, content, None)
    return bank_input([], [], encoding_findings(source, content) or [_UNKNOWN.finding(source)])


def _known(formats: Sequence[BankFormat], content: bytes) -> BankFormat | None:
    return next((bank_format for bank_format in formats if bank_format.sniff(content)), None)


def _fitting(content: bytes, layouts: Sequence[BankLayout]) -> list[BankLayout]:
    return [layout for layout in layouts if layout.file_format == "csv" and layout_csv.fits(content, layout)]


def _encoding(content: bytes, name: str, layouts: Sequence[BankLayout]) -> str | None:
    """Return the encoding that is declared for files of a format, those of the account first."""
    declared = [layout for layout in layouts if layout.file_format == name]
    named = [layout for layout in declared if layout.account and layout.account.encode() in content]
    return next((layout.encoding for layout in (*named, *declared) if layout in named or not layout.account), None)
