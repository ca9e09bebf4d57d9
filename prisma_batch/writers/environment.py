"""The environment of all templates: a sandbox that prints words and figures in the language of the page."""

from collections.abc import Callable, Mapping
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, nodes, pass_context, select_autoescape
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from prisma_batch.writers.colours import DEFAULT_COLOURS
from prisma_batch.writers.mail_styles import styled
from prisma_batch.writers.texts import FILTERS, TAGS, finalize, language_of


class _Generator(CodeGenerator):
    """Looks messages without values up, and prints them and amounts as they are: a page has hundreds of them."""

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802 - Jinja's
        message = _message_without_values(node)
        if message is None:
            super().visit_Call(node, frame, forward_caller=forward_caller)
        else:
            self.write(f"environment.said(context, {message!r})")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not _is_markup_of_ours(node):
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if not _is_markup_of_ours(node):
            super()._output_child_post(node, frame, finalize)


def _is_markup_of_ours(node: nodes.Expr) -> bool:
    """Say whether what is printed needs neither escaping nor cleaning."""
    return (isinstance(node, nodes.Filter) and node.name in TAGS) or (
        isinstance(node, nodes.Call) and _message_without_values(node) is not None
    )


def _message_without_values(node: nodes.Call) -> str | None:
    is_plain = isinstance(node.node, nodes.Name) and node.node.name == "_" and not node.kwargs
    match node.args:
        case [nodes.Const(value=str(message))] if is_plain:
            return message
    return None


class _Templates(FileSystemLoader):
    """The templates of a folder; those of mails have their styles on their elements, in the issuer's colours."""

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, is_current = super().get_source(environment, template)
        if template.startswith("mail/") and template.endswith(".html.j2"):
            source = styled(source, super().get_source(environment, "mail/style.css")[0])
            for name, colour in DEFAULT_COLOURS.items():
                source = source.replace(colour, f"{{{{ colours.{name} }}}}")
        return source, path, is_current


class _CompiledTemplates(BytecodeCache):
    """Templates by name and text: a process that runs several months compiles each once."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = _CompiledTemplates()


class _Sandbox(ImmutableSandboxedEnvironment):
    """The sandbox, asked once about each attribute of a type: its answer depends on nothing else."""

    code_generator_class = _Generator

    def __init__(self, catalogs: Mapping[str, NullTranslations], **options: Any) -> None:
        super().__init__(**options)
        self._catalogs, self._english = catalogs, NullTranslations()
        self._said: dict[tuple[str, str], Markup] = {}
        self._safe: set[tuple[type, str]] = set()

    def getattr(self, obj: Any, attribute: str) -> Any:
        if (type(obj), attribute) in self._safe:
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        is_safe = super().is_safe_attribute(obj, attr, value)
        # What formats a text is given anew for each text, so that is asked every time.
        if is_safe and not isinstance(obj, str):
            self._safe.add((type(obj), attr))
        return is_safe

    def catalog(self, context: Context) -> NullTranslations:
        """Return the translations into the language of a page."""
        return self._catalogs.get(language_of(context).partition("-")[0], self._english)

    def said(self, context: Context, message: str) -> Markup:
        """Return a message that has no values; it is ours, and needs no escaping."""
        key = (language_of(context), message)
        if key not in self._said:
            self._said[key] = Markup(self.catalog(context).gettext(message) % {})  # noqa: S704 - ours
        return self._said[key]


def template_environment(templates: Path, catalogs: Mapping[str, GNUTranslations]) -> Environment:
    """Return what renders the templates of a folder; its pages need ``language`` among their values."""
    environment = _Sandbox(
        catalogs,
        loader=_Templates(templates),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default_for_string=True),
        extensions=["jinja2.ext.i18n"],
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
        bytecode_cache=_COMPILED,
    )
    environment.filters.update({**FILTERS, **TAGS})
    one, many = _translators(environment)
    environment.install_gettext_callables(one, many, newstyle=True)  # type: ignore[attr-defined]
    return environment


def _translators(environment: _Sandbox) -> tuple[Callable[..., str], Callable[..., str]]:
    @pass_context
    def gettext(context: Context, message: str) -> str:
        return environment.catalog(context).gettext(message)

    @pass_context
    def ngettext(context: Context, one: str, many: str, number: int) -> str:
        return environment.catalog(context).ngettext(one, many, number)

    return gettext, ngettext
