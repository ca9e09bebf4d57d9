"""The portal: complete without scripts or a server, an account's folder says nothing of another, links lead on."""

import email
import email.policy
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.jobs.recipes import OCTOBER, contents, edit, published, rows
from tests.writers.printed import needs_pdftotext, pdf_text

ACCOUNTS = {path.stem for path in (Path(__file__).parents[2] / "contacts").glob("*.yaml")}


def pages(workspace: Path) -> dict[Path, Any]:
    found = sorted((workspace / OCTOBER / "site").rglob("*.html"))
    return {path: html.document_fromstring(path.read_bytes()) for path in found}


def account_page(workspace: Path, account: str) -> Any:
    return html.document_fromstring((workspace / OCTOBER / "site/accounts" / account / "index.html").read_bytes())


@pytest.fixture(scope="session")
def alone(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Path:
    """October with each account's documents in its own folder."""
    folder = tmp_path_factory.mktemp("alone") / "october"
    published(example, "run", "2026-10", "--accounts", "--out", str(folder))
    return folder


def test_every_account_has_a_page(example: Path) -> None:
    found = {path.parent.name for path in pages(example) if path.parent.parent.name == "accounts"}
    assert found == ACCOUNTS
    assert (example / OCTOBER / "site/index.html").is_file()
    assert (example / OCTOBER / "site/discrepancies.html").is_file()


def test_every_link_leads_to_a_file_or_a_place_on_a_page(example: Path, alone: Path) -> None:
    for root in (example / OCTOBER / "site", alone / "site"):
        found = {path.resolve(): html.document_fromstring(path.read_bytes()) for path in root.rglob("*.html")}
        for path, page in found.items():
            for link in page.xpath("//a/@href"):
                if link.startswith(("mailto:", "tel:", "https://")):
                    continue
                target, _, place = link.partition("#")
                file = (path.parent / target).resolve() if target else path
                assert file.is_file(), (path, link)
                assert not place or found[file].xpath("//*[@id=$place]", place=place), (path, link)


def test_each_status_and_discrepancy_leads_to_its_help(example: Path) -> None:
    for row in rows(example / OCTOBER / "account_status.csv"):
        links = account_page(example, row["account"]).xpath("//a[@class='help-page']/@href")
        assert links == [f"../../help.html#statuses-{row['status']}"]
    report = html.document_fromstring((example / OCTOBER / "site/discrepancies.html").read_bytes())
    kinds = [row["kind"] for row in rows(example / OCTOBER / "discrepancies.csv")]
    assert report.xpath("//section[@id='all']//th/a/@href") == [f"help.html#discrepancies-{kind}" for kind in kinds]


def test_the_page_of_messages_lists_the_outbox(example: Path) -> None:
    page = html.document_fromstring((example / OCTOBER / "site/outbox.html").read_bytes())
    listed = {tr.get("id"): tr for tr in page.xpath("//tbody/tr")}
    outbox = {row["key"]: row for row in rows(example / OCTOBER / "outbox.csv")}
    assert list(listed) == sorted(outbox)
    for key, row in outbox.items():
        assert ", ".join(bdi.text_content() for bdi in listed[key].xpath("td[2]/span/bdi")) == row["to"]
        assert listed[key].xpath("string(td[3]/span/bdi)") == row["subject"]
        assert listed[key].xpath("string(td[3]/span/span)") == row["attachments"].replace(" ", ", ")
        assert listed[key].xpath("string(td[4])") == row["skipped_because"]
        links = [] if row["skipped_because"] else [f"../outbox/{key}.html", f"../outbox/{key}.eml"]
        assert listed[key].xpath("(th | td[3]/span)/a/@href") == links
    skipped = sum(bool(row["skipped_because"]) for row in outbox.values())
    assert page.xpath("string(//header//p)") == f"{len(outbox) - skipped} to be sent, {skipped} not"
    assert page.xpath("//a[@href='index.html']")


def test_a_mail_is_looked_at_without_a_mail_program(example: Path) -> None:
    mails = sorted((example / OCTOBER / "outbox").glob("*.eml"))
    assert mails
    for file in mails:
        mail: Any = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        shown = mail.get_body(("html",)).get_content().replace("\r\n", "\n").rstrip("\n")
        assert file.with_suffix(".html").read_text(encoding="utf-8") == shown


def test_figures_are_those_of_the_tables(example: Path) -> None:
    for row in rows(example / OCTOBER / "aging.csv"):
        page = account_page(example, row["account"])
        values = page.xpath("//dl[@class='band']//data/@value")
        assert row["balance"] in values, row
        aged = page.xpath(
            "//table[caption[contains(., $currency)]][not(ancestor::details)]//td/data/@value", currency=row["currency"]
        )
        assert [row[column] for column in list(row)[2:]] == aged[: len(row) - 2]
    for row in rows(example / OCTOBER / "open_items.csv"):
        page = account_page(example, row["account"])
        (cell,) = page.xpath("//tr[th/bdi[text()=$document]]/td[last()]/data/@value", document=row["document"])
        assert cell == row["open_amount"]


def test_the_index_lists_every_balance(example: Path) -> None:
    page = html.document_fromstring((example / OCTOBER / "site/index.html").read_bytes())
    listed = {
        (tr.xpath("string(th)"), tr.xpath("string(td[4])")): tr.xpath("string(td[5]/data/@value)")
        for tr in page.xpath("//section[@id='accounts']//tbody/tr")
    }
    for row in rows(example / OCTOBER / "aging.csv"):
        assert listed[row["account"], row["currency"]] == row["balance"]
    assert {account for account, _ in listed} == ACCOUNTS


def test_the_report_lists_every_discrepancy(example: Path) -> None:
    page = html.document_fromstring((example / OCTOBER / "site/discrepancies.html").read_bytes())
    assert page.xpath("//section[@id='all']//tbody/tr/@id") == [
        row["id"] for row in rows(example / OCTOBER / "discrepancies.csv")
    ]


def test_an_account_s_folder_is_whole_and_says_nothing_of_another(alone: Path) -> None:
    for folder in (alone / "site/accounts").iterdir():
        others = {other for other in ACCOUNTS if other != folder.name}
        for name, content in contents(folder).items():
            if not name.endswith(".pdf"):
                words = set(re.findall(r"[A-Z0-9][A-Z0-9-]+[A-Z0-9]", content.decode()))
                tenants = {"NORD-101", "NORD-102"} if folder.name == "NORD-000" else set()
                assert not words & (others - tenants), (folder.name, name)
        page = html.document_fromstring((folder / "index.html").read_bytes())
        for link in page.xpath("//table//a/@href"):
            assert (folder / link).is_file()


@needs_pdftotext
def test_marks_of_one_account_stay_in_its_folder(records: Path) -> None:
    marks = {account: f"Zq{number}mark" for number, account in enumerate(sorted(ACCOUNTS))}
    for account, mark in marks.items():
        record = records / "contacts" / f"{account}.yaml"
        text = record.read_text(encoding="utf-8")
        record.write_text(re.sub(r"(?m)^name: .*$", f"name: {mark}", text), encoding="utf-8")
    published(records, "run", "2026-09", "--accounts")
    for folder in (records / "reports/2026-09/site/accounts").iterdir():
        for name, content in contents(folder).items():
            text = pdf_text(content) if name.endswith(".pdf") else content.decode()
            assert set(re.findall(r"Zq\d+mark", text)) <= {marks[folder.name]}, name


def test_contacts_are_changed_and_help_is_found_where_the_settings_say(records: Path) -> None:
    address, help_url = "https://git.example/edit/contacts/", "https://help.example/{page}.html"
    places = f'  change_url: "{address}{{account}}.yaml"\n  help_url: "{help_url}"\n  chat:'
    edit(records / "prisma.yaml", "  chat:", places)
    published(records, "run", "2026-09")
    assert not (records / "reports/2026-09/site/help.html").exists()
    page = html.document_fromstring((records / "reports/2026-09/site/accounts/COLL-001/index.html").read_bytes())
    assert f"{address}COLL-001.yaml" in page.xpath("//section[@id='contacts']//a/@href")


def test_pages_run_no_script_but_their_own_and_load_nothing(example: Path) -> None:
    for page in pages(example).values():
        (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert len(page.xpath("//script")) == 1
        assert not page.xpath("//script/@src | //link | //iframe | //@style | //@onclick")


def test_pages_can_be_read_aloud(example: Path) -> None:
    for path, page in pages(example).items():
        assert page.get("lang")
        assert len(page.xpath("//h1")) == 1
        levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3 | //h4")]
        assert all(below - above <= 1 for above, below in pairwise(levels)), path
        assert not page.xpath("//table[not(caption)]")
        assert not page.xpath("//thead//th[not(@scope)]")
        ids = page.xpath("//@id")
        assert len(ids) == len(set(ids))
