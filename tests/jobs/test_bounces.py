"""Mails that come back: the journal knows, nothing builds on them, and people are told."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.readers.journal import read_journals
from prisma_batch.records.journal import last_states
from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import edit, prisma_batch, published, rows
from tests.jobs.sending import JOURNAL, due, journal, passed, several

REMINDER = "payment_reminder.DELTA-003.1.INV-2026-0103"
NEXT = "payment_reminder.DELTA-003.2.INV-2026-0103"
CONTACT = "contacts/DELTA-003.yaml"
DSN = """\
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 no such user
--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
--b--
"""


def report(root: Path, name: str, message_id: str, address: str, action: str = "failed") -> None:
    folder = root.parent / "bounces"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(DSN.format(message_id=message_id, address=address, action=action), encoding="utf-8")


def marked(root: Path, *arguments: str, name: str = "2026-09") -> tuple[int, str]:
    result = prisma_batch(root, "send", name, "--bounces", "../bounces", *arguments)
    return result.exit_code, result.stdout + result.stderr


@pytest.fixture
def sent(outbox: Path) -> Path:
    """The example with the mails of September sent."""
    with serving(Postbox()) as url:
        passed(outbox, url)
    return outbox


@pytest.fixture
def reminded(workspace: Path) -> Path:
    """The example with a reminder that was sent, and a report that it came back."""
    [message] = [row for row in rows(workspace / "reports/2026-10/outbox.csv") if row["key"] == REMINDER]
    recipients = message["to"].split(", ")
    line = {
        "key": REMINDER,
        "revision": 1,
        "state": "sent",
        "at": "2026-11-16T08:00:00+00:00",
        "recipients": recipients,
        "message_id": "<reminder@prisma.example>",
        "about": ["INV-2026-0103=1"],
    }
    file = workspace / "reports/sent/2026-10.jsonl"
    file.parent.mkdir()
    file.write_text(json.dumps(line) + "\n", encoding="utf-8")
    for number, address in enumerate(recipients):
        report(workspace, f"{number}.eml", "<reminder@prisma.example>", address)
    return workspace


def came_back(root: Path) -> None:
    """Mark what came back, as on the day after it was sent."""
    assert marked(root, "--confirm")[0] == 1
    file = root / "reports/sent/2026-10.jsonl"
    first, *others = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    dated = [first, *({**line, "at": "2026-11-17T08:00:00+00:00"} for line in others)]
    file.write_text("".join(json.dumps(line) + "\n" for line in dated), encoding="utf-8")


def planned(root: Path, day: str = "2026-11-27") -> dict[str, str]:
    shutil.rmtree(root / "reports/notices", ignore_errors=True)
    published(root, "notify", "--as-of", day)
    return {row["key"]: row["skipped_because"] for row in rows(root / f"reports/notices/{day}/outbox.csv")}


def test_a_message_fails_once_it_came_back_from_everybody(sent: Path) -> None:
    key = several(sent)
    first, *others = due(sent)[key]
    [message_id] = {row["message_id"] for row in journal(sent) if row["key"] == key}
    report(sent, "1.eml", message_id, first.upper())
    assert marked(sent, "--confirm")[0] == 1
    states = last_states(read_journals(sent, date.max)[0].rows, date.max)
    assert (states[key, 1].state, list(states[key, 1].recipients)) == ("sent", others)
    assert states[key, 1].refused == (f"{first}: came back: 5.1.1 550 no such user",)
    for number, address in enumerate(others):
        report(sent, f"2{number}.eml", message_id, address)
    status, said = marked(sent, "--confirm")
    assert status == 1
    assert f"{len(others)} bounced, 1 noted" in said
    assert journal(sent)[-1]["state"] == "failed"
    assert [address for address in due(sent)[key] if address in said] == []


def test_the_same_reports_again_change_nothing(reminded: Path) -> None:
    marked(reminded, "--confirm")
    before = (reminded / "reports/sent/2026-10.jsonl").read_bytes()
    status, said = marked(reminded, "--confirm")
    assert status == 0
    assert "bounced" not in said
    assert (reminded / "reports/sent/2026-10.jsonl").read_bytes() == before


def test_a_dry_run_marks_and_sends_nothing(sent: Path) -> None:
    key = several(sent)
    [message_id] = {row["message_id"] for row in journal(sent) if row["key"] == key}
    before = (sent / JOURNAL).read_bytes()
    report(sent, "1.eml", message_id, due(sent)[key][0])
    status, said = marked(sent)
    assert status == 1
    assert f"bounced: {key}" in said
    assert "done: " in said
    assert "a dry run" in said
    assert (sent / JOURNAL).read_bytes() == before


ID = "<reminder@prisma.example>"


@pytest.mark.parametrize(
    ("reported", "said", "status"),
    [
        (("a.eml", "<unknown@prisma.example>", "x@y.example"), "unclear: a.eml (it is about none of the", 1),
        (("a.eml", ID, "x@y.example"), "the message was not sent to this address", 1),
        (("a.eml", ID, "x@y.example", "delayed"), f"delayed: {REMINDER}", 0),
        (("a.eml", ID, "x@y.example", "relayed"), f"delivered: {REMINDER}", 0),
        (("a.eml", ID, "x@y.example", "lost"), f"unclear: {REMINDER}", 1),
        (("::error::a@b.example\r.eml", "", "x@y.example"), "unclear: ::error::a…@b.example\\x0d.eml (", 1),
    ],
)
def test_what_says_nothing_new(reminded: Path, reported: tuple[str, ...], said: str, status: int) -> None:
    shutil.rmtree(reminded.parent / "bounces")
    edit(reminded / "reports/sent/2026-10.jsonl", '"recipients": [', '"recipients": ["other@acme.example", ')
    report(reminded, *reported)
    before = (reminded / "reports/sent/2026-10.jsonl").read_bytes()
    code, talk = marked(reminded, "--confirm")
    assert code == status
    assert said in talk
    assert (reminded / "reports/sent/2026-10.jsonl").read_bytes() == before


def test_a_mail_that_was_passed_on_came_back_from_its_only_recipient(reminded: Path) -> None:
    shutil.rmtree(reminded.parent / "bounces")
    [line] = [json.loads(line) for line in (reminded / "reports/sent/2026-10.jsonl").read_text("utf-8").splitlines()]
    only = {**line, "recipients": line["recipients"][:1]}
    (reminded / "reports/sent/2026-10.jsonl").write_text(json.dumps(only) + "\n", encoding="utf-8")
    report(reminded, "a.eml", "<reminder@prisma.example>", "alias@elsewhere.example")
    assert marked(reminded, "--confirm")[0] == 1
    assert read_journals(reminded, date.max)[0].rows[-1].state == "failed"


def test_no_level_builds_on_a_reminder_that_came_back(reminded: Path) -> None:
    assert planned(reminded)[NEXT] == ""
    came_back(reminded)
    held = planned(reminded)
    assert NEXT not in held
    assert held[REMINDER] == "unreachable: mail came back or was refused on 2026-11-17"


def test_a_corrected_contact_is_reminded_of_the_same_level(reminded: Path) -> None:
    came_back(reminded)
    for address in read_journals(reminded, date.max)[0].rows[0].recipients:
        edit(reminded / CONTACT, address, f"new.{address}")
    assert planned(reminded)[REMINDER] == ""
    assert NEXT not in planned(reminded)


def test_a_contact_that_was_verified_since_is_within_reach(reminded: Path) -> None:
    came_back(reminded)
    address = read_journals(reminded, date.max)[0].rows[0].recipients[0]
    published(reminded, "contacts", "verify", "DELTA-003", "--email", address, "--at", "2026-11-20")
    assert planned(reminded)[REMINDER] == ""


def test_a_level_that_was_planned_before_its_last_one_came_back_is_held(reminded: Path) -> None:
    assert planned(reminded, "2026-11-27")[NEXT] == ""
    marked(reminded, "--confirm")
    result = prisma_batch(reminded, "send", "2026-11-27")
    assert f"skipped: {NEXT} (INV-2026-0103: its reminder of level 1 came back)" in result.stdout


def test_a_run_lists_contacts_to_whom_mail_does_not_get(reminded: Path) -> None:
    came_back(reminded)
    published(reminded, "run", "2026-10", "--as-of", "2026-11-18", "--reopen", "--tables-only")
    summary = (reminded / "reports/2026-10/summary.md").read_text("utf-8")
    assert f"**address-refused** (warning): {CONTACT}: mail to this contact was refused or came back" in summary
