"""Mails: read back as they were written, the same bytes each time, and no header from a name."""

import email
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.message import Message, Recipient
from prisma_batch.views.messages import plan_messages
from prisma_batch.views.statement import build_statements
from prisma_batch.views.verification import VerificationNotice
from prisma_batch.writers.html import AttachedFile, Renderer
from prisma_batch.writers.mail import build_eml, message_id
from tests.views.sample_run import SPAN, invoice, receivables, snapshot, usage_report_states
from tests.writers.test_html import GOLDEN, HOSTILE, LANGUAGES

RENDERER = Renderer(Path(__file__).parents[2] / "templates")
KINDS = ("invoice_available", "statement_of_account", "usage_report_due", "contact_verification_due")


def planned(records: Snapshot) -> dict[str, Message]:
    statements = build_statements(receivables(), records, SPAN)
    messages = plan_messages(records, statements, usage_report_states(), SPAN)
    told = [message for message in messages if message.account == "ACME-001" and "CN-" not in message.key]
    return {message.kind: message if message.to else with_recipient(message, "Jane Doe") for message in told}


def with_recipient(message: Message, name: str) -> Message:
    return replace(message, to=(Recipient(name=name, email="jane.doe@acme-001.example"),))


def files_of(message: Message) -> list[AttachedFile]:
    return [AttachedFile(name=file.name, content=f"bytes of {file.path}\n".encode()) for file in message.attachments]


def built(message: Message) -> bytes:
    files = files_of(message)
    return build_eml(message, RENDERER.render_mail(message, files), files)


def read(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=default)


def parts(mail: EmailMessage) -> Iterator[tuple[str, str]]:
    for part in mail.walk():
        yield part.get_content_type(), part.get_filename() or ""


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_match_their_goldens(golden: Callable[[Path, str], None], kind: str, language: str) -> None:
    message = planned(snapshot(language=language))[kind]
    rendered = RENDERER.render_mail(message, files_of(message))
    golden(GOLDEN / "mail" / f"{kind}.{language}.txt", f"{rendered.subject}\n\n{rendered.text}")
    if language == "en":
        golden(GOLDEN / "mail" / f"{kind}.{language}.html", rendered.html)


def test_mail_is_text_and_html_with_its_files() -> None:
    mail = read(built(planned(snapshot())["statement_of_account"]))
    assert list(parts(mail)) == [
        ("multipart/mixed", ""),
        ("multipart/alternative", ""),
        ("text/plain", ""),
        ("text/html", ""),
        ("text/html", "statement-ACME-001-2026-10.html"),
        ("text/csv", "statement-ACME-001-2026-10.csv"),
    ]


def test_files_arrive_as_they_are_and_their_hash_is_in_the_text() -> None:
    message = planned(snapshot())["statement_of_account"]
    mail = read(built(message))
    for file, part in zip(files_of(message), mail.iter_attachments(), strict=True):
        assert part.get_payload(decode=True) == file.content
        assert f"{file.name}\n    SHA-256 {file.sha256}" in body(mail, "plain")


def test_headers_say_who_and_that_a_program_wrote() -> None:
    mail: Any = read(built(planned(snapshot())["invoice_available"]))
    assert [str(address) for address in mail["To"].addresses] == [
        "Jane Doe <jane.doe@acme-001.example>",
        '"John, Jr. O\'Neil" <john@acme-001.example>',
    ]
    assert str(mail["From"]) == str(mail["Reply-To"]) == "Example Services GmbH <billing@issuer.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "Invoice INV-2026-00123: EUR 340.49 due on Dec 10, 2026"
    assert mail["Date"] is None


def test_same_message_is_the_same_bytes() -> None:
    message = planned(snapshot())["statement_of_account"]
    assert built(message) == built(message)


def test_message_id_follows_from_key_and_revision() -> None:
    message = planned(snapshot())["invoice_available"]
    other_account = replace(message, account="B", to=())
    assert message_id(message) == message_id(other_account)
    assert message_id(message).endswith("@issuer.example>")
    assert len({message_id(m) for m in (message, replace(message, revision=2), replace(message, key="k"))}) == 3


def test_lines_are_as_long_as_mail_allows_and_end_in_crlf() -> None:
    content = built(with_recipient(planned(snapshot(name="ü" * 200))["invoice_available"], "é" * 200))
    lines = content.split(b"\r\n")
    assert b"\n" not in b"".join(lines)
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_make_no_header_and_no_markup(kind: str, name: str) -> None:
    message = with_recipient(planned(snapshot(name=name))[kind], name)
    if kind == "invoice_available":
        message = planned(replace(snapshot(name=name), documents=(replace(invoice(), purchase_order=name),)))[kind]
        message = with_recipient(message, name)
    if isinstance(message.body, VerificationNotice):
        contacts = tuple(replace(contact, name=name, command=name) for contact in message.body.contacts)
        message = replace(message, body=replace(message.body, contacts=contacts))
    mail: Any = read(built(message))
    assert [address.addr_spec for address in mail["To"].addresses] == ["jane.doe@acme-001.example"]
    assert mail["Bcc"] is None
    assert set(mail.keys()) == EXPECTED_HEADERS
    assert html.document_fromstring(body(mail, "html")).xpath("//script | //img | //@onerror") == []
    assert "\nBcc" not in body(mail, "plain")


@pytest.mark.parametrize(
    ("reminder", "lapsed", "beginning"), [(0, False, "Please"), (2, False, "Reminder: "), (3, True, "Overdue: ")]
)
def test_verification_says_how_late_it_is(reminder: int, *, lapsed: bool, beginning: str) -> None:
    message = planned(snapshot())["contact_verification_due"]
    assert isinstance(message.body, VerificationNotice)
    due = replace(message.body.due, reminder=reminder, lapsed=lapsed)
    rendered = RENDERER.render_mail(replace(message, body=replace(message.body, due=due)))
    assert rendered.subject.startswith(beginning)
    assert ("confirm now" in rendered.text, "confirm now" in rendered.html) == (lapsed, lapsed)


EXPECTED_HEADERS = {
    "From",
    "Reply-To",
    "To",
    "Subject",
    "Message-ID",
    "Auto-Submitted",
    "X-Prisma-Substance",
    "Content-Type",
    "MIME-Version",
}


@pytest.mark.parametrize("name", ["Doe, Jane", 'Jane "J" Doe', "Jane <x@y.example>", "a@b", "Jané (Ops)", ", y" * 20])
def test_display_names_are_read_back(name: str) -> None:
    mail: Any = read(built(with_recipient(planned(snapshot())["invoice_available"], name)))
    (address,) = mail["To"].addresses
    assert (address.display_name, address.addr_spec) == (name, "jane.doe@acme-001.example")


@pytest.mark.parametrize(
    "subject",
    [
        "Statement of account DELTA-004: EUR 147.94 due on Dec 5, 2026 …",
        "日本 " * 60 + ".",
        "EUR 1.00",
        "INV-1 " * 30 + ".",
    ],
)
def test_subjects_are_read_back_as_they_were_meant(subject: str) -> None:
    """Spaces count: where only the last word is encoded, email.message gives one more."""
    message = planned(snapshot())["invoice_available"]
    mail = build_eml(message, replace(RENDERER.render_mail(message), subject=subject))
    assert read(mail)["Subject"] == subject
    assert max(map(len, mail.partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78


def test_names_too_long_for_a_line_stay_one_name() -> None:
    mail: Any = read(built(with_recipient(planned(snapshot())["invoice_available"], "x, y <a@b.example>, " * 12)))
    (address,) = mail["To"].addresses
    assert address.addr_spec == "jane.doe@acme-001.example"
    assert address.display_name.replace(" ", "") == "x,y<a@b.example>," * 12


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "@b.example", "a", "a b@c.example", "é@b.example"],
)
def test_addresses_that_no_header_can_hold_are_refused(address: str) -> None:
    message = planned(snapshot())["invoice_available"]
    with pytest.raises(ValueError, match=r"."):
        built(replace(message, to=(Recipient(name="Jane", email=address),)))


def test_domains_of_other_alphabets_are_written_in_ascii() -> None:
    message = replace(planned(snapshot())["invoice_available"], to=(Recipient(name="J", email="j+x@bücher.example"),))
    mail: Any = read(built(message))
    assert mail["To"].addresses[0].addr_spec == "j+x@xn--bcher-kva.example"


@pytest.mark.parametrize("kind", KINDS)
def test_styles_are_inlined_and_nothing_is_loaded(kind: str) -> None:
    page = html.document_fromstring(RENDERER.render_mail(planned(snapshot())[kind]).html)
    assert page.xpath("//style | //link | //script | //@src") == []
    assert page.xpath('//p[@class="action"]/@style')


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_first_screen_says_what_to_do_and_whom_to_call(kind: str, language: str) -> None:
    rendered = RENDERER.render_mail(planned(snapshot(language=language))[kind])
    beginning = "\n".join(rendered.text.splitlines()[:4])
    assert "+493012345678" in beginning
    assert "billing@issuer.example" in beginning
    for printed in ("+493012345678", "billing@issuer.example", "09:00-12:00"):
        assert printed in rendered.text
        assert printed in rendered.html
