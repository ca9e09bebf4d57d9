"""What is not said in a customer's language is reported, and falls back."""

from dataclasses import replace
from pathlib import Path

import pytest

from prisma_batch.readers.resources import resource_folder
from prisma_batch.views.messages import notice_messages
from prisma_batch.views.translations import missing_translations
from prisma_batch.writers.catalogs import read_catalogs, untranslated
from tests.views.sample_notices import notice_state

COMPLETE = untranslated(read_catalogs(resource_folder("templates")))


def found(language: str, catalogs: dict[str, int]) -> list[str]:
    state = notice_state(language)
    own = {"ACME-001": replace(state.snapshot.customers["ACME-001"], source="contacts/ACME-001.yaml")}
    announcements = tuple(replace(one, source="cases/announcements/a.yaml") for one in state.snapshot.announcements)
    records = replace(state.snapshot, customers=own, announcements=announcements)
    findings = missing_translations(records, list(notice_messages(state)), catalogs)
    return [f"{one.source}: {one.message}" for one in findings]


def test_the_catalogs_lack_nothing() -> None:
    assert COMPLETE == {"en": 0, "de": 0, "nl": 0, "fr": 0}


@pytest.mark.parametrize("language", ["en", "de", "de-AT"])
def test_what_is_there_is_not_reported(language: str) -> None:
    assert found(language, dict(COMPLETE)) == []


def test_a_language_without_words_is_reported() -> None:
    assert found("es", dict(COMPLETE)) == [
        "contacts/ACME-001.yaml: there is no translation into es: its documents and mails are in English",
        "cases/announcements/a.yaml: there is no text in es: it goes out in another language",
    ]


def test_an_announcement_without_a_text_is_reported() -> None:
    assert found("fr", dict(COMPLETE)) == [
        "cases/announcements/a.yaml: there is no text in fr: it goes out in another language"
    ]


def test_a_catalog_that_lacks_sentences_is_reported(tmp_path: Path) -> None:
    for language, messages in {"de": ("One", "Two", "Three"), "nl": ("One",)}.items():
        folder = tmp_path / "locale" / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        entries = "".join(f'msgid "{message}"\nmsgstr "{message}"\n\n' for message in messages)
        (folder / "messages.po").write_text(entries, encoding="utf-8")
    catalogs = dict(untranslated(read_catalogs(tmp_path)))
    assert catalogs == {"en": 0, "de": 0, "nl": 2}
    assert (
        found("nl", catalogs)[0]
        == "contacts/ACME-001.yaml: 2 sentences are not translated into nl: they are in English"
    )
