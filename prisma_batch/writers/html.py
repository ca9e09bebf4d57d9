"""Statements, invoice copies, the summary and the bodies of mails, rendered from the packaged templates."""

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.views.help import help_link
from prisma_batch.views.hours import opening_hours
from prisma_batch.views.invoice_copy import InvoiceCopy
from prisma_batch.views.messages import Message
from prisma_batch.views.notices.layout import Notice
from prisma_batch.views.statement import Statement
from prisma_batch.views.summary import RunSummary
from prisma_batch.writers.catalogs import SOURCE_LANGUAGE, read_catalogs, spoken, untranslated
from prisma_batch.writers.colours import DEFAULT_COLOURS, colours_of
from prisma_batch.writers.texts import FILTERS, finalize, one_line, ordinary_spaces

_IMAGE_TYPES = {"svg": "svg+xml", "png": "png", "jpg": "jpeg", "jpeg": "jpeg"}
_INLINER = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


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


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, asked once about each attribute of a type: its answer depends on nothing else."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._answers: dict[tuple[type, str], bool] = {}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        key = (type(obj), attr)
        if key not in self._answers:
            self._answers[key] = super().is_safe_attribute(obj, attr, value)
        return self._answers[key]


class Renderer:
    """Renders views with one sandboxed environment; templates come from the packaged folder, never from a workspace."""

    def __init__(self, templates: Path, logo: tuple[str, bytes] | None = None) -> None:
        """Take the templates and, where the issuer has one, the name and the content of its logo."""
        self.logo = _data_uri(*logo) if logo else ""
        self._templates = templates
        self._catalogs = read_catalogs(templates)
        self.untranslated = untranslated(self._catalogs)
        self._environment = _environment(templates, self._catalogs)
        self._sources: dict[str, str] = {}

    def source(self, name: str) -> str:
        """Return a packaged style sheet or script as it stands."""
        if name not in self._sources:
            self._sources[name] = (self._templates / name).read_text(encoding="utf-8")
        return self._sources[name]

    def style(self, names: Sequence[str], issuer: Issuer) -> str:
        """Return style sheets, one after the other, in the issuer's colours."""
        return _coloured("".join(map(self.source, names)), issuer)

    def render_statement(self, statement: Statement) -> str:
        """Return the statement as a self-contained HTML page."""
        return self._page("statement.html.j2", statement)

    def render_invoice(self, copy: InvoiceCopy) -> str:
        """Return the copy of a document as a self-contained HTML page."""
        return self._page("invoice.html.j2", copy)

    def render_summary(self, summary: RunSummary) -> str:
        """Return ``summary.md``."""
        return self.render("summary.md.j2", SOURCE_LANGUAGE, view=summary)

    def render_mail(self, message: Message, files: Sequence[AttachedFile] = ()) -> RenderedMail:
        """Return the subject, text and HTML of a message that has a body; the text lists the files' SHA-256."""
        values = {
            **common_values(message.issuer, message.contact_point, f"mails/{message.kind}"),
            "message": message,
            "view": message.body,
            "files": tuple(files),
            "style": Markup(self.style(["mail/style.css"], message.issuer)),  # noqa: S704 - ours, and checked
        }
        language = message.language
        kind = "notice" if isinstance(message.body, Notice) else message.kind
        subject = one_line(ordinary_spaces(self.render(f"mail/{kind}.subject.j2", language, **values).strip()))
        text = ordinary_spaces(self.render(f"mail/{kind}.txt.j2", language, **values))
        html = self.render(f"mail/{kind}.html.j2", language, **values)
        return RenderedMail(subject=subject, text=text, html=_INLINER.inline(html))

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


def _environment(templates: Path, catalogs: Mapping[str, GNUTranslations]) -> Environment:
    environment = _Sandbox(
        loader=FileSystemLoader(templates),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        extensions=["jinja2.ext.i18n"],
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters.update(FILTERS)
    one, many = _translators(catalogs)
    environment.install_gettext_callables(one, many, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _translators(catalogs: Mapping[str, GNUTranslations]) -> tuple[Callable[..., str], Callable[..., str]]:
    english = NullTranslations()

    @pass_context
    def gettext(context: Context, message: str) -> str:
        return _catalog(context).gettext(message)

    @pass_context
    def ngettext(context: Context, one: str, many: str, number: int) -> str:
        return _catalog(context).ngettext(one, many, number)

    def _catalog(context: Context) -> NullTranslations:
        return catalogs.get(context["language"].partition("-")[0], english)

    return gettext, ngettext
