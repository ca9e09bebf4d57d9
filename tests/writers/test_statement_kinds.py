"""Statements of each kind, printed: the same balances, and only what the kind lists."""

import csv
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from prisma_batch.views.amounts import Money
from prisma_batch.views.statement_parts import Change, Statement
from prisma_batch.writers.statement_csv import statement_csv
from tests.writers.printed import needs_pdftotext, pdf_text
from tests.writers.test_html import RENDERER, csv_column, parsed, section_of, statement, values
from tests.writers.test_pdf import pdf_of

TABLES = {
    "open_item": {"movements", "open-items", "unapplied", "aging"},
    "activity": {"movements", "unapplied", "aging"},
    "balance_forward": {"sums", "unapplied", "aging"},
}


def of_kind(kind: Any, *changes: Change) -> Statement:
    own = statement()
    euro, *others = own.sections
    return replace(own, kind=kind, sections=(replace(euro, changes=changes), *others))


def page(view: Statement) -> Any:
    return section_of(parsed(RENDERER.render_statement(view)), "EUR")


@pytest.mark.parametrize("kind", TABLES)
def test_a_page_lists_what_its_kind_says(kind: str) -> None:
    classes = page(of_kind(kind)).xpath(".//table/@class")
    assert {name.removeprefix("stack ") for name in classes} == TABLES[kind]


def test_sums_of_a_balance_brought_forward() -> None:
    view = of_kind("balance_forward")
    opening, *sums, closing = values(page(view), './/table[contains(@class, "sums")]//data')
    section = view.sections[0]
    assert sums == [total.text for _, total in section.sums]
    assert [opening] == csv_column(statement_csv(view), "opening", "EUR", "balance")
    assert [closing] == csv_column(statement_csv(view), "closing", "EUR", "balance")


@pytest.mark.parametrize(("kind", "shown"), [("open_item", 8), ("activity", 11), ("balance_forward", 11)])
def test_without_open_items_every_reference_is_named(kind: str, shown: int) -> None:
    view = of_kind(kind)
    many = tuple(f"REF-{number}" for number in range(11))
    view = replace(view, sections=(replace(view.sections[0], references=many), *view.sections[1:]))
    assert len(page(view).xpath('.//span[@class="identifier"]/bdi[starts-with(., "REF-")]')) == shown


@pytest.mark.parametrize("kind", TABLES)
def test_the_csv_has_everything_whatever_the_kind(kind: str) -> None:
    assert statement_csv(of_kind(kind)) == statement_csv(statement())


@needs_pdftotext
@pytest.mark.parametrize("kind", TABLES)
def test_the_pdf_lists_the_same_tables(kind: str) -> None:
    text = pdf_text(pdf_of(of_kind(kind)))
    captions = {"movements": "Opening balance", "open-items": "Open items", "sums": "Balance brought forward"}
    assert ("Open items" in text) is ("open-items" in TABLES[kind])
    assert (captions["sums"] in text) is ("sums" in TABLES[kind])


CHANGES = (
    Change(document="INV-7", kind="open", before=Money(10_000, "EUR"), now=Money(2_500, "EUR")),
    Change(document="INV-8", kind="due_on", before=date(2026, 10, 10), now=date(2026, 11, 30)),
    Change(document="INV-9", kind="hold_began"),
)
PRINTED = [
    ("INV-7", "Open amount", "EUR 100.00", "EUR 25.00"),
    ("INV-8", "Due", "Oct 10, 2026", "Nov 30, 2026"),
    ("INV-9", "Now on hold", "–", "–"),
]


def test_changes_are_on_the_page() -> None:
    table = page(of_kind("open_item", *CHANGES)).xpath('.//table[contains(@class, "changes")]/tbody/tr')
    cells = [tuple(cell.text_content().strip().replace("\xa0", " ") for cell in row.xpath("th|td")) for row in table]
    assert cells == PRINTED


@needs_pdftotext
def test_changes_are_in_the_pdf() -> None:
    text = pdf_text(pdf_of(of_kind("activity", *CHANGES))).replace("\xa0", " ")
    for printed in ("Changed since the last statement", *(cell for cells in PRINTED for cell in cells)):
        assert printed in text, printed


@needs_pdftotext
def test_purchase_orders_stand_with_open_items() -> None:
    own = statement()
    marked = tuple(replace(item, purchase_order="PO-7788") for item in own.sections[0].open_items[:1])
    view = replace(own, sections=(replace(own.sections[0], open_items=marked),))
    cell = page(view).xpath('string(.//table[contains(@class, "open-items")]/tbody/tr/th)')
    assert "Purchase order PO-7788" in " ".join(cell.split())
    assert "Purchase order PO-7788" in " ".join(pdf_text(pdf_of(view)).split())


def test_the_csv_has_what_changed_since_the_last_statement() -> None:
    text = statement_csv(of_kind("open_item", *CHANGES)).decode()
    rows = [row for row in csv.DictReader(text.splitlines()) if row["section"] == "change"]
    assert [(row["reference"], row["kind"], row["before"], row["now"]) for row in rows] == [
        ("INV-7", "open", "100.00", "25.00"),
        ("INV-8", "due_on", "2026-10-10", "2026-11-30"),
        ("INV-9", "hold_began", "", ""),
    ]
