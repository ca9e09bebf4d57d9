"""Mails as ``.eml`` files: the same message always gives the same bytes, and nothing in a name becomes a header.

Source: RFC 5322, RFC 3834 (Auto-Submitted).
"""

import hashlib
import re
from collections.abc import Sequence
from email.header import Header
from email.utils import quote
from itertools import starmap

from prisma_batch.records.journal import ABOUT_HEADER, ACT_BY_HEADER, SUBSTANCE_HEADER
from prisma_batch.views.message import Message, Recipient
from prisma_batch.writers.html import AttachedFile, RenderedMail
from prisma_batch.writers.mime import header_lines, mime_content, subject_lines
from prisma_batch.writers.texts import one_line

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+")
_LINE_LENGTH = 66  # what is left of 78 after "Reply-To: " and a comma
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
    sender = [Recipient(name=message.issuer.legal_name, email=message.contact_point.email)]
    addresses = (("From", sender), ("Reply-To", sender), ("To", message.to))
    headers = [("Message-ID", message_id(message)), ("Auto-Submitted", "auto-generated")]
    if message.about:
        headers.append((ABOUT_HEADER, ", ".join(message.about)))
    if message.act_by:
        headers.append((ACT_BY_HEADER, str(message.act_by)))
    headers += [(SUBSTANCE_HEADER, message.substance), ("MIME-Version", "1.0")]
    boundary = f"=_{_digest(message.key, message.revision)[:24]}"
    content = mime_content(rendered.text, rendered.html, [(file.name, file.content) for file in files], boundary)
    subject = subject_lines(one_line(rendered.subject))
    return b"".join([*starmap(_address_header, addresses), subject, *starmap(header_lines, headers), content])


def message_id(message: Message) -> str:
    """Return the Message-ID that follows from the key and the revision, so that no retry makes a second message."""
    domain = _ascii_domain(message.contact_point.email.rpartition("@")[2])
    return identifier(message.key, message.revision, domain)


def identifier(key: str, revision: int, domain: str) -> str:
    """Return the Message-ID of a key and revision at an ASCII domain."""
    return f"<{_digest(key, revision)[:32]}@{domain}>"


def _digest(key: str, revision: int) -> str:
    return hashlib.sha256(f"{key}#{revision}".encode()).hexdigest()


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
