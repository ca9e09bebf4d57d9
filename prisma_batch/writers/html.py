"""Statements, invoice copies, the summary and the bodies of mails, rendered from the packaged templates."""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.views.help import help_link
from prisma_batch.views.hours import opening_hours
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.message import Message
from prisma_batch.views.notices.layout import Notice
from prisma_batch.views.statement_parts import Statement
from prisma_batch.writers.catalogs import SOURCE_LANGUAGE, read_catalogs, spoken, untranslated
from prisma_batch.writers.colours import DEFAULT_COLOURS, colours_of
from prisma_batch.writers.environment import template_environment
from prisma_batch.writers.texts import one_line, ordinary_spaces

if TYPE_CHECKING:  # else a process that makes documents would import pandas
    from prisma_batch.views.summary import RunSummary

_IMAGE_TYPES = {"svg": "svg+xml", "png": "png", "jpg": "jpeg", "jpeg": "jpeg"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AttachedFile:
    """A file that goes along with a mail, as it is."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class RenderedMail:
    subject: str
    text: str
    html: str


class Renderer:
    """Renders views with one sandboxed environment; templates come from the packaged folder, never from a workspace."""

    def __init__(self, templates: Path, logo: tuple[str, bytes] | None = None) -> None:
        """Take the templates and, where the issuer has one, the name and the content of its logo."""
        self.logo = _data_uri(*logo) if logo else ""
        self._templates = templates
        self._catalogs = read_catalogs(templates)
        self.untranslated = untranslated(self._catalogs)
        self._environment = template_environment(templates, self._catalogs)
        self._sources: dict[str, str] = {}
        self._styles: dict[tuple[str, ...], str] = {}

    def source(self, name: str) -> str:
        """Return a packaged style sheet or script as it stands."""
        if name not in self._sources:
            self._sources[name] = (self._templates / name).read_text(encoding="utf-8")
        return self._sources[name]

    def style(self, names: Sequence[str], issuer: Issuer) -> str:
        """Return style sheets, one after the other, in the issuer's colours."""
        key = (*names, *colours_of(issuer).values())
        if key not in self._styles:
            self._styles[key] = _coloured("".join(map(self.source, names)), issuer)
        return self._styles[key]

    def render_statement(self, statement: Statement) -> str:
        """Return the statement as a self-contained HTML page."""
        return self._page("statement.html.j2", statement)

    def render_invoice(self, copy: InvoiceCopy) -> str:
        """Return the copy of a document as a self-contained HTML page."""
        return self._page("invoice.html.j2", copy)

    def render_summary(self, summary: "RunSummary") -> str:
        """Return ``summary.md``."""
        return self.render("summary.md.j2", SOURCE_LANGUAGE, view=summary)

    def render_mail(self, message: Message, files: Sequence[AttachedFile] = ()) -> RenderedMail:
        """Return the subject, text and HTML of a message that has a body; the text lists the files' SHA-256."""
        values = {
            **common_values(message.issuer, message.contact_point, f"mails/{message.kind}"),
            "message": message,
            "view": message.body,
            "files": tuple(files),
            "colours": colours_of(message.issuer),
        }
        language = message.language
        kind = "notice" if isinstance(message.body, Notice) else message.kind
        subject = one_line(ordinary_spaces(self.render(f"mail/{kind}.subject.j2", language, **values).strip()))
        text = ordinary_spaces(self.render(f"mail/{kind}.txt.j2", language, **values))
        html = self.render(f"mail/{kind}.html.j2", language, **values)
        return RenderedMail(subject=subject, text=text, html=html)

    def _page(self, template: str, view: Statement | InvoiceCopy) -> str:
        style = self.style(["style.css"], view.issuer)
        values = {"style": Markup(style), "style_hash": content_hash(style), "logo": self.logo, "view": view}  # noqa: S704 - ours, and checked
        common = common_values(view.issuer, view.contact_point, view.help_page)
        return self.render(template, view.language, **common, **values)

    def render(self, template: str, language: str, **values: Any) -> str:
        """Return what a template makes of values in a language, or in English where there is no catalog."""
        language = spoken(language, self._catalogs)
        return self._environment.get_template(template).render(language=language, **values)


def _data_uri(name: str, content: bytes) -> str:
    suffix = name.rpartition(".")[2]
    return f"data:image/{_IMAGE_TYPES[suffix]};base64,{base64.b64encode(content).decode()}"


@lru_cache(maxsize=16)
def content_hash(text: str) -> str:
    """Return the source expression by which a content security policy allows an inline text."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def common_values(issuer: Issuer, contact_point: ContactPoint, help_page: str) -> dict[str, Any]:
    """Return what every page and mail says."""
    return {
        "issuer": issuer,
        "contact_point": contact_point,
        "hours": opening_hours(contact_point.hours),
        "help": help_link(contact_point, help_page),
    }


def _coloured(style: str, issuer: Issuer) -> str:
    for name, colour in colours_of(issuer).items():
        style = style.replace(DEFAULT_COLOURS[name], colour)
    return style
