"""Remittance advices: lines in the payer's words, and what is refused."""

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput

HEADER = "payment,invoice_reference,amount,memo\n"
SOURCE = "payments/2026-10/acme.remittance.csv"


def _read(rows: str, header: str = HEADER, source: str = SOURCE) -> BankInput:
    return read_bank(source, (header + rows).encode())


def test_lines_keep_the_payers_words_and_decimals() -> None:
    read = _read('NTRY-1,Invoice #20,340.49,\nNTRY-1, PO-77 ,-1.5,"discount, agreed"\nNTRY-1,,-7,bank fee\n')
    assert read.findings == []
    assert (len(read.entries), len(read.statements)) == (0, 0)
    assert read.advices.to_numpy().tolist() == [
        ["NTRY-1", "Invoice #20", 34049, 2, "", SOURCE, "2"],
        ["NTRY-1", "PO-77", -15, 1, "discount, agreed", SOURCE, "3"],
        ["NTRY-1", "", -7, 0, "bank fee", SOURCE, "4"],
    ]


@pytest.mark.parametrize("source", [SOURCE, "payments/2026-10/advice.csv"])
def test_an_advice_is_known_by_its_columns(source: str) -> None:
    read = _read("INV-1,NTRY-1,,10.00\n", header="\ufeffinvoice_reference,payment,memo,amount\n", source=source)
    assert read.findings == []
    assert read.advices[["payment", "invoice_reference", "amount_scaled"]].to_numpy().tolist() == [
        ["NTRY-1", "INV-1", 1000]
    ]


@pytest.mark.parametrize(
    ("rows", "places"),
    [
        ("NTRY-1,INV-1,NaN,\n", [("not-a-number", 2, 3)]),
        ("NTRY-1,INV-1,,\n", [("not-a-number", 2, 3)]),
        ('NTRY-1,INV-1,"1,000.00",\n', [("not-a-number", 2, 3)]),
        ("NTRY-1,INV-1,1.00000,\n", [("amount-precision", 2, 3)]),
        ("NTRY-1,INV-1,9999999999999999,\n", [("number-too-large", 2, 3)]),
        (" ,INV-1,1,\n", [("empty-cell", 2, 1)]),
        ("NTRY-1, ,1, \n", [("empty-cell", 2, 2)]),
        ("NTRY-1,INV-1,1\n", [("ragged-row", 2, None)]),
        ('NTRY-1,INV-1,1,"x\n', [("broken-quotes", 2, None)]),
    ],
)
def test_rows_that_are_refused(rows: str, places: list[tuple[str, int, int | None]]) -> None:
    read = _read(rows)
    assert [(found.code, found.line, found.column) for found in read.findings] == places
    assert read.advices.empty


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b"\xff\xfep\0", "encoding"),
        (b"payment;invoice_reference;amount;memo\n", "wrong-delimiter"),
        (b"payment,invoice_reference,amount\n", "missing-column"),
        (b"payment,invoice_reference,amount,memo,date\n", "unknown-column"),
        (b"payment,payment,invoice_reference,amount,memo\n", "duplicate-column"),
    ],
)
def test_the_name_says_that_it_is_an_advice(content: bytes, code: str) -> None:
    assert [found.code for found in read_bank(SOURCE, content).findings] == [code]
