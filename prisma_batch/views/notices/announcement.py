"""``announcement``: a text of the issuer for many customers, each in their language as far as it has one."""

from collections.abc import Iterator, Mapping

from prisma_batch.records.cases import Announcement, Audience
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.notices.layout import Notice, Text, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import language_of


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each account in the audience of an announcement that is dated in the span."""
    for announcement in state.snapshot.announcements:
        if state.is_news(announcement.date):
            for account in _accounts(state.snapshot, announcement.audience):
                key = f"announcement.{announcement.id}.{account}"
                yield Planned(key=key, account=account, body=_body(announcement, language_of(state.snapshot, account)))


def _accounts(snapshot: Snapshot, audience: Audience) -> Iterator[str]:
    for account, customer in sorted(snapshot.customers.items()):
        agreement = snapshot.agreements.get(account)
        programs = {rate.program for rate in agreement.rates} if agreement else set()
        wanted = (
            not audience.partners or customer.partner in audience.partners,
            not audience.accounts or account in audience.accounts,
            not audience.programs or bool(programs.intersection(audience.programs)),
        )
        if audience.everyone or all(wanted):
            yield account


def _body(announcement: Announcement, language: str) -> Notice:
    text, subject = _in(announcement.text, language), _in(announcement.subject, language)
    # The issuer's words are no sentence of the catalogs: they are a value.
    title = say("%(text)s", text=subject) if subject else say("A message to our customers")
    paragraphs = [Text("%(text)s", {"text": part.strip()}) for part in text.split("\n\n") if part.strip()]
    return Notice(subject=title, title=title, action=(paragraphs[0],), closing=tuple(paragraphs[1:]))


def _in(texts: Mapping[str, str], language: str) -> str:
    """Return the text in a language, in English, or in the language that comes first."""
    wanted = (language, language.partition("-")[0], "en", *sorted(texts))
    return next((texts[own] for own in wanted if own in texts), "")
