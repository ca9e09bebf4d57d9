"""Remittance advices (CONTRACT §2): what a payer says a payment is for, one line for each document or deduction."""

from typing import Any

from prisma_batch.readers.bank.amounts import decimal_number
from prisma_batch.readers.bank.csv_rows import CsvRow, csv_rows, filled
from prisma_batch.readers.bank.result import BankInput, advice_input
from prisma_batch.readers.csv_text import (
    RowFindings,
    delimiter_finding,
    delimiter_split,
    encoding_findings,
    header_columns,
    header_findings,
)

COLUMNS = ("payment", "invoice_reference", "amount", "memo")
NAME = "remittance"
FILE_SUFFIX = ".remittance.csv"


def sniff(content: bytes) -> bool:
    """Recognise the format by its columns, in any order."""
    return not encoding_findings("", content) and set(header_columns(content)) == set(COLUMNS)


def read(source: str, content: bytes, encoding: str | None = None) -> BankInput:  # noqa: ARG001 - as every format
    """Read the lines of an advice, references as the payer wrote them; one finding refuses the file.

    Returns:
        REMITTANCE_ADVICES: amounts keep the decimals that they are written with, for their payment has the currency.
    """
    findings = encoding_findings(source, content)
    if findings:
        return advice_input([], findings)
    columns = header_columns(content)
    split = delimiter_split(columns)
    if split:
        return advice_input([], [delimiter_finding(source, split[0])])
    findings = header_findings(source, columns, COLUMNS, ())
    if findings:
        return advice_input([], findings)
    found = RowFindings(source, columns)
    lines = [_line(row, source) for row in csv_rows(content.decode("utf-8-sig"), found)]
    return advice_input(lines, found.all())


def _line(row: CsvRow, source: str) -> dict[str, Any]:
    whole, _, decimals = (row.read("amount", decimal_number) or "0").partition(".")
    reference = row.cells["invoice_reference"].strip()
    memo = row.cells["memo"].strip()
    if not memo:  # a deduction may stand alone, but not without a word
        row.read("invoice_reference", lambda text: filled(text.strip()))
    return {
        "payment": row.read("payment", lambda text: filled(text.strip())),
        "invoice_reference": reference,
        "amount_scaled": int(whole + decimals),
        "amount_scale": len(decimals),
        "memo": memo,
        "source": source,
        "pointer": str(row.number),
    }
