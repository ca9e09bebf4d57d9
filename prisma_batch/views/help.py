"""The pages of ``docs/help`` that documents, mails and the portal link to.

They are where the issuer publishes them; the portal has them itself where the issuer names no place.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from prisma_batch.records.settings import ContactPoint, Issuer

HELP_FILE = "help.html"
HELP_FOLDERS = ("statuses", "mails", "discrepancies")


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpTopic:
    """A page of help: its name such as ``statuses/overdue``, its title, and its text in Markdown."""

    name: str
    title: str
    text: str

    @property
    def anchor(self) -> str:
        return _anchor(self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class HelpPage:
    """All pages of help on one page of the portal, by folder."""

    issuer: Issuer
    contact_point: ContactPoint
    topics: Mapping[str, tuple[HelpTopic, ...]]


def build_help_page(issuer: Issuer, contact_point: ContactPoint, texts: Mapping[str, str]) -> HelpPage:
    """Build the portal's page of help from the texts of ``docs/help`` by name; each begins with its title."""
    topics = [_topic(name, text) for name, text in texts.items()]
    by_folder = {
        folder: tuple(sorted((own for own in topics if own.name.startswith(f"{folder}/")), key=lambda own: own.title))
        for folder in HELP_FOLDERS
    }
    return HelpPage(issuer=issuer, contact_point=contact_point, topics=by_folder)


def help_link(contact_point: ContactPoint, page: str) -> str:
    """Return the address of a page such as ``mails/payment_reminder``; nothing where the issuer names no place."""
    return (contact_point.help_url or "").replace("{page}", page)


def portal_help_link(contact_point: ContactPoint, page: str, base: str) -> str:
    """Return where a page of the portal finds help: where the issuer has it, else in the portal's own page.

    Args:
        base: leads from the page to the folder of the portal's own page.
    """
    return help_link(contact_point, page) or f"{base}{HELP_FILE}#{_anchor(page)}"


def _topic(name: str, text: str) -> HelpTopic:
    title, _, rest = text.partition("\n")
    return HelpTopic(name=name, title=title.removeprefix("# "), text=rest.strip())


def _anchor(page: str) -> str:
    return page.replace("/", "-")
