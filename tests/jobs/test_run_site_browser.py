"""The portal in a browser: walked by keyboard, judged by axe-core, on wide and narrow screens, light and dark."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.jobs.recipes import OCTOBER
from tests.writers.browser import started_browser, visit
from tests.writers.printed import needs_pdftotext, pdf_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ONE_OF_EACH = (
    "site/index.html",
    "site/discrepancies.html",
    "site/outbox.html",
    "site/help.html",
    "site/accounts/DELTA-003/index.html",
    "statements/DELTA-003.html",
    "invoices/INV-2026-0203.html",
)
LOOKS: list[dict[str, Any]] = [{}, {"dark": True, "width": 390}]


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    with started_browser() as started:
        yield started


@pytest.fixture
def october(example: Path) -> Path:
    return example / OCTOBER


def test_by_keyboard_from_the_index_to_an_invoice_and_to_help(browser: "Browser", october: Path) -> None:
    with visit(browser) as person:
        person.open(october / "site/index.html")
        person.follow("DELTA-003")
        account = (october / "site/accounts/DELTA-003/index.html").as_uri()
        assert person.page.url == account
        person.follow("HTML Rekeningoverzicht 2026-10")
        assert person.page.url == (october / "statements/DELTA-003.html").as_uri()
        assert person.page.locator("h1").inner_text() == "Rekeningoverzicht"
        person.page.go_back()
        assert person.page.url == account
        person.follow("Hulp")
        assert person.page.locator("#help-title").evaluate("e => e.getBoundingClientRect().top < innerHeight")
        person.follow("Wat hier staat, uitgelegd")
        assert person.page.url == f"{(october / 'site/help.html').as_uri()}#statuses-overdue"
        person.page.go_back()
        person.page.go_back()
        person.follow("PDF Factuur INV-2026-0203")
        assert person.page.url == (october / "invoices/INV-2026-0203.pdf").as_uri()
    assert (october / "invoices/INV-2026-0203.pdf").read_bytes().startswith(b"%PDF-")


def test_the_first_key_skips_what_every_page_repeats(browser: "Browser", october: Path) -> None:
    with visit(browser) as person:
        person.open(october / "site/index.html")
        person.page.keyboard.press("Tab")
        person.page.keyboard.press("Enter")
        assert person.page.evaluate("document.activeElement.id") == "content"


def test_accounts_are_sorted_and_filtered_by_keyboard(browser: "Browser", october: Path) -> None:
    with visit(browser) as person:
        person.open(october / "site/index.html")
        rows = person.page.locator("#accounts tbody tr:visible")
        everybody = rows.count()
        person.tab_to("search")
        person.page.keyboard.type("waterlijn")
        assert rows.locator("th").all_inner_texts() == ["DELTA-003"]
        assert person.page.locator("[role=status]").inner_text() == f"1 of {everybody} shown"
        person.page.keyboard.press("Control+a")
        person.page.keyboard.press("Delete")
        assert rows.count() == everybody
        for order in ("ascending", "descending"):
            person.page.locator("#accounts th").first.evaluate("e => e.querySelector('button').focus()")
            person.enter("Balance")
            head = person.page.locator("#accounts th[aria-sort]")
            assert (head.inner_text(), head.get_attribute("aria-sort")) == ("Balance", order)
            figures = rows.locator("td[data-label=Balance]").evaluate_all(
                "cells => cells.map(c => c.querySelector('data')).filter(d => d).map(d => Number(d.value))"
            )
            assert figures == sorted(figures, reverse=order == "descending")


def test_without_scripts_everything_is_there(browser: "Browser", october: Path) -> None:
    with visit(browser, scripts=False) as person:
        person.open(october / "site/index.html")
        accounts = {path.name for path in (october / "site/accounts").iterdir()}
        assert set(person.page.locator("#accounts tbody tr:visible th").all_inner_texts()) == accounts
        assert person.page.locator("button, input").count() == 0
        person.page.get_by_role("link", name="DELTA-003").click()
        person.page.get_by_role("link", name="HTML Factuur INV-2026-0203").click()
        assert person.page.locator("h1").inner_text() == "Factuur INV-2026-0203"


@pytest.mark.parametrize("look", LOOKS)
def test_axe_core_finds_nothing(browser: "Browser", october: Path, look: dict[str, Any]) -> None:
    pages = sorted(october.rglob("*.html")) if not look else [october / name for name in ONE_OF_EACH]
    with visit(browser, **look) as person:
        for page in pages:
            person.open(page)
            assert (page.name, person.violations(), person.sideways()) == (page.name, [], 0)


@needs_pdftotext
def test_in_print_no_heading_is_left_behind_and_nothing_folded_is_offered(browser: "Browser", october: Path) -> None:
    with visit(browser) as person:
        person.open(october / "site/discrepancies.html")
        sheets = pdf_text(person.page.pdf()).split("\f")
        (sheet,) = (sheet for sheet in sheets if "All discrepancies" in sheet)
        assert "statement GBP-2026-11" in sheet.partition("All discrepancies")[2]
        person.open(october / "site/accounts/DELTA-003/index.html")
        assert "Het saldo van dag tot dag" not in pdf_text(person.page.pdf())
