"""PDFs: the figures are the view's, the file is tagged and archivable, and the same bytes are made everywhere."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pikepdf
import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.records.settings import BankAccount, Issuer
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.invoice_copy import InvoiceCopy, build_invoice_copy
from prisma_batch.views.statement import Statement, build_statements
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.pdf import MissingGlyph, pdf_renderer
from prisma_batch.writers.pdf_blocks import printable
from prisma_batch.writers.pdf_invoice import invoice_document
from prisma_batch.writers.statement_csv import statement_csv
from prisma_batch.writers.words import Words
from tests.views.sample_run import SPAN, credit_note, invoice, receivables, snapshot
from tests.writers.printed import font_with, needs_pdftotext, pdf_text, tags
from tests.writers.test_html import HOSTILE, csv_column, parsed, statement, values

TEMPLATES = Path(__file__).parents[2] / "templates"
CHINESE = "北方"


def pdf_of(
    view: Statement | InvoiceCopy, issuer: Issuer | None = None, files: Mapping[str, bytes] = MappingProxyType({})
) -> bytes:
    with pdf_renderer(TEMPLATES, issuer or view.issuer, files) as renderer:
        pdf = renderer.render(view)
    assert isinstance(pdf, bytes), pdf
    return pdf


def copy(**changes: Any) -> InvoiceCopy:
    return replace(build_invoice_copy(invoice(), snapshot()), **changes)


def with_issuer(**changes: Any) -> Snapshot:
    records = snapshot()
    return replace(records, settings=replace(records.settings, issuer=replace(records.settings.issuer, **changes)))


def opened(pdf: bytes) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(pdf))


def figures(text: str, language: str) -> list[str]:
    """Return the amounts of a text as plain decimals."""
    thousands, point = {"en": (",", "."), "de": (".", ","), "fr": (" ", ",")}[language]
    found = re.findall(rf"−?\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})*{re.escape(point)}\d\d(?!\d)", text)
    return [amount.replace(thousands, "").replace(point, ".").replace("−", "-") for amount in found]


@needs_pdftotext
@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_figures_of_a_statement_are_those_of_its_page_and_its_csv(language: str) -> None:
    view = statement(language)
    text = pdf_text(pdf_of(view), "-layout")
    page = parsed(Renderer(TEMPLATES).render_statement(view))
    printed = values(page, '//td[contains(@class, "number")]/data')
    cells = figures(text, language)
    assert not Counter(printed) - Counter(cells)
    for currency in ("EUR", "USD"):
        content = statement_csv(view)
        for section, column in (("closing", "balance"), ("movement", "amount"), ("open_item", "open_amount")):
            assert set(csv_column(content, section, currency, column)) <= set(cells)


@needs_pdftotext
def test_an_invoice_copy_shows_its_lines_taxes_and_total() -> None:
    text = pdf_text(pdf_of(copy()), "-layout")
    assert figures(text, "en") == ["340.49", "23.45", "281.40", "281.40", "59.09", "281.40", "340.49", "340.49"]
    for word in ("INV-2026-00123", "Windows Server Datacenter", "RF18539007547034", "DE02 1203 0000 0000 2020 51"):
        assert word in text


@needs_pdftotext
def test_a_credit_note_asks_for_nothing() -> None:
    text = pdf_text(pdf_of(build_invoice_copy(credit_note(), snapshot())))
    assert "There is nothing to pay." in text
    assert "Pay to" not in text


def test_it_says_that_it_is_tagged_and_archivable() -> None:
    with opened(pdf_of(statement("de"))) as pdf:
        assert str(pdf.Root.Lang) == "de"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert meta["pdfuaid:part"] == "1"
        assert meta["dc:title"] == "Kontoauszug ACME-001 2026-10"
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20261115")


def test_what_is_read_aloud_has_headings_tables_with_headers_and_words_for_the_picture() -> None:
    pdf = pdf_of(statement())
    kinds = tags(pdf)
    assert kinds.count("H1") == 1
    assert kinds.count("Table") == 7
    assert kinds.count("TH") >= 7
    assert kinds.index("H1") < kinds.index("H2") < kinds.index("H3")
    with opened(pdf) as file:
        alternatives = [str(o.Alt) for o in file.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    assert alternatives == ["Scan to pay EUR\xa05,127.94"]


def judged(pdf: bytes, folder: Path) -> list[str]:
    """Return what a checker finds in a PDF against PDF/UA-1 and WCAG 2.2."""
    outloud = pytest.importorskip("outloud")
    file = folder / "judged.pdf"
    file.write_bytes(pdf)
    result = outloud.check(str(file))
    return [found.rule for found in result.findings] or ([] if result.verdict == "pass" else [result.verdict])


@pytest.mark.parametrize("kind", ["statement", "invoice", "credit note"])
def test_a_checker_of_accessibility_finds_nothing(kind: str, tmp_path: Path) -> None:
    view = {
        "statement": statement("de", "شركة الاستضافة"),
        "invoice": copy(),
        "credit note": build_invoice_copy(credit_note(), snapshot()),
    }[kind]
    assert judged(pdf_of(view), tmp_path) == []


def test_the_checker_would_find_a_picture_without_words(tmp_path: Path) -> None:
    with opened(pdf_of(copy())) as pdf:
        for found in pdf.objects:
            if isinstance(found, pikepdf.Dictionary) and "/Alt" in found:
                del found.Alt
        saved = BytesIO()
        pdf.save(saved)
    assert "FIG-001" in judged(saved.getvalue(), tmp_path)


def links(pdf: bytes) -> list[str]:
    with opened(pdf) as file:
        annotations = [own for page in file.pages for own in page.get("/Annots", [])]  # type: ignore[attr-defined]
        return [str(own.A.URI) for own in annotations if own.Subtype == "/Link"]


def test_whom_to_ask_is_a_link_if_it_is_safe() -> None:
    point = copy().contact_point
    addresses = [f"tel:{point.phone}", f"mailto:{point.email}", point.chat]
    assert links(pdf_of(copy())) == addresses
    hostile = copy(contact_point=replace(point, chat="javascript:alert(1)"))
    assert links(pdf_of(hostile)) == addresses[:2]


def test_fonts_are_embedded_and_none_is_the_machine_s() -> None:
    with opened(pdf_of(statement())) as pdf:
        fonts = [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/FontDescriptor"]
        assert fonts
        for font in fonts:
            assert "SourceSansPro" in str(font.FontName)
            assert {"/FontFile2", "/FontFile3"} & set(font.keys())


def test_the_same_bytes_whatever_was_made_before() -> None:
    views = [statement(), copy(), statement("nl"), build_invoice_copy(credit_note(), snapshot())]
    with pdf_renderer(TEMPLATES, views[0].issuer) as renderer:
        made = [renderer.render(view) for view in views * 2]
    assert made == [pdf_of(view) for view in views] * 2


def test_a_digest_tells_views_and_designs_apart() -> None:
    view, logo = copy(), {"logo.svg": b"<svg/>"}
    cent_more = replace(view, total=replace(view.total, minor=view.total.minor + 1))
    other_help = replace(view, contact_point=replace(view.contact_point, help_url="https://help.example"))
    designs = [
        (view.issuer, {}),
        (replace(view.issuer, paper="letter"), {}),
        (replace(view.issuer, logo="logo.svg"), logo),
    ]
    digests = []
    for issuer, files in designs:
        with pdf_renderer(TEMPLATES, issuer, files) as renderer:
            digests += [renderer.digest(shown) for shown in (view, cent_more, other_help, copy())]
    assert len({*digests}) == 9
    assert digests[0] == digests[3]


@pytest.mark.parametrize(("paper", "size"), [("a4", (595, 842)), ("letter", (612, 792))])
def test_paper(paper: str, size: tuple[int, int]) -> None:
    issuer = replace(copy().issuer, paper=paper)
    with opened(pdf_of(copy(), issuer)) as pdf:
        assert tuple(round(float(side)) for side in list(pdf.pages[0].mediabox)[2:]) == size


@needs_pdftotext
def test_a_long_statement_repeats_its_headers_and_counts_its_pages() -> None:
    view = statement()
    first = view.sections[0].movements[0]
    movements = tuple(
        replace(first, on=date(2026, 10, 16) + timedelta(days=n % 30), reference=f"REF-{n:04}") for n in range(2000)
    )
    long = replace(view, sections=(replace(view.sections[0], movements=movements),))
    pdf = pdf_of(long)
    with opened(pdf) as file:
        pages = len(file.pages)
    text = pdf_text(pdf, "-layout")
    assert pages > 30
    assert f"Page 1 of {pages}" in text
    assert f"Page {pages} of {pages}" in text
    assert all(f"REF-{n:04}" in text for n in range(2000))
    parts = text.split("\f")
    assert all(re.search(r"Date +What +Reference", part) for part in parts[:30])


def test_a_copy_of_ten_lines_takes_one_page() -> None:
    lines = copy().lines * 10
    with opened(pdf_of(copy(lines=lines))) as pdf:
        assert len(pdf.pages) == 1


def test_a_service_may_be_cut_between_its_days_and_not_within_one() -> None:
    lines = next(block for block in invoice_document(copy(), Words.of("en", {}))["blocks"] if block["kind"] == "table")
    assert lines["rows"][0]["cells"][2].split(" ") == ["Oct\xa01,\xa02026", "–", "Oct\xa031,\xa02026"]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("short words stay whole", ["short words stay whole"]),
        ("billing-lead@distribution.example", ["billing-", "lead@", "distribution.", "example"]),
        ("see https://help.example/billing-chat", ["see https://", "help.", "example/", "billing-", "chat"]),
        ("x" * 26, ["x"] * 26),
        ("y" * 26 + ".example", [*"y" * 26, *".example"]),
    ],
)
def test_a_long_word_breaks_after_signs_or_else_anywhere(text: str, parts: list[str]) -> None:
    assert printable(text).split("\u200b") == parts


@needs_pdftotext
def test_a_closing_balance_is_never_alone_on_a_page() -> None:
    view = statement()
    section = view.sections[0]
    views = [
        replace(view, sections=(replace(section, movements=section.movements[:1] * count, open_items=()),))
        for count in range(12, 48)
    ]
    with pdf_renderer(TEMPLATES, view.issuer) as renderer:
        pages = [page for view in views for page in pdf_text(bytes(renderer.render(view)), "-layout").split("\f")]  # type: ignore[arg-type]
    continued = [page for page in pages if re.match(r"\s*Date +What", page) and "Closing balance" in page]
    assert continued
    assert not [page for page in continued if re.match(r"\s*Date +What.*\n\s*\w+ \d+, \d+ Closing", page)]


@needs_pdftotext
@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_printed_and_never_run(name: str) -> None:
    view = replace(copy(), customer_name=name, bill_to=replace(copy().bill_to, legal_name=name))
    text = pdf_text(pdf_of(view))
    if name.isascii():
        assert re.sub(r"\s", "", name) in re.sub(r"\s", "", text)


@needs_pdftotext
@pytest.mark.parametrize(
    "name", ['#panic("run")', "= Title", "*bold* _it_ $x^2$", '#import "@preview/a:1.0.0": *', "\\"]
)
def test_markup_of_typst_is_text(name: str) -> None:
    text = pdf_text(pdf_of(replace(copy(), bill_to=replace(copy().bill_to, legal_name=name))))
    assert name in text.replace("\n", " ")


def test_a_character_that_no_font_has_makes_no_pdf_and_stops_nothing() -> None:
    views = [copy(customer_name=f"Acme {CHINESE}"), copy()]
    with pdf_renderer(TEMPLATES, copy().issuer) as renderer:
        first, second = map(renderer.render, views)
    assert first == MissingGlyph("北")
    assert isinstance(second, bytes)


def test_fonts_of_the_workspace_fill_in() -> None:
    issuer = replace(copy().issuer, fonts="fonts")
    pdf = pdf_of(copy(customer_name=f"Acme {CHINESE}"), issuer, {"fonts/chinese.ttf": font_with(CHINESE)})
    with opened(pdf) as file:
        names = [str(o.FontName) for o in file.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o]
    assert any("TestFace" in name for name in names)


def test_a_font_that_is_none_is_named() -> None:
    with (
        pytest.raises(UsageProblem, match=r"fonts/broken\.ttf is no font"),
        pdf_renderer(TEMPLATES, copy().issuer, {"fonts/broken.ttf": b"no font"}),
    ):
        pass


def test_the_logo_and_colours_are_the_issuer_s() -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><rect width="9" height="9"/></svg>'
    issuer = replace(copy().issuer, logo="templates/logo.svg", colours={"primary": "#aa0000"})
    pdf = pdf_of(copy(), issuer, {"templates/logo.svg": svg})
    with opened(pdf) as file:
        alternatives = [str(o.Alt) for o in file.objects if isinstance(o, pikepdf.Dictionary) and "/Alt" in o]
    assert issuer.legal_name in alternatives
    assert pdf != pdf_of(copy(), replace(issuer, colours={}), {"templates/logo.svg": svg})


def test_statements_of_many_accounts_differ_only_by_account() -> None:
    built = build_statements(receivables(), snapshot(), SPAN)
    with pdf_renderer(TEMPLATES, built[0].issuer) as renderer:
        together = [renderer.render(view) for view in built]
        alone = renderer.render(built[-1])
    assert together[-1] == alone


def test_accounts_that_are_no_iban_have_no_code() -> None:
    view = copy(bank_accounts=(BankAccount(number="12345"),))
    assert "Figure" not in tags(pdf_of(view))
