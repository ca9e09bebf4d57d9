"""What is not said in a customer's language: it falls back to English, or to the language that comes first."""

from collections.abc import Collection, Iterator, Mapping

from prisma_batch.base.findings import Finding
from prisma_batch.records.cases import Announcement
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.message import Message


def missing_translations(
    snapshot: Snapshot, messages: Collection[Message], untranslated: Mapping[str, int]
) -> Iterator[Finding]:
    """Yield the warning ``translation-missing`` for each language of customers or announcement that lacks words.

    Args:
        messages: those of the run.
        untranslated: how many sentences each language of the catalogs lacks; others have none at all.
    """
    first: dict[str, str] = {}
    for customer in snapshot.customers.values():
        first.setdefault(customer.language.partition("-")[0], customer.source)
    for language, source in sorted(first.items()):
        if language not in untranslated:
            yield _finding(source, f"there is no translation into {language}: its documents and mails are in English")
        elif untranslated[language]:
            count = untranslated[language]
            yield _finding(source, f"{count} sentences are not translated into {language}: they are in English")
    for announcement in snapshot.announcements:
        prefix = f"announcement.{announcement.id}."
        for language in sorted({message.language for message in messages if message.key.startswith(prefix)}):
            yield from _lacking(announcement, language)


def _lacking(announcement: Announcement, language: str) -> Iterator[Finding]:
    own = {language, language.partition("-")[0]}
    if own.isdisjoint(announcement.text):
        yield _finding(announcement.source, f"there is no text in {language}: it goes out in another language")


def _finding(source: str, message: str) -> Finding:
    return Finding(
        code="translation-missing",
        message=message,
        remedy="add the translation, or give the customer another language",
        source=source,
        severity="warning",
    )
