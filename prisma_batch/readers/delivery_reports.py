"""Read what mail servers report of mails that they could not deliver: hostile files among them harm nothing.

Source: RFC 3464 (delivery status notifications), RFC 3462 (multipart/report), RFC 6533 (addresses in UTF-8).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from pathlib import Path
from typing import Any, TypeAlias

from prisma_batch.base.errors import UsageProblem
from prisma_batch.base.findings import Finding
from prisma_batch.readers.files import open_input

REPORT_BYTES_MAX = 8 * 1024 * 1024
_PARTS_MAX = 40  # multiparts and messages inside of each other; every line is held against all that are open
_RECIPIENTS_MAX = 1000
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_MESSAGE_ID_LINE = re.compile(r"^message-id:\s*(<[^<>\s]{1,900}>)", re.IGNORECASE | re.MULTILINE)

_Part: TypeAlias = "Message[str, str]"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecipientReport:
    """What became of a mail for one recipient; ``action`` is one of RFC 3464's, ``status`` such as 5.1.1.

    ``addresses``: the one that was tried last, then the one that the sender wrote.
    """

    addresses: tuple[str, ...]
    action: str
    status: str
    said: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryReport:
    """A report; ``message_ids`` are those of the mail it is about, the likeliest first."""

    message_ids: tuple[str, ...]
    recipients: tuple[RecipientReport, ...]


def read_delivery_reports(folder: Path) -> Iterator[tuple[str, DeliveryReport | str]]:
    """Yield the files of a folder by name, each with its report or why it holds none; hidden ones are left out.

    Raises:
        UsageProblem: the folder cannot be read.
    """
    try:
        names = sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        raise UsageProblem(f"{folder.name or folder} is no folder that can be read") from None
    for name in names:
        yield name, _read(folder, name)


def parse_delivery_report(content: bytes) -> DeliveryReport | str:
    """Return the report in a mail, or why there is none."""
    lower = content.lower()
    if lower.count(b"boundary") + lower.count(b"message/") > _PARTS_MAX:
        return "it holds too many parts to be a report"
    try:
        parts = list(message_from_bytes(content).walk())
        status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
        if status is None or not status.is_multipart():
            return "it is no report of delivery (RFC 3464)"
        recipients = tuple(_recipients(status))
        identifiers = tuple(dict.fromkeys(_message_ids(parts)))
    except (MessageError, RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return "it cannot be read as a mail"
    if not recipients:
        return "it names no recipient"
    return DeliveryReport(message_ids=identifiers, recipients=recipients)


def _read(folder: Path, name: str) -> DeliveryReport | str:
    opened = open_input(folder, name)
    if isinstance(opened, Finding):
        return opened.message
    with opened:
        content = opened.read(REPORT_BYTES_MAX + 1)
    if len(content) > REPORT_BYTES_MAX:
        return f"it is larger than {REPORT_BYTES_MAX // 1024 // 1024} MiB"
    return parse_delivery_report(content)


def _recipients(status: _Part) -> Iterator[RecipientReport]:
    groups: Any = status.get_payload()
    for group in groups[: _RECIPIENTS_MAX + 1]:
        addresses = tuple(filter(None, (_address(group[name]) for name in ("Final-Recipient", "Original-Recipient"))))
        if addresses and group["Action"]:
            yield RecipientReport(
                addresses=addresses,
                action=_line(group["Action"]).partition(" ")[0].lower(),
                status=_line(group["Status"]).partition(" ")[0][:20],
                said=_line(group["Diagnostic-Code"]).partition(";")[2].strip()[:200],
            )


def _message_ids(parts: list[_Part]) -> Iterator[str]:
    """Yield the Message-ID of what came back, then those that the report answers."""
    for part in parts[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            yield from _MESSAGE_ID_LINE.findall(
                payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
            )
        yield from _MESSAGE_ID.findall(_line(part["Message-ID"]))
    for name in ("In-Reply-To", "References"):
        yield from _MESSAGE_ID.findall(_line(parts[0][name]))


def _address(field: Any) -> str:
    """Return the address of a field such as ``rfc822; jane@acme.example``."""
    kind, _, address = _line(field).partition(";")
    return address.strip().strip("<>") if kind.strip().lower() in ("rfc822", "utf-8") else ""


def _line(field: Any) -> str:
    return " ".join(str(field or "").encode("utf-8", "replace").decode().split())
