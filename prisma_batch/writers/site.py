"""The portal as pages that need nothing else: no server, no script, no file beside them but the documents."""

from collections.abc import Set as AbstractSet

from markupsafe import Markup

from prisma_batch.views.help import HelpPage, help_link, portal_help_link
from prisma_batch.views.outbox_page import OutboxPage
from prisma_batch.views.portal_parts import AccountPage, DiscrepancyPage, PortalIndex
from prisma_batch.writers.catalogs import SOURCE_LANGUAGE
from prisma_batch.writers.html import Renderer, common_values, content_hash


class SiteRenderer:
    """Renders the portal's pages with the renderer of all other pages."""

    def __init__(self, pages: Renderer) -> None:
        self._pages = pages
        self._script = pages.source("site/portal.js")

    def render_account(self, page: AccountPage, published: AbstractSet[str], base: str, help_base: str = "") -> str:
        """Return an account's page.

        Args:
            published: the files of documents that exist, by their path in the run's folder.
            base: leads from the page to where these lie.
            help_base: leads from it to where the portal's own page of help lies.
        """
        topic = f"statuses/{page.standing.status}" if page.standing else "index"
        link = portal_help_link(page.contact_point, topic, help_base)
        return self._page("site/account.html.j2", page.language, page, link, published=published, base=base)

    def render_help(self, page: HelpPage) -> str:
        """Return the portal's own page of help."""
        return self._page("site/help.html.j2", SOURCE_LANGUAGE, page, "")

    def render_index(self, index: PortalIndex) -> str:
        """Return the page of all accounts, for finance."""
        link = portal_help_link(index.contact_point, "index", "")
        return self._page("site/index.html.j2", SOURCE_LANGUAGE, index, link)

    def render_discrepancies(self, page: DiscrepancyPage) -> str:
        """Return the report of discrepancies, for finance."""
        point = page.contact_point
        links = {row.kind: portal_help_link(point, f"discrepancies/{row.kind}", "") for row in page.rows}
        link = portal_help_link(point, "index", "")
        return self._page("site/discrepancies.html.j2", SOURCE_LANGUAGE, page, link, help_links=links)

    def render_outbox(self, page: OutboxPage, base: str) -> str:
        """Return the page of all messages, for finance; ``base`` leads from it to the mails."""
        point = page.contact_point
        # Between runs there is no portal beside it.
        link = portal_help_link(point, "index", "") if page.accounts else help_link(point, "index")
        return self._page("site/outbox.html.j2", SOURCE_LANGUAGE, page, link, base=base)

    def _page(
        self,
        template: str,
        language: str,
        view: AccountPage | PortalIndex | DiscrepancyPage | OutboxPage | HelpPage,
        link: str,
        **values: object,
    ) -> str:
        style = self._pages.style(("style.css", "site/site.css"), view.issuer)
        common = common_values(view.issuer, view.contact_point, "index")
        return self._pages.render(
            template,
            language,
            **common | {"help": link},
            style=Markup(style),  # noqa: S704 - ours, and checked
            style_hash=content_hash(style),
            script=Markup(self._script),  # noqa: S704 - ours
            script_hash=content_hash(self._script),
            logo=self._pages.logo,
            view=view,
            **values,
        )
