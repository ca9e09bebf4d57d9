"""Mails, documents and the portal link to the page of help of their kind, where the issuer names a place."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from prisma_batch.readers.resources import help_texts, resource_folder
from prisma_batch.records.settings import ContactPoint
from prisma_batch.views.help import build_help_page, help_link
from prisma_batch.views.invoice_copy import build_invoice_copy
from prisma_batch.views.message import Message
from prisma_batch.views.messages import notice_messages
from prisma_batch.views.notices.registry import NOTICE_KINDS
from prisma_batch.views.portal_parts import Standing
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.markdown_html import markdown_html
from prisma_batch.writers.site import SiteRenderer
from tests.views.sample_notices import notice_state
from tests.views.sample_run import invoice, snapshot
from tests.views.test_messages import planned
from tests.writers.test_html import parsed, statement
from tests.writers.test_pdf import pdf_of
from tests.writers.test_site import pages

PAGES = Path(__file__).parents[2] / "docs" / "help"
RENDERER = Renderer(resource_folder("templates"))
PLACE = "https://help.issuer.example/{page}.html"


def with_help(view: Any) -> Any:
    return replace(view, contact_point=replace(view.contact_point, help_url=PLACE))


def messages() -> list[Message]:
    by_kind = {message.kind: message for message in (*planned().values(), *notice_messages(notice_state()))}
    return [by_kind[kind] for kind in sorted(by_kind) if by_kind[kind].body]


@pytest.mark.parametrize("message", messages(), ids=lambda message: message.kind)
def test_every_mail_links_to_the_page_of_its_kind(message: Message) -> None:
    assert (PAGES / "mails" / f"{message.kind}.md").is_file()
    address = f"https://help.issuer.example/mails/{message.kind}.html"
    rendered = RENDERER.render_mail(with_help(message))
    assert f": {address}\n" in rendered.text
    assert parsed(rendered.html).xpath(f'//a[@href="{address}"]')
    assert "help.issuer.example" not in RENDERER.render_mail(message).text


def test_every_kind_of_notice_is_among_them() -> None:
    assert {own.kind for own in NOTICE_KINDS} < {message.kind for message in messages()}


@pytest.mark.parametrize("kind", ["statement_of_account", "invoice_available"])
def test_documents_link_to_their_page(kind: str) -> None:
    view = with_help(statement() if kind.startswith("statement") else build_invoice_copy(invoice(), snapshot()))
    page = RENDERER.render_statement(view) if kind.startswith("statement") else RENDERER.render_invoice(view)
    address = f"https://help.issuer.example/mails/{kind}.html"
    assert parsed(page).xpath('//footer//a[@class="help-page"]/@href') == [address]
    with pikepdf.open(BytesIO(pdf_of(view))) as pdf:
        links = [str(own.A.URI) for sheet in pdf.pages for own in sheet.get("/Annots", []) if "/A" in own]
    assert address in links


def test_the_portal_links_to_the_status() -> None:
    standing = Standing(status="on_plan", reasons=(), next_change_on=None, next_status="")
    page = next(own for own in pages(ACME_001=standing) if own.account == "ACME-001")
    shown = parsed(SiteRenderer(RENDERER).render_account(with_help(page), set(), ""))
    assert (PAGES / "statuses" / "on_plan.md").is_file()
    assert shown.xpath('//a[@class="help-page"]/@href') == ["https://help.issuer.example/statuses/on_plan.html"]


def test_without_a_place_there_is_no_link() -> None:
    point: ContactPoint = statement().contact_point
    assert help_link(point, "mails/x") == ""
    assert "help-page" not in RENDERER.render_statement(statement())


def test_the_portal_has_every_page_where_there_is_no_place() -> None:
    names = {path.relative_to(PAGES).with_suffix("").as_posix() for path in PAGES.glob("*/*.md")}
    view = build_help_page(statement().issuer, statement().contact_point, help_texts())
    shown = parsed(SiteRenderer(RENDERER).render_help(view))
    assert {name.replace("/", "-") for name in names} == set(shown.xpath("//h3/@id"))
    overdue = shown.xpath("//h3[@id='statuses-overdue']")[0]
    assert overdue.text == "Overdue"
    assert overdue.getnext().xpath("code/text()") == ["overdue"]


def test_markup_in_a_page_of_help_is_text() -> None:
    assert "<script>" not in markdown_html("<script>alert(1)</script> [x](javascript:alert(1))")
    assert "href" not in markdown_html("[x](javascript:alert(1))")
