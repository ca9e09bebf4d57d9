"""Reports of mail servers, and what only looks like one."""

import os
import time
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.delivery_reports import (
    REPORT_BYTES_MAX,
    DeliveryReport,
    RecipientReport,
    parse_delivery_report,
    read_delivery_reports,
)

REPORT = """\
From: MAILER-DAEMON@mx.example
To: billing@prisma.example
Message-ID: <own@mx.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Original-Recipient: rfc822;jane@acme.example
Final-Recipient: rfc822; <j.doe@inner.acme.example>
Action: failed (mailbox)
Status: 5.1.1 (unknown)
Diagnostic-Code: smtp; 550 no
 such user

Final-Recipient: rfc822; late@acme.example
Action: Delayed
Status: 4.4.7
--b
Content-Type: {kind}

Message-ID: <abc@prisma.example>
Subject: x

Text
--b--
"""
REPORTED = DeliveryReport(
    message_ids=("<abc@prisma.example>",),
    recipients=(
        RecipientReport(
            addresses=("j.doe@inner.acme.example", "jane@acme.example"),
            action="failed",
            status="5.1.1",
            said="550 no such user",
        ),
        RecipientReport(addresses=("late@acme.example",), action="delayed", status="4.4.7", said=""),
    ),
)


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_report(kind: str, line_end: str) -> None:
    assert parse_delivery_report(REPORT.format(kind=kind).replace("\n", line_end).encode()) == REPORTED


def test_the_mail_that_a_report_answers_is_known_without_what_came_back() -> None:
    text = REPORT.format(kind="text/plain").replace("From:", "In-Reply-To: <abc@prisma.example>\nFrom:", 1)
    assert parse_delivery_report(text.encode()) == REPORTED


def test_headers_that_came_back_encoded() -> None:
    text = REPORT.format(kind="text/rfc822-headers\nContent-Transfer-Encoding: base64")
    head, _, rest = text.rpartition("\n\nMessage-ID")
    assert head
    text = f"{head}\n\nTWVzc2FnZS1JRDogPGFiY0BwcmlzbWEuZXhhbXBsZT4K\n--b--\n"
    assert rest
    assert parse_delivery_report(text.encode()) == REPORTED


def nested(kind: str, times: int) -> bytes:
    if kind == "message":
        return (
            b"Content-Type: message/rfc822\n\n" * times + b"Content-Type: message/delivery-status\n\nAction: failed\n"
        )
    opened = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(times))
    return opened.encode() + b"x\n" * 100_000


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "it is no report of delivery (RFC 3464)"),
        (b"\xff\xfe\x00" * 1000, "it is no report of delivery (RFC 3464)"),
        (b"Subject: out of office\n\nI am away", "it is no report of delivery (RFC 3464)"),
        (b"Content-Type: message/delivery-status\n\n\n\n", "it names no recipient"),
        (b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\n", "it names no recipient"),
        (
            b"Content-Type: message/delivery-status\n\nFinal-Recipient: x400; a@b.example\nAction: failed\n",
            "it names no recipient",
        ),
        (nested("message", 5000), "it holds too many parts to be a report"),
        (nested("multipart", 300), "it holds too many parts to be a report"),
    ],
)
def test_what_is_no_report(content: bytes, why: str) -> None:
    started = time.process_time()
    assert parse_delivery_report(content) == why
    assert time.process_time() - started < 2


def test_as_many_parts_as_are_read_take_no_time() -> None:
    started = time.process_time()
    assert (
        parse_delivery_report(nested("multipart", 19) + b"x\n" * 1_000_000) == "it is no report of delivery (RFC 3464)"
    )
    assert time.process_time() - started < 20


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_text(REPORT.format(kind="message/rfc822"))
    (tmp_path / "b.eml").write_bytes(b"x" * (REPORT_BYTES_MAX + 1))
    (tmp_path / "c.eml").symlink_to("a.eml")
    os.mkfifo(tmp_path / "d.eml")
    (tmp_path / "e").mkdir()
    (tmp_path / ".f").write_text("hidden")
    assert dict(read_delivery_reports(tmp_path)) == {
        "a.eml": REPORTED,
        "b.eml": "it is larger than 8 MiB",
        "c.eml": "this path leads through a symbolic link",
        "d.eml": "this is not a regular file",
        "e": "this is not a regular file",
    }
    with pytest.raises(UsageProblem, match="absent is no folder"):
        next(read_delivery_reports(tmp_path / "absent"))
