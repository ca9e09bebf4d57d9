"""The parts of a mail have the bytes that email.message gives them."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP, default

import pytest

from prisma_batch.writers.mime import header_lines, mime_content, subject_lines

BOUNDARY = "=_0123456789abcdef01234567"
TEXTS = (
    "",
    "Please pay EUR 340.49.\n-- \nExample Services GmbH\n",
    "two\r\nkinds\rof\nlines",
    " \n \t\n",
    "x" * 200 + " ",
    "= " * 60 + "\n.\nFrom here\n",
    "é" * 77 + "\u2028 is no line, nor is \x0b\x0c\x85",
)
FILES = (
    (),
    (("statement-ACME-001-2026-10.pdf", bytes(range(256)) * 9), ("statement-ACME-001-2026-10.csv", b"a,b\r\n1,2\r\n")),
    (("none.html", b""), ("other.bin", b"\n" * 57)),
    (("INV-" + "0" * 90 + ".pdf", b"long name"), ('"ünï".pdf', b"no name of ours")),
)


def by_the_library(text: str, html: str, files: tuple[tuple[str, bytes], ...]) -> bytes:
    mail = EmailMessage(SMTP)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.make_mixed()
    kinds = {"pdf": ("application", "pdf"), "csv": ("text", "csv"), "html": ("text", "html")}
    for name, content in files:
        maintype, subtype = kinds.get(name.rpartition(".")[2], ("application", "octet-stream"))
        mail.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        part.set_boundary(f"{BOUNDARY}_{number}")
    return mail.as_bytes()


@pytest.mark.parametrize("files", FILES)
@pytest.mark.parametrize("text", TEXTS)
def test_parts_are_those_of_the_library(text: str, files: tuple[tuple[str, bytes], ...]) -> None:
    html = f"<p>{text}</p>"
    content = header_lines("MIME-Version", "1.0") + mime_content(text, html, files, BOUNDARY)
    assert content == by_the_library(text, html, files)


@pytest.mark.parametrize("value", ["a\nBcc: b@c.example", "a\r\n\r\n<p>", "a\rb"])
def test_a_header_is_one_header(value: str) -> None:
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        header_lines("Subject", value)
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        subject_lines(f"é{value}")


def test_a_long_header_is_folded() -> None:
    lines = header_lines("Subject", "Invoice é " * 30).split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert all(line.startswith(b" ") for line in lines[1:-1])


@pytest.mark.parametrize(
    "subject", ["Statement of account DELTA-004: EUR 147.94 due on Dec 5, 2026 …", "日本 " * 60 + ".", "EUR 1.00"]
)
def test_subjects_are_read_back_as_they_were_meant(subject: str) -> None:
    """Spaces count: where only the last word is encoded, email.message gives one more."""
    read = message_from_bytes(subject_lines(subject) + b"\r\n", policy=default)
    assert read["Subject"] == subject
