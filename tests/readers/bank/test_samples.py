"""Public collections of bank files: each is read with these figures, or refused for this reason; none is left out."""

import json
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from prisma_batch.readers.bank.registry import read_bank
from prisma_batch.readers.bank.result import BankInput
from prisma_batch.records.table import rows_of

Samples = Callable[[str], Path]

# Statements, entries, their sum in minor units, and how many statements do not balance and are held.
MT940_READ = {
    "abnamro/mt940.sta": (2, 4, -2299, 2),
    "betterplace/sepa_mt9401.sta": (26, 97, -926913590, 0),
    "betterplace/sepa_snippet.sta": (2, 11, -214332339, 1),  # entries were cut out
    "betterplace/with_binary_character.sta": (2, 4, -17906675, 0),
    "bugs/issue-51.sta": (1, 3, -14104, 1),
    "cmxl/mt940_1.sta": (1, 2, 220000, 0),
    "cmxl/mt940_2.sta": (1, 3, 1004000, 0),
    "danskebank/MT940_DK_Example.sta": (15, 89, 137245277, 0),
    "danskebank/MT940_FI_Example.sta": (1, 6, -135710, 0),
    "danskebank/MT940_NO_Example.sta": (13, 24, 238264902, 0),
    "danskebank/MT940_SE_Example.sta": (12, 103, 1052839560, 0),
    "jejik/abnamro.sta": (2, 10, -34593, 2),
    "jejik/ing.sta": (1, 7, -4559, 1),
    "jejik/knab.sta": (2, 3, -626000, 1),
    "jejik/postfinance.sta": (2, 4, 15940, 1),
    "jejik/rabobank-iban.sta": (2, 4, -7000, 0),
    "jejik/sns.sta": (2, 2, -2500, 0),
    "mBank/mt940.sta": (1, 3, 3, 0),
    "mBank/with_newline_in_tnr.sta": (1, 2, 8900, 1),
    "sparkasse/buxtehude.sta": (1, 3, -14104, 1),
}
MT940_REFUSED = {
    "betterplace/sepa_snippet_broken.sta": "missing-element",  # :25: holds what belongs into :86:
    "jejik/knab_broken.sta": "not-a-number",  # C500NTRF, without the comma
}
BAI2_READ = {
    "sample1.txt": (2, 17, 0, 0),
    "sample3.txt": (15, 26, -19705, 0),
}
BAI2_REFUSED = {
    "sample2.txt": "unknown-status",  # its last group is a deletion
    "sample4-continuations-newline-delimited.txt": "wrong-count",  # 26 records are said to be 18
    "sample5-issue113.txt": "wrong-count",
}
OFX_READ = {
    "chase/blank-line-before-header-none-after.qfx": ("ANON MERCHANT", -1000),
    "chase/non-ascii-byte-declared-usascii.qfx": ("ANON ¦ MERCHANT", -1000),
    "etrade/charset-none-with-encoding-usascii.ofx": ("ANON MERCHANT", -1000),
    "hsbc-brasil/dtstart-ddmmyy.ofx": ("ANON MERCHANT", -1000),
    "lcl/check-without-payee.ofx": ("", -1000),
    "onpoint-community-credit-union/self-closing-memo-tag.ofx": ("ANON MERCHANT", -1000),
    "unnamed-bank/amount-comma-decimal.ofx": ("ANON MERCHANT", -200000),
    "unnamed-bank/blank-line-before-header.ofx": ("ANON MERCHANT", -1000),
    "unnamed-bank/character-outside-latin1.ofx": ("ANON UPRAVA č", -1000),
    "unnamed-bank/charset-8859-1-without-iso-prefix.qfx": ("ANON MERCHANT", -1000),
    "unnamed-bank/chknum-instead-of-checknum.ofx": ("ANON MERCHANT", -1000),
    "unnamed-bank/mixed-case-trntype.ofx": ("ANON MERCHANT", -1000),
    "unnamed-bank/tags-outside-spec.ofx": ("ANON MERCHANT", -1000),
    "unnamed-bank/xml-declaration-ofx-2.ofx": ("ANON ÉNERGIE", -1000),
    "unnamed-bank/zero-date.ofx": ("ANON MERCHANT", -1000),
    "wells-fargo/header-on-one-line.qfx": ("ANON MERCHANT", -1000),
}
OFX_REFUSED = {
    "unnamed-bank/amount-plus-sign-and-space.ofx": "not-a-number",  # +1 006,60: OFX has no thousands separators
    "unnamed-bank/empty-tags-curdef-fitid-name.ofx": "not-a-currency",
}


@pytest.fixture
def samples(repository: Path) -> Samples:
    def folder(name: str) -> Path:
        found = repository.parent / "shared" / "data" / name
        if not found.is_dir():
            pytest.skip(f"../shared/data/{name} is not here")
        return found

    return folder


def _mt940(samples: Samples) -> Path:
    return samples("mt940_rs") / "tests/data/mt940/full"


def _read(path: Path) -> BankInput:
    return read_bank(path.name, path.read_bytes())


def _figures(read: BankInput) -> tuple[int, int, int, int]:
    balances = read.statements["opening_minor"] + read.statements["entries_minor"] - read.statements["closing_minor"]
    unbalanced = int(balances.fillna(0).ne(0).sum())
    return len(read.statements), len(read.entries), int(read.entries["amount_minor"].sum()), unbalanced


def _refused(read: BankInput) -> list[str]:
    assert read.entries.empty
    assert read.statements.empty
    return [found.code for found in read.findings]


def _names(folder: Path, suffixes: Iterable[str]) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in suffixes}


def test_no_sample_is_left_out(samples: Samples) -> None:
    assert _names(_mt940(samples), [".sta"]) == {*MT940_READ, *MT940_REFUSED}
    assert _names(samples("bai2_moov"), [".txt"]) == {*BAI2_READ, *BAI2_REFUSED, "SOURCE.txt"}
    assert _names(samples("ofx_bankfile_corpus") / "banks", [".ofx", ".qfx"]) == {*OFX_READ, *OFX_REFUSED}


@pytest.mark.parametrize("name", MT940_READ)
def test_mt940_that_is_read(samples: Samples, name: str) -> None:
    read = _read(_mt940(samples) / name)
    assert read.findings == []
    assert _figures(read) == MT940_READ[name]


@pytest.mark.parametrize("name", MT940_REFUSED)
def test_mt940_that_is_refused(samples: Samples, name: str) -> None:
    assert _refused(_read(_mt940(samples) / name)) == [MT940_REFUSED[name]]


@pytest.mark.parametrize("name", MT940_READ)
def test_mt940_says_what_its_authors_expect(samples: Samples, name: str) -> None:
    expected_at = (_mt940(samples) / name).with_suffix(".json")
    if not expected_at.is_file():
        pytest.skip(f"{name} has no expected JSON beside it")
    read = _read(_mt940(samples) / name)
    expected = json.loads(expected_at.read_bytes())
    statements = [_balances(row.opening_minor, row.closing_minor, row.currency) for row in rows_of(read.statements)]
    assert statements == [_expected_balances(statement) for statement in expected]
    entries = [(row.amount_minor, str(row.value_date.date()), row.bank_code[1:]) for row in rows_of(read.entries)]
    assert entries == [_expected_entry(line) for statement in expected for line in statement["statement_lines"]]


def _balances(opening: Any, closing: Any, currency: str) -> tuple[int, int, str]:
    return int(opening), int(closing), currency


def _expected_balances(statement: dict[str, Any]) -> tuple[int, int, str]:
    opening, closing = statement["opening_balance"], statement["closing_balance"]
    return _balances(
        _signed(opening, "debit_credit_indicator"),
        _signed(closing, "debit_credit_indicator"),
        opening["iso_currency_code"],
    )


def _expected_entry(line: dict[str, Any]) -> tuple[int, str, str]:
    code = line["transaction_type_ident_code"]
    amount = _signed(line, "ext_debit_credit_indicator")
    return amount, line["value_date"], code["NonStandard"] if isinstance(code, dict) else code


def _signed(holder: dict[str, Any], side: str) -> int:
    minor = int(Decimal(holder["amount"]) * 100)
    # Its authors call RC, which takes a credit back, a reverse debit.
    return minor if holder[side] in ("Credit", "ReverseCredit") else -minor


@pytest.mark.parametrize("name", BAI2_READ)
def test_bai2_that_is_read(samples: Samples, name: str) -> None:
    read = _read(samples("bai2_moov") / name)
    assert read.findings == []
    assert _figures(read) == BAI2_READ[name]


@pytest.mark.parametrize("name", BAI2_REFUSED)
def test_bai2_that_is_refused(samples: Samples, name: str) -> None:
    assert _refused(_read(samples("bai2_moov") / name)) == [BAI2_REFUSED[name]]


@pytest.mark.parametrize("name", OFX_READ)
def test_ofx_that_is_read(samples: Samples, name: str) -> None:
    read = _read(samples("ofx_bankfile_corpus") / "banks" / name)
    assert read.findings == []
    entries = [(row.counterparty_name, row.amount_minor) for row in rows_of(read.entries)]
    assert entries == [OFX_READ[name]]
    assert read.entries["booking_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-01-15"]


@pytest.mark.parametrize("name", OFX_REFUSED)
def test_ofx_that_is_refused(samples: Samples, name: str) -> None:
    assert _refused(_read(samples("ofx_bankfile_corpus") / "banks" / name)) == [OFX_REFUSED[name]]
