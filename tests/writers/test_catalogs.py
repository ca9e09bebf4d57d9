"""Every message that is printed has its words in every language."""

from collections.abc import Iterator
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from prisma_batch.writers.catalogs import read_catalogs, spoken

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
METHODS = [("**.j2", "jinja2.ext:babel_extract"), ("**.py", "python")]
KEYWORDS: Any = {"_": None, "ngettext": (1, 2), "N_": None, "say": None, "because": None, "count": (1, 2)}


def messages() -> Iterator[str]:
    for folder in (TEMPLATES, *(ROOT / "prisma_batch" / floor for floor in ("receivables", "views", "writers"))):
        options = {"**.j2": {"encoding": "utf-8"}}
        for _, _, found, _, _ in extract_from_dir(folder, METHODS, options, KEYWORDS):
            yield found if isinstance(found, str) else found[0]


def catalogs() -> dict[str, dict[str, list[str]]]:
    """The translations of each message by language; more than one where a number decides."""
    read = {}
    for file in sorted(TEMPLATES.glob("locale/*/LC_MESSAGES/messages.po")):
        with file.open("rb") as stream:
            entries = [message for message in read_po(stream) if message.id and not message.fuzzy]
        read[file.parents[1].name] = {source_of(entry.id): as_list(entry.string) for entry in entries}
    return read


def source_of(identifier: Any) -> str:
    return str(identifier if isinstance(identifier, str) else identifier[0])


def as_list(translated: Any) -> list[str]:
    return [translated] if isinstance(translated, str) else list(translated)


def placeholders(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]}


CATALOGS = catalogs()


def test_the_catalogs_are_german_dutch_and_french() -> None:
    assert sorted(CATALOGS) == ["de", "fr", "nl"]


@pytest.mark.parametrize("language", ["de", "fr", "nl"])
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    translated = {message for message, texts in CATALOGS[language].items() if all(texts)}
    assert set(messages()) == translated


@pytest.mark.parametrize("language", ["de", "fr", "nl"])
def test_translations_print_the_same_values(language: str) -> None:
    for message, texts in CATALOGS[language].items():
        for text in texts:
            assert placeholders(text) == placeholders(message), text


def test_catalogs_are_read_as_translations() -> None:
    german = read_catalogs(TEMPLATES)["de"]
    assert isinstance(german, GNUTranslations)
    assert german.gettext("Invoice") == "Rechnung"
    assert german.ngettext("%(num)s day overdue", "%(num)s days overdue", 1) == "%(num)s Tag überfällig"
    assert german.gettext("a message that nobody translated") == "a message that nobody translated"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en"), ("en-US", "en-US"), ("de", "de"), ("de-XX", "de"), ("xx", "en"), ("pt-BR", "en")],
)
def test_language_spoken(language: str, expected: str) -> None:
    assert spoken(language, read_catalogs(TEMPLATES)) == expected
