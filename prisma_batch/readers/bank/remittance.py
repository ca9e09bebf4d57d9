"""Remittance advices lie beside bank files; they are recognised, and said not to be used yet."""

from prisma_batch.readers.bank.result import BankInput, bank_input
from prisma_batch.readers.csv_text import Refusal, encoding_findings, header_columns

COLUMNS = ("payment", "invoice_reference", "amount", "memo")

_NOT_USED = Refusal(
    "remittance-not-used",
    "remittance advices are not applied yet",
    "record what it says under payments/allocations/",
)


def sniff(content: bytes) -> bool:
    """Recognise the format by its columns."""
    return not encoding_findings("", content) and header_columns(content) == COLUMNS


def read(source: str, content: bytes) -> BankInput:  # noqa: ARG001 - each format has the same two functions
    """Return no entries and a warning."""
    return bank_input([], [], [_NOT_USED.finding(source, severity="warning")])
