"""Mails as ``.eml`` files: the same message always gives the same bytes, and nothing in a name becomes a header.

Source: RFC 5322, RFC 2045 (boundaries), RFC 3834 (Auto-Submitted).
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import quote
from itertools import starmap

from prisma_batch.records.journal import ABOUT_HEADER, ACT_BY_HEADER, SUBSTANCE_HEADER
from prisma_batch.views.message import Message, Recipient
from prisma_batch.writers.html import AttachedFile, RenderedMail
from prisma_batch.writers.texts import one_line

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_LINE_LENGTH = 66  # what is left of 78 after "Reply-To: " and a comma
_CRLF = "\r\n"
_QUOTED_NAME_MAX = 60  # a longer one is encoded in words of 75 characters, which fold anywhere


def build_eml(message: Message, rendered: RenderedMail, files: Sequence[AttachedFile] = ()) -> bytes:
    """Return a message as a file without ``Date``, which is added when it is sent.

    Args:
        message: to whom and from whom; all recipients are visible to each other.
        rendered: subject, text and HTML.
        files: attachments in order.
    Raises:
        ValueError: an address that no header can hold, such as one with a line break.
    """
    mail = EmailMessage(SMTP)
    mail["Message-ID"] = message_id(message)
    mail["Auto-Submitted"] = "auto-generated"
    if message.about:
        mail[ABOUT_HEADER] = ", ".join(message.about)
    if message.act_by:
        mail[ACT_BY_HEADER] = str(message.act_by)
    mail[SUBSTANCE_HEADER] = message.substance
    mail.set_content(rendered.text, cte="quoted-printable")
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    mail.make_mixed()
    for file in files:
        maintype, subtype = _media_type(file.name)
        mail.add_attachment(file.content, maintype=maintype, subtype=subtype, filename=file.name)
    _set_boundaries(mail, _digest(message.key, message.revision))
    sender = [Recipient(name=message.issuer.legal_name, email=message.contact_point.email)]
    addresses = (("From", sender), ("Reply-To", sender), ("To", message.to))
    headers = [*starmap(_address_header, addresses), _subject_header(one_line(rendered.subject))]
    return b"".join([*headers, mail.as_bytes()])


def message_id(message: Message) -> str:
    """Return the Message-ID that follows from the key and the revision, so that no retry makes a second message."""
    domain = _ascii_domain(message.contact_point.email.rpartition("@")[2])
    return identifier(message.key, message.revision, domain)


def identifier(key: str, revision: int, domain: str) -> str:
    """Return the Message-ID of a key and revision at an ASCII domain."""
    return f"<{_digest(key, revision)[:32]}@{domain}>"


def _digest(key: str, revision: int) -> str:
    return hashlib.sha256(f"{key}#{revision}".encode()).hexdigest()


def _subject_header(subject: str) -> bytes:
    if subject.isascii():
        return SMTP.fold_binary("Subject", subject)
    # Encoded whole: where only its last word is, email.message folds before that, and readers see one space more.
    return f"Subject: {Header(subject, 'utf-8', header_name='Subject').encode(linesep=_CRLF)}{_CRLF}".encode("ascii")


def _address_header(header: str, recipients: Sequence[Recipient]) -> bytes:
    # By hand: email.message takes the quotes off a name that it folds, and its commas then separate recipients
    # (CPython 3.11).
    addresses = ",\r\n ".join(map(_named_address, recipients))
    return f"{header}: {addresses}\r\n".encode("ascii")


def _named_address(recipient: Recipient) -> str:
    phrase, address = _phrase(recipient.name), f"<{_ascii_address(recipient.email)}>"
    fits = len(phrase) + len(address) < _LINE_LENGTH
    return f"{phrase} {address}" if fits else f"{phrase}\r\n {address}"


def _phrase(name: str) -> str:
    name = one_line(name)
    if name.isascii() and len(name) <= _QUOTED_NAME_MAX:
        return f'"{quote(name)}"'
    return Header(name, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def _ascii_address(email: str) -> str:
    local, _, domain = email.rpartition("@")
    address = f"{local}@{_ascii_domain(domain)}"
    if not _ADDRESS.fullmatch(address):
        raise ValueError("an e-mail address cannot stand in a header")
    return address


def _ascii_domain(domain: str) -> str:
    return domain.encode("idna").decode("ascii")


def _media_type(name: str) -> tuple[str, str]:
    media_types = {".html": "text/html", ".csv": "text/csv", ".pdf": "application/pdf"}
    suffix = "." + name.rpartition(".")[2]
    maintype, _, subtype = media_types.get(suffix, "application/octet-stream").partition("/")
    return maintype, subtype


def _set_boundaries(mail: EmailMessage, digest: str) -> None:
    # "=_" occurs in neither quoted-printable nor base64, so no content can hold a boundary.
    multiparts: Iterable[EmailMessage] = (part for part in mail.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{digest[:24]}_{number}")
