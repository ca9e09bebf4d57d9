"""The trend of the portal follows the hashes from manifest to manifest, and trusts nothing else."""

import json
from pathlib import Path

from lxml import html

from prisma_batch.base.periods import Period
from prisma_batch.jobs.recorded import published_manifests, recorded_before
from prisma_batch.jobs.run_history import totals_before
from tests.jobs.recipes import OCTOBER, SEPTEMBER


def periods_before(reports: Path) -> list[str]:
    recorded = recorded_before(reports, published_manifests(reports), Period.parse("2026-11"))
    return list(dict.fromkeys(str(total.period) for total in totals_before(recorded)))


def test_every_run_of_the_chain_is_there(example: Path) -> None:
    assert periods_before(example / "reports") == ["2026-10", "2026-09"]


def test_a_manifest_that_the_next_one_does_not_name_ends_it(workspace: Path) -> None:
    (workspace / SEPTEMBER / "manifest.json").write_bytes(b"{}")
    recorded = recorded_before(
        workspace / "reports",
        {Period.parse("2026-10"): json.loads((workspace / OCTOBER / "manifest.json").read_bytes())},
        Period.parse("2026-11"),
    )
    assert {str(total.period) for total in totals_before(recorded)} == {"2026-10"}
    assert totals_before(None) == ()


def test_the_index_draws_the_runs_and_lists_their_figures(example: Path) -> None:
    page = html.document_fromstring((example / OCTOBER / "site/index.html").read_bytes())
    listed = page.xpath("//section[@id='trend']//table[1]//tbody/tr")
    totals = [json.loads((example / folder / "summary.json").read_bytes()) for folder in (SEPTEMBER, OCTOBER)]
    for row, total in zip(listed[:2], totals, strict=True):
        ledger, aging = total["ledger"][0], total["aging"][0]
        assert row.xpath(".//data/@value")[:3] == [ledger["invoices"], ledger["payments"], aging["balance"]]
    assert page.xpath("//section[@id='trend']//svg[@aria-hidden='true']/path[@class='late']")
    assert not html.document_fromstring((example / SEPTEMBER / "site/index.html").read_bytes()).xpath(
        "//*[@id='trend']"
    )


def test_the_index_says_in_words_what_needs_a_person(example: Path) -> None:
    page = html.document_fromstring((example / OCTOBER / "site/index.html").read_bytes())
    kinds = page.xpath("//section[@id='attention']//li/strong/text()")
    assert {"Verification lapsed", "Statement gap"} <= {*kinds}
    assert not [kind for kind in kinds if not kind.replace(" ", "").isalpha()]


def test_each_chart_has_a_table_beside_it_and_says_it_in_words(example: Path) -> None:
    charts = 0
    for path in (example / OCTOBER / "site").rglob("*.html"):
        for section in html.document_fromstring(path.read_bytes()).xpath("//section[.//svg]"):
            figures = section.xpath(".//figure[.//svg]")
            charts += len(figures)
            assert section.xpath(".//table")
            assert all(figure.xpath("string(figcaption)").strip() for figure in figures)
            assert not section.xpath(".//svg[not(ancestor-or-self::*[@aria-hidden='true'])]")
    assert charts > 20
