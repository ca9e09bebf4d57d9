"""One statement in five media: its page, its PDF, the workbook, its CSV and its mail are read back, and are equal."""

import csv
import email
import email.policy
import re
import shutil
import subprocess
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import html

from tests.jobs.recipes import OCTOBER, rows
from tests.jobs.test_run_outputs import STATEMENT_KINDS
from tests.writers.printed import needs_pdftotext, pdf_text

# By currency: balance, what is overdue of it, and by document what is open.
Told = dict[str, tuple[Decimal, Decimal, dict[str, Decimal]]]

AMOUNT = re.compile(r"−?\d{1,3}(?:[.,\u202f ]?\d{3})*[.,]\d\d(?!\d)")
WORDS = {
    "en": ("Balance", "Overdue", "Open items"),
    "de": ("Saldo", "Überfällig", "Offene Posten"),
    "nl": ("Saldo", "Achterstallig", "Openstaande posten"),
    "fr": ("Solde", "En retard", "Postes ouverts"),
}
BUCKETS = ("1_30", "31_60", "61_90", "91_120", "over_120")
ACCOUNTS = [
    *("COLL-002", "COLL-003", "COLL-004", "COLL-005", "COLL-006", "DELTA-002", "DELTA-003", "DELTA-004", "DELTA-005"),
    *("NORD-000", "NORD-201"),
    *STATEMENT_KINDS,
]
# The heading above what moved, and the one below it.
HEADINGS = {"DELTA-006": ("Movements", "How old"), "COLL-001": ("Report du solde", "Ancienneté")}


def decimal(printed: str) -> Decimal:
    """Read an amount with two decimals, whatever the language groups digits with."""
    digits = re.sub(r"\D", "", printed)
    return Decimal(digits).scaleb(-2) * (-1 if "−" in printed else 1)


def amounts(text: str) -> list[Decimal]:
    return [decimal(found) for found in AMOUNT.findall(text)]


@pytest.fixture(scope="module")
def october(example: Path) -> Path:
    return example / OCTOBER


@pytest.fixture(scope="module", params=["openpyxl", "LibreOffice"])
def workbook(
    request: pytest.FixtureRequest, october: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[dict[str, str]]]:
    """The workbook's sheets as a program reads them."""
    file = october / "reconciliation.xlsx"
    if request.param == "openpyxl":
        return read_by_openpyxl(file)
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    return read_by_libreoffice(file, tmp_path_factory.mktemp("workbook"))


def read_by_openpyxl(file: Path) -> dict[str, list[dict[str, str]]]:
    opened = openpyxl.load_workbook(file, read_only=True)
    found = {}
    for sheet in opened.worksheets:
        header, *cells = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip(map(str, header), map(str, row), strict=True)) for row in cells]
    return found


def read_by_libreoffice(file: Path, folder: Path) -> dict[str, list[dict[str, str]]]:
    sheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", sheets, "--outdir", str(folder)]
    subprocess.run([*command, str(file)], check=True, capture_output=True, timeout=120)
    found = {}
    for sheet in folder.glob("*.csv"):
        with sheet.open(encoding="utf-8", newline="") as stream:
            found[sheet.stem.partition("-")[2]] = list(csv.DictReader(stream))
    return found


def told_by_csv(october: Path, account: str) -> Told:
    by_currency: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows(october / f"statements/{account}.csv"):
        by_currency[row["currency"]].append(row)
    told = {}
    for currency, lines in by_currency.items():
        (closing,) = [Decimal(row["balance"]) for row in lines if row["section"] == "closing"]
        aged = [row for row in lines if row["section"] == "aging"]
        overdue = sum((Decimal(row["amount"]) for row in aged if row["bucket"] in BUCKETS), Decimal())
        items = {row["reference"]: Decimal(row["open_amount"]) for row in lines if row["section"] == "open_item"}
        told[currency] = (closing, overdue, items)
    return told


def told_by_page(october: Path, account: str) -> tuple[str, Told]:
    page = html.document_fromstring((october / f"statements/{account}.html").read_bytes())
    told = {}
    for section in page.xpath("//section[@id]"):
        band = section.xpath(".//dl[@class='band']/div/dd[1]")
        found = section.xpath(".//table[contains(@class, 'open-items')]/tbody/tr")
        items = {row.xpath("string(th/bdi)"): amounts(row.xpath("string(td[last()])"))[0] for row in found}
        balance, overdue = (amounts(part.text_content())[0] for part in band[:2])
        told[section.get("id")] = (balance, overdue, items)
    return page.get("lang")[:2], told


def told_by_pdf(october: Path, account: str, language: str, currencies: list[str]) -> Told:
    text = pdf_text((october / f"statements/{account}.pdf").read_bytes(), "-layout")
    balance, overdue, open_items = WORDS[language]
    bands = re.findall(rf"^ *{balance} +{overdue} .*\n(.*)$", text, re.MULTILINE)
    # Documents of one currency stand below its band, and above the next one.
    parts = re.split(rf"^ *{balance} +{overdue} ", text, flags=re.MULTILINE)[1:]
    told = {}
    for currency, band, part in zip(currencies, bands, parts, strict=True):
        listed = re.split(rf"^\s*{open_items}$", part, flags=re.MULTILINE)[1:]
        lines = re.findall(r"^\s*((?:INV|CN|FEE|H)-[\d-]+) (.*)$", "".join(listed), re.MULTILINE)
        first, second = amounts(band)[:2]
        told[currency] = (first, second, {document: amounts(line)[-1] for document, line in lines})
    return told


def told_by_workbook(workbook: dict[str, list[dict[str, str]]], account: str) -> Told:
    told = {}
    for row in workbook["aging"]:
        if row["account"] == account:
            own = [item for item in workbook["open_items"] if item["account"] == account]
            items = {
                item["document"]: Decimal(item["open_amount"]) for item in own if item["currency"] == row["currency"]
            }
            overdue = sum((Decimal(row[bucket]) for bucket in BUCKETS), Decimal())
            told[row["currency"]] = (Decimal(row["balance"]), overdue, items)
    return told


def told_by_mail(october: Path, account: str, language: str) -> tuple[list[list[Decimal]], list[list[Decimal]]]:
    """Return the balance and what is overdue by currency, as the mail's text says it and as its HTML does."""
    content = (october / f"outbox/statement_of_account.{account}.2026-10.eml").read_bytes()
    mail: Any = email.message_from_bytes(content, policy=email.policy.default)
    text = mail.get_body(("plain",)).get_content().replace("\xa0", " ")
    page = html.document_fromstring(mail.get_body(("html",)).get_content())
    in_text, in_page = [], []
    for word in WORDS[language][:2]:
        in_text.append([amounts(line)[0] for line in re.findall(rf"^  {word}: (.*)$", text, re.MULTILINE)])
        cells = page.xpath("//tr[th[normalize-space()=$word]]/td", word=word)
        in_page.append([amounts(cell.text_content())[0] for cell in cells])
    return in_text, in_page


@needs_pdftotext
@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_medium_tells_the_same(october: Path, workbook: dict[str, list[dict[str, str]]], account: str) -> None:
    expected = told_by_csv(october, account)
    printed = {
        currency: (balance, overdue, {} if account in STATEMENT_KINDS else items)
        for currency, (balance, overdue, items) in expected.items()
    }
    language, page = told_by_page(october, account)
    assert page == printed
    assert told_by_pdf(october, account, language, list(expected)) == printed
    assert told_by_workbook(workbook, account) == expected
    totals = [[total[place] for total in expected.values()] for place in (0, 1)]
    assert told_by_mail(october, account, language) == (totals, totals)


def moved_by_csv(october: Path, account: str) -> list[Decimal]:
    """Return the balances and movements of a statement of activity, or what these come to by kind."""
    lines = rows(october / f"statements/{account}.csv")
    moved = [row for row in lines if row["section"] == "movement"]
    balances = [Decimal(row["balance"]) for row in lines if row["section"] in ("opening", "closing")]
    if STATEMENT_KINDS[account] == "activity":
        return [*balances, *(Decimal(row[name]) for row in moved for name in ("amount", "balance"))]
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in moved:
        sums[row["kind"]] += Decimal(row["amount"])
    return [*balances, *sums.values()]


@needs_pdftotext
@pytest.mark.parametrize("account", STATEMENT_KINDS)
def test_what_moved_is_the_same_on_the_page_and_on_paper(october: Path, account: str) -> None:
    expected = sorted(moved_by_csv(october, account))
    assert len(expected) > 3
    page = html.document_fromstring((october / f"statements/{account}.html").read_bytes())
    shown = page.xpath("//table[contains(@class, 'movements') or contains(@class, 'sums')]//data/@value")
    assert sorted(map(Decimal, shown)) == expected
    above, below = HEADINGS[account]
    text = pdf_text((october / f"statements/{account}.pdf").read_bytes(), "-layout")
    (moved,) = re.findall(rf"^\s*{above}$(.*?)^\s*{below}", text, re.MULTILINE | re.DOTALL)
    assert sorted(amounts(moved)) == expected


def test_every_statement_with_open_items_is_compared(october: Path) -> None:
    with_items = {
        file.stem
        for file in (october / "statements").glob("*.csv")
        if any(row["section"] == "open_item" for row in rows(file))
    }
    assert with_items <= set(ACCOUNTS)
