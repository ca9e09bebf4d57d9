"""The portal's pages: nothing of the records is markup, in any language, and downloads are those that exist."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from prisma_batch.receivables.reasons import Owed, because
from prisma_batch.receivables.standing import Standing as Found
from prisma_batch.records.tables import CHARGES, DISCREPANCIES, INVOICE_LINES
from prisma_batch.views.figures import RunFigures
from prisma_batch.views.hours import opening_hours
from prisma_batch.views.portal import (
    PortalTables,
    build_account_pages,
    build_discrepancy_page,
    build_index,
    standing,
)
from prisma_batch.views.portal_parts import AccountPage, Standing
from prisma_batch.views.statement import build_statements
from prisma_batch.views.summary import Attention, build_summary
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.site import SiteRenderer
from tests.views.sample_run import AS_OF, PERIOD, SPAN, receivables, snapshot, usage_report_states
from tests.writers.test_html import HOSTILE, LANGUAGES

SITE = SiteRenderer(Renderer(Path(__file__).parents[2] / "templates"))


def pages(language: str = "en", name: str = "Acme Hosting B.V.", **standings: Standing) -> tuple[AccountPage, ...]:
    records = snapshot(language=language, name=name)
    tables = PortalTables(
        usage_reports=usage_report_states(),
        charges=CHARGES.of([]),
        lines=INVOICE_LINES.of([]).assign(period=""),
        standings={account.replace("_", "-"): own for account, own in standings.items()},
    )
    return build_account_pages(records, build_statements(receivables(), records, SPAN), tables, SPAN)


def acme(language: str = "en", name: str = "Acme Hosting B.V.", **standings: Standing) -> Any:
    page = next(page for page in pages(language, name, **standings) if page.account == "ACME-001")
    published = {"statements/ACME-001.html", "statements/ACME-001.csv"}
    return html.document_fromstring(SITE.render_account(page, published, "../"))


def status_of(page: Any) -> str:
    return " ".join("".join(page.xpath("//section[h2[@id='standing']]//text()")).split())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_wherever_it_stands(name: str) -> None:
    page = acme(name=name)
    assert len(page.xpath("//script")) == 1
    assert not page.xpath("//img | //*[@onerror]")
    index = build_index(
        build_summary(RunFigures(period=PERIOD, opened_on=SPAN.opened_on, as_of=AS_OF)),
        snapshot(name=name),
        pages(name=name),
    )
    shown = html.document_fromstring(SITE.render_index(index))
    assert len(shown.xpath("//script")) == 1
    assert not shown.xpath("//img | //*[@onerror]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_account_s_page_is_in_its_language(language: str) -> None:
    page = acme(language)
    assert page.get("lang") == language
    word = {"en": "Balance", "de": "Saldo", "nl": "Saldo", "fr": "Solde"}[language]
    assert page.xpath("string(//h2[@id='balance-title'])") == word


def test_downloads_are_those_that_were_made() -> None:
    links = acme().xpath("//section[@id='documents']//a/@href")
    assert links == ["../statements/ACME-001.html", "../statements/ACME-001.csv"]


def test_the_status_is_told_with_its_reasons() -> None:
    amount = because("disputed: %(amount)s of %(document)s", amount=Owed(12_50, "EUR"), document="INV-1")
    found = Found(
        account="ACME-001",
        on=AS_OF,
        status="suspension_risk",
        reasons=(because("suspension is recommended from %(day)s on", day=AS_OF), amount),
        next_change_on=AS_OF,
        next_status="suspended",
    )
    english = status_of(acme(ACME_001=standing(found)))
    assert "Status: At risk of suspension" in english
    assert "suspension is recommended from Nov 15, 2026 on disputed: EUR 12.50 of INV-1" in english
    assert "Nov 15, 2026: Suspended" in english
    german = status_of(acme("de", ACME_001=standing(found)))
    assert "ab dem 15.11.2026 wird eine Sperrung empfohlen bestritten: 12,50 EUR von INV-1" in german
    assert not acme().xpath("//h2[@id='standing']")


def test_a_report_without_discrepancies_says_so() -> None:
    page = build_discrepancy_page(DISCREPANCIES.of([]), snapshot(), pages(), PERIOD)
    shown = SITE.render_discrepancies(page)
    assert "No discrepancy has an amount." in shown
    assert "None." in shown


def test_codes_are_in_words_and_hours_whole() -> None:
    attention = Attention(code="billed_without_usage", severity="high", text="ACME-001: 3.00 EUR")
    summary = replace(
        build_summary(RunFigures(period=PERIOD, opened_on=SPAN.opened_on, as_of=AS_OF)), headline=(attention,)
    )
    shown = html.document_fromstring(SITE.render_index(build_index(summary, snapshot(), pages())))
    assert shown.xpath("//ol[@class='attention']/li/strong/text()") == ["Billed without usage"]
    windows = [window for days in opening_hours(snapshot().settings.contact_point.hours) for window in days.windows]
    assert shown.xpath("//footer//span[@class='whole']/text()") == windows


def test_an_installment_is_counted_without_words() -> None:
    page = next(page for page in pages("nl") if page.account == "ACME-001")
    own = page.balances[0]
    item = replace(own.section.open_items[0], installment="1 of 2")
    balance = replace(own, section=replace(own.section, open_items=(item,)))
    shown = html.document_fromstring(SITE.render_account(replace(page, balances=(balance,)), set(), ""))
    assert shown.xpath("//table[contains(@class, 'open-items')]//th/span/text()") == ["termijn 1/2"]
