"""Pages: every figure is the view's, nothing of the records is markup, and whom to ask is on each of them."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from prisma_batch.records.settings import Issuer
from prisma_batch.views.invoice_copy import build_invoice_copy
from prisma_batch.views.statement import Section, Statement, build_statements
from prisma_batch.views.summary import build_summary
from prisma_batch.writers.csv_text import csv_rows
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.statement_csv import statement_csv
from tests.views.sample_run import SPAN, credit_note, invoice, receivables, snapshot
from tests.views.test_summary import figures

GOLDEN = Path(__file__).parent / "golden"
RENDERER = Renderer(Path(__file__).parents[2] / "templates")
LANGUAGES = ("en", "de", "nl", "fr")
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "=cmd|' /C calc'!A0",
    "Jane\r\nBcc: victim@other.example",
    "\u202emoc.elpmaxe\u202c",
    "شركة الاستضافة",
    "{{ 7 * 7 }} {% raw %}",
    "x" * 200,
]


def statement(language: str = "en", name: str = "Acme Hosting B.V.") -> Statement:
    return build_statements(receivables(), snapshot(language=language, name=name), SPAN)[0]


def pages(language: str = "en", name: str = "Acme Hosting B.V.") -> dict[str, str]:
    records = snapshot(language=language, name=name)
    documents = {
        "invoice": replace(invoice(), purchase_order=name, lines=(replace(invoice().lines[0], description=name),)),
        "credit note": replace(credit_note(), reason=name),
    }
    copies = {
        kind: RENDERER.render_invoice(build_invoice_copy(document, records)) for kind, document in documents.items()
    }
    return {"statement": RENDERER.render_statement(statement(language, name)), **copies}


def parsed(page: str) -> Any:
    return html.document_fromstring(page)


def values(page: Any, path: str) -> list[str]:
    return [str(element.get("value")) for element in page.xpath(path)]


def section_of(page: Any, currency: str) -> Any:
    (section,) = page.xpath(f'//section[@id="{currency}"]')
    return section


def csv_column(content: bytes, section: str, currency: str, column: str) -> list[str]:
    header, *rows = csv_rows(content)
    cells = [dict(zip(header, row, strict=True)) for row in rows]
    return [cell[column] for cell in cells if (cell["section"], cell["currency"]) == (section, currency)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", ["EUR", "USD"])
def test_figures_in_html_are_those_in_csv(language: str, currency: str) -> None:
    page = section_of(parsed(RENDERER.render_statement(statement(language))), currency)
    content = statement_csv(statement(language))
    opening, *movements = values(page, './/table[contains(@class, "movements")]//data')
    *moved, closing = movements
    assert [opening] == csv_column(content, "opening", currency, "balance")
    assert moved[::2] == csv_column(content, "movement", currency, "amount")
    assert moved[1::2] == csv_column(content, "movement", currency, "balance")
    assert [closing] == csv_column(content, "closing", currency, "balance")
    items = values(page, './/table[contains(@class, "open-items")]//data')
    assert items[::2] == csv_column(content, "open_item", currency, "amount")
    assert items[1::2] == csv_column(content, "open_item", currency, "open_amount")
    assert values(page, './/table[contains(@class, "aging")]//data') == csv_column(content, "aging", currency, "amount")
    assert values(page, './/table[contains(@class, "unapplied")]//data') == csv_column(
        content, "unapplied", currency, "amount"
    )


@pytest.mark.parametrize(
    ("language", "point", "group"), [("en", ".", ","), ("de", ",", "."), ("nl", ",", "."), ("fr", ",", "\u202f")]
)
def test_figures_a_person_sees_are_the_exact_ones(language: str, point: str, group: str) -> None:
    page = parsed(RENDERER.render_statement(statement(language)))
    for figure in page.xpath("//td//data"):
        seen = figure.text_content().replace(group, "").replace(point, ".").replace("−", "-")
        assert seen == figure.get("value")


def test_band_says_what_to_do() -> None:
    page = section_of(parsed(RENDERER.render_statement(statement())), "EUR")
    dues = first_section().dues
    expected = [first_section().closing, dues.overdue, dues.pay_next, dues.pay_now]
    assert values(page, './/dl[@class="band"]//data') == [money.text for money in expected]
    assert "Please pay EUR\xa05,127.94 now" in page.xpath('string(.//div[contains(@class, "action")])')


def first_section() -> Section:
    return statement().sections[0]


def test_overdue_is_said_in_words() -> None:
    page = section_of(parsed(RENDERER.render_statement(statement())), "EUR")
    marks = page.xpath('.//tr[@class="overdue"]//span[@class="mark alarm"]/text()')
    assert marks == [f"{days} days overdue" for days in (157, 128, 98, 67, 36, 12)] + ["1 day overdue"]


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
def test_pages_match_their_goldens(golden: Callable[[Path, str], None], kind: str, language: str) -> None:
    golden(GOLDEN / f"{kind.replace(' ', '_')}.{language}.html", pages(language)[kind])


@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
def test_whom_to_ask_is_on_every_page(kind: str) -> None:
    footer = parsed(pages()[kind]).xpath("string(//footer)")
    for printed in ("+493012345678", "billing@issuer.example", "Mon–Thu 09:00-12:00, 13:00-17:00", "Europe/Berlin"):
        assert printed in footer


@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(kind: str, name: str) -> None:
    page = parsed(pages(name=name)[kind])
    assert page.xpath("//script | //img | //@onerror") == []
    shown = re.sub(r"\s+", " ", re.sub("[\u202e\u202c]", "", name))
    assert shown in re.sub(r"\s+", " ", page.xpath("string(//main)"))
    assert not re.search("[\u202a-\u202e]", page.xpath("string(/)"))


@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
def test_hostile_contact_points_stay_in_their_attributes(kind: str) -> None:
    records = snapshot()
    point = replace(
        records.settings.contact_point, phone='1" onclick="x', email="a'\"<b>@c.example", chat="javascript:alert(1)"
    )
    issuer = replace(records.settings.issuer, legal_name="<b>Issuer", colours={"primary": "red}*{display:none"})
    hostile = replace(records, settings=replace(records.settings, contact_point=point, issuer=issuer))
    rendered = {
        "statement": lambda: RENDERER.render_statement(build_statements(receivables(), hostile, SPAN)[0]),
        "invoice": lambda: RENDERER.render_invoice(build_invoice_copy(invoice(), hostile)),
        "credit note": lambda: RENDERER.render_invoice(build_invoice_copy(credit_note(), hostile)),
    }[kind]()
    page = parsed(rendered)
    assert page.xpath("//@onclick | //b | //a[starts-with(@href, 'javascript')]") == []
    assert page.xpath("//a/@href")[0] == 'tel:1" onclick="x'
    assert "display:none" not in rendered


@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
def test_pages_load_nothing(kind: str) -> None:
    page = parsed(pages()[kind])
    assert page.xpath("//link | //script | //@src | //@style | //*[@srcset]") == []
    (policy,) = page.xpath('//meta[@http-equiv="Content-Security-Policy"]/@content')
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "url(" not in page.xpath("string(//style)")


@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
def test_every_heading_of_a_table_says_what_it_heads(kind: str) -> None:
    page = parsed(pages()[kind])
    assert page.xpath("//table//th[not(@scope)]") == []
    assert page.xpath("//table[not(caption)]") == []


@pytest.mark.parametrize(
    ("language", "lang", "title"),
    [
        ("de-AT", "de-AT", "Kontoauszug"),
        ("de-XX", "de", "Kontoauszug"),
        ("pt-BR", "en", "Statement of account"),
        ("en-GB", "en-GB", "Statement of account"),
    ],
)
def test_language_without_a_catalog_is_english(language: str, lang: str, title: str) -> None:
    page = parsed(RENDERER.render_statement(statement(language)))
    assert (page.get("lang"), page.xpath("string(//h1)")) == (lang, title)


def test_colours_of_the_issuer_are_used() -> None:
    issuer: Issuer = replace(snapshot().settings.issuer, colours={"primary": "#123456"})
    page = RENDERER.render_statement(replace(statement(), issuer=issuer))
    assert "--primary: #123456;" in page
    assert "--accent: #1d6fb8;" in page


def test_summary_matches_its_golden(golden: Callable[[Path, str], None]) -> None:
    golden(GOLDEN / "summary.md", RENDERER.render_summary(build_summary(figures())))


def test_summary_prints_records_as_they_are() -> None:
    finding = replace(figures().findings[1], message="a_b _c_ | <b> `c` *d* @everyone [x](y)\n# e")
    printed = RENDERER.render_summary(build_summary(replace(figures(), findings=(finding,))))
    assert r"a_b \_c\_ \| \<b\> \`c\` \*d\* &#64;everyone \[x\](y) \# e" in printed


def test_names_unknown_to_a_template_are_an_error(tmp_path: Path) -> None:
    templates = copy_of_templates(tmp_path)
    (templates / "statement.html.j2").write_text("{{ view.no_such_figure }}", encoding="utf-8")
    with pytest.raises(Exception, match="no_such_figure"):
        Renderer(templates).render_statement(statement())


def test_templates_cannot_leave_their_sandbox(tmp_path: Path) -> None:
    templates = copy_of_templates(tmp_path)
    (templates / "statement.html.j2").write_text("{{ view.__class__.__mro__ }}", encoding="utf-8")
    with pytest.raises(Exception, match="unsafe"):
        Renderer(templates).render_statement(statement())


def copy_of_templates(folder: Path) -> Path:
    for name in ("style.css", "mail/style.css"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    return folder
