"""Notices as mails: texts as goldens, everything translated, the contact point on each."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import pytest

from prisma_batch.readers.resources import resource_folder
from prisma_batch.views.message import Message, Recipient
from prisma_batch.views.messages import notice_messages
from prisma_batch.views.notices.registry import NOTICE_KINDS
from prisma_batch.writers.html import Renderer
from prisma_batch.writers.mail import build_eml
from tests.views.sample_notices import notice_state

GOLDEN = Path(__file__).parent / "golden" / "mail"
RENDERER = Renderer(resource_folder("templates"))
KINDS = sorted({own.kind for own in NOTICE_KINDS})
LANGUAGES = ("en", "de", "nl", "fr")


def mails(language: str) -> dict[str, Message]:
    """A message of each kind, to somebody."""
    jane = (Recipient(name="Jane Doe", email="jane.doe@acme-001.example"),)
    return {
        message.kind: replace(message, to=message.to or jane) for message in notice_messages(notice_state(language))
    }


@pytest.mark.parametrize("kind", KINDS)
def test_texts_match_their_goldens(golden: Callable[[Path, str], None], kind: str) -> None:
    for language in LANGUAGES if kind in {"payment_reminder", "case_acknowledged"} else ("en",):
        rendered = RENDERER.render_mail(mails(language)[kind])
        golden(GOLDEN / f"{kind}.{language}.txt", f"{rendered.subject}\n\n{rendered.text}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_notice_says_whom_to_ask(kind: str, language: str) -> None:
    rendered = RENDERER.render_mail(mails(language)[kind])
    for text in (rendered.text, rendered.html):
        assert "+493012345678" in text
        assert "billing@issuer.example" in text
        assert "https://chat.issuer.example/billing" in text
        assert "{{" not in text


def test_what_the_journal_and_the_sender_are_told_is_in_headers() -> None:
    message = mails("en")["payment_reminder"]
    mail = message_from_bytes(build_eml(message, RENDERER.render_mail(message)), policy=SMTP)
    assert tuple(mail["X-Prisma-About"].split(", ")) == message.about
    assert mail["X-Prisma-Act-By"] == str(message.act_by)


def test_markup_in_a_record_is_text() -> None:
    state = notice_state()
    hostile = tuple(replace(case, subject="<script>alert(1)</script> %(case)s 100 %") for case in state.snapshot.cases)
    changed = notice_state(snapshot=replace(state.snapshot, cases=hostile))
    message = next(own for own in notice_messages(changed) if own.kind == "case_acknowledged")
    rendered = RENDERER.render_mail(message)
    assert "<script>" not in rendered.html
    assert "<script>alert(1)</script> %(case)s 100 %" in rendered.text
