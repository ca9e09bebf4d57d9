"""The portal of a run: pages for finance, and a folder an account."""

from collections.abc import Iterator, Mapping

from pandas import DataFrame

from prisma_batch.jobs.month import Month
from prisma_batch.jobs.reconcile import Reconciled
from prisma_batch.jobs.run_history import totals_before
from prisma_batch.readers.resources import help_texts
from prisma_batch.views.figures import RunFigures
from prisma_batch.views.help import HELP_FILE, build_help_page
from prisma_batch.views.outbox_page import build_outbox_page
from prisma_batch.views.portal import (
    PortalTables,
    build_account_pages,
    build_discrepancy_page,
    build_index,
    standing,
)
from prisma_batch.views.portal_parts import AccountPage
from prisma_batch.views.summary import build_summary, summary_json
from prisma_batch.views.trend import run_totals
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.site import SiteRenderer

_TO_RUN_FOLDER, _TO_SITE_FOLDER = "../../../", "../../"  # from site/accounts/<account>/


class Site:
    """Collects which files of documents exist, and gives each account what is its own.

    ``alone``: each account's folder has its documents, so that it can be served to that customer alone.
    """

    def __init__(self, reconciled: Reconciled, *, alone: bool) -> None:
        month = reconciled.month
        self._month, self._recorded, self._alone = month, reconciled.recorded, alone
        self._pages = build_account_pages(month.snapshot, reconciled.statements, _tables(month), reconciled.span)
        self._owners = {path: page.account for page in self._pages for file in page.files for path in file.paths}
        self._published: dict[str, set[str]] = {}

    def files_with(self, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
        """Take the files of a document; yield the copies for the account's own folder."""
        for path, content in files.items():
            account = self._owners[path]
            self._published.setdefault(account, set()).add(path)
            if self._alone:
                yield f"site/accounts/{account}/{path}", content

    def pages(
        self, renderer: Renderer, figures: RunFigures, discrepancies: DataFrame, outbox: DataFrame
    ) -> Iterator[tuple[str, bytes]]:
        """Yield the pages, once every document and message is known."""
        site, snapshot = SiteRenderer(renderer), self._month.snapshot
        for page in self._pages:
            yield f"site/accounts/{page.account}/index.html", self._account(site, page).encode()
        report = build_discrepancy_page(discrepancies, snapshot, self._pages, self._month.period)
        runs = (*totals_before(self._recorded), *run_totals(figures.period, figures.as_of, summary_json(figures)))
        index = build_index(build_summary(figures), snapshot, self._pages, runs)
        yield "site/index.html", site.render_index(index).encode()
        yield "site/discrepancies.html", site.render_discrepancies(report).encode()
        accounts = (page.account for page in self._pages)
        messages = build_outbox_page(outbox, snapshot, self._month.period, accounts)
        yield "site/outbox.html", site.render_outbox(messages, "../outbox/").encode()
        yield from self._help(site)

    def _account(self, site: SiteRenderer, page: AccountPage) -> str:
        base, help_base = ("", "") if self._alone else (_TO_RUN_FOLDER, _TO_SITE_FOLDER)
        return site.render_account(page, self._published.get(page.account, set()), base, help_base)

    def _help(self, site: SiteRenderer) -> Iterator[tuple[str, bytes]]:
        """Yield the portal's own page of help where the issuer names no place for it."""
        settings = self._month.snapshot.settings
        if settings.contact_point.help_url:
            return
        page = build_help_page(settings.issuer, settings.contact_point, help_texts())
        content = site.render_help(page).encode()
        yield f"site/{HELP_FILE}", content
        if self._alone:
            yield from ((f"site/accounts/{own.account}/{HELP_FILE}", content) for own in self._pages)


def _tables(month: Month) -> PortalTables:
    period = str(month.period)
    return PortalTables(
        usage_reports=month.usage_reports,
        charges=month.charges,
        lines=month.lines[month.lines["period"].eq(period)],
        standings={own.account: standing(own) for own in month.care.standings},
    )
