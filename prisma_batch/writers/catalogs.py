"""Message catalogs: ``locale/<language>/LC_MESSAGES/messages.po``, read as they are committed."""

from collections.abc import Mapping
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.localedata import locale_identifiers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

SOURCE_LANGUAGE = "en"


def read_catalogs(templates: Path) -> Mapping[str, GNUTranslations]:
    """Return the translations by language; a message that one lacks stays English."""
    files = sorted((templates / "locale").glob("*/LC_MESSAGES/messages.po"))
    return {file.parents[1].name: _translations(file) for file in files}


def untranslated(catalogs: Mapping[str, GNUTranslations]) -> Mapping[str, int]:
    """Return how many sentences each language lacks of those that any other has; English lacks none."""
    known = {
        language: {_sentence(key) for key in catalog._catalog}  # type: ignore[attr-defined] # noqa: SLF001 - the only list
        for language, catalog in catalogs.items()
    }
    every = set().union(*known.values())
    return {SOURCE_LANGUAGE: 0} | {language: len(every - own) for language, own in known.items()}


def _sentence(key: "str | tuple[str, int]") -> str:
    return key if isinstance(key, str) else key[0]


def spoken(language: str, catalogs: Mapping[str, GNUTranslations]) -> str:
    """Return the language a document is written in: the one asked for where there is a catalog, else English."""
    primary = language.partition("-")[0]
    if primary not in {SOURCE_LANGUAGE, *catalogs}:
        return SOURCE_LANGUAGE
    return language if language.replace("-", "_") in locale_identifiers() else primary


def _translations(file: Path) -> GNUTranslations:
    compiled = BytesIO()
    with file.open("rb") as stream:
        write_mo(compiled, read_po(stream, locale=file.parents[1].name))
    compiled.seek(0)
    return GNUTranslations(compiled)
