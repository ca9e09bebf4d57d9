"""The formats of bank files, told apart by their content."""

from typing import Protocol

from prisma_batch.readers.bank import bai2, camt053, canonical_csv, mt940, ofx, remittance
from prisma_batch.readers.bank.result import BankInput, bank_input
from prisma_batch.readers.csv_text import Refusal, encoding_findings

_UNKNOWN = Refusal(
    "unknown-format", "no bank format looks like this", "ask the bank for camt.053, or use the canonical CSV columns"
)


class BankFormat(Protocol):
    """A bank format is a module with these two functions."""

    def sniff(self, content: bytes, /) -> bool: ...

    def read(self, source: str, content: bytes, /) -> BankInput: ...


FORMATS: tuple[BankFormat, ...] = (ofx, camt053, mt940, bai2, canonical_csv, remittance)


def read_bank(source: str, content: bytes) -> BankInput:
    """Read one bank file in any known format.

    Args:
        source: the path that findings and rows name.
        content: the bytes of the file.
    Returns:
        Booked entries and statements, amounts in minor units, or the lines of a remittance advice; or none and what is
        wrong with the file.
    """
    if source.endswith(remittance.FILE_SUFFIX):
        return remittance.read(source, content)
    for bank_format in FORMATS:
        if bank_format.sniff(content):
            return bank_format.read(source, content)
    return bank_input([], [], encoding_findings(source, content) or [_UNKNOWN.finding(source)])
