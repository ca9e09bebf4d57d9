"""Sending through a real server: each message once, whatever the server or this machine does in between."""

import shutil
import signal
import ssl
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.jobs.outbox import OutboxMail
from prisma_batch.jobs.send import Clock, Fate, SendOptions, send
from prisma_batch.writers.smtp import SmtpServer
from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import SEPTEMBER, finished, prisma_batch, published, start, write
from tests.jobs.sending import JOURNAL, KILLING, MOMENT, SENDING, due, for_readers, journal, passed, several, states


def test_without_confirmation_nothing_is_sent(outbox: Path) -> None:
    result = prisma_batch(outbox, "send", "2026-09", "--smtp", "smtp://127.0.0.1:9")
    assert result.exit_code == 0, result.output
    assert result.stdout.count("to send: ") == len(due(outbox))
    assert "a dry run" in result.stderr
    assert not (outbox / "reports/sent").exists()


def test_each_message_is_sent_once(outbox: Path) -> None:
    postbox = Postbox()
    with serving(postbox) as url:
        counts, _, pauses = passed(outbox, url)
        again, _, _ = passed(outbox, url)
    assert counts["sent"] == len(due(outbox)) == len(postbox.mails())
    assert again == {"done": len(due(outbox))}
    assert sorted(recipients for recipients, _ in postbox.taken) == sorted(due(outbox).values())
    assert pauses == [1.0] * (len(due(outbox)) - 1)
    for mail in postbox.mails().values():
        assert mail["Date"].datetime == MOMENT
        assert mail["X-Prisma-About"] is mail["X-Prisma-Substance"] is None
    for key in due(outbox):
        assert states(outbox, key) == ["queued", "claimed", "data_started", "sent"]


def test_what_arrives_is_the_outbox_but_for_its_date(outbox: Path) -> None:
    postbox = Postbox()
    with serving(postbox) as url:
        passed(outbox, url)
    files = {for_readers(file.read_bytes()) for file in (outbox / SEPTEMBER / "outbox").glob("*.eml")}
    assert {content.partition(b"\r\n")[2] for _, content in postbox.taken} == files


def test_one_of_three_recipients_is_refused(records: Path) -> None:
    third = ("--email", "ina.new@polderlicht.example", "--first-name", "Ina", "--last-name", "New")
    published(records, "contacts", "add", "DELTA-001", "--type", "billing", *third)
    published(records, "run", "2026-09")
    key = max(due(records), key=lambda own: len(due(records)[own]))
    first, refused, last = due(records)[key]
    postbox = Postbox()
    postbox.on_rcpt = lambda address, _: "550 5.1.1 no such user" if address == refused else None
    with serving(postbox) as url:
        counts, fates, _ = passed(records, url)
    assert set(counts) <= {"sent", "failed"}
    assert (first, last) in [recipients for recipients, _ in postbox.taken]
    (fate,) = [fate for fate in fates if fate.key == key]
    assert fate.why == f"{refused}: 550 5.1.1 no such user"
    row = next(row for row in journal(records) if row["key"] == key and row["state"] == "sent")
    assert row["recipients"] == [first, last]
    assert row["refused"] == [fate.why]


def test_a_message_that_nobody_takes_has_failed_and_is_not_tried_again(outbox: Path) -> None:
    key = several(outbox)
    postbox = Postbox()
    postbox.on_rcpt = lambda address, _: "550 no" if address in due(outbox)[key] else None
    with serving(postbox) as url:
        passed(outbox, url)
        tries = postbox.asked["MAIL"]
        again, fates, _ = passed(outbox, url)
        assert postbox.asked["MAIL"] == tries
        assert {fate.state for fate in fates if fate.key == key} == {"failed"}
        postbox.on_rcpt = lambda *_: None
        assert again["failed"] >= 1
        passed(outbox, url, resend=frozenset([key]))
    assert states(outbox, key)[-1] == "sent"


def test_a_refusal_for_now_is_tried_again_before_anybody_has_it(outbox: Path) -> None:
    key = several(outbox)
    late = due(outbox)[key][1]
    postbox = Postbox()
    postbox.on_rcpt = lambda address, time: "451 greylisted" if address == late and time == 1 else None
    with serving(postbox) as url:
        counts, _, pauses = passed(outbox, url)
    assert counts == {"sent": len(due(outbox))}
    assert 5.0 in pauses
    assert [recipients for recipients, _ in postbox.taken].count(due(outbox)[key]) >= 1


def test_refused_for_now_to_the_end_goes_to_the_others_and_waits_where_there_are_none(outbox: Path) -> None:
    key = several(outbox)
    late = due(outbox)[key][1]
    postbox = Postbox()
    postbox.on_rcpt = lambda address, _: "451 greylisted" if address == late else None
    with serving(postbox) as url:
        counts, fates, pauses = passed(outbox, url)
        assert states(outbox, key)[-1] == "sent"
        assert counts["waiting"] == sum(recipients == (late,) for recipients in due(outbox).values())
        assert pauses.count(10.0) == pauses.count(5.0)
        postbox.on_rcpt = lambda *_: None
        passed(outbox, url)
    assert len(postbox.mails()) == len(due(outbox))
    assert f"{late}: 451 greylisted" in [fate.why for fate in fates]


def test_a_server_that_closes_in_between(outbox: Path) -> None:
    postbox = Postbox()
    postbox.on_mail = lambda time: "421 closing" if time == 4 else None
    with serving(postbox) as url:
        counts, _, _ = passed(outbox, url)
    assert counts == {"sent": len(due(outbox))}
    assert len(postbox.mails()) == len(due(outbox))


def test_a_server_that_takes_nothing_any_more_is_left_in_peace(outbox: Path) -> None:
    postbox = Postbox()
    postbox.on_mail = lambda _: "421 too much mail" if len(postbox.taken) >= 2 else None
    with serving(postbox) as url:
        counts, fates, _ = passed(outbox, url)
        assert counts == {"sent": 2, "waiting": len(due(outbox)) - 2}
        assert postbox.asked["MAIL"] == 2 + 3 * 3
        assert fates[-1].why.startswith("not tried: the server takes nothing for now (")
        assert {states(outbox, fate.key)[-1] for fate in fates if fate.state == "waiting"} == {"queued"}
        postbox.on_mail = lambda _: None
        again, _, _ = passed(outbox, url)
    assert again == {"done": 2, "sent": len(due(outbox)) - 2}
    assert len(postbox.mails()) == len(due(outbox))


def test_a_message_that_is_refused_for_now_is_no_reason_to_stop(outbox: Path) -> None:
    postbox = Postbox()
    first = {recipients[0] for recipients in list(due(outbox).values())[::2]}
    postbox.on_rcpt = lambda address, _: "450 later" if address in first else None
    with serving(postbox) as url:
        _, fates, _ = passed(outbox, url)
    assert [fate.key for fate in fates if fate.why.startswith("not tried")] == []


def test_a_refusal_of_the_content_is_for_good_or_for_now(outbox: Path) -> None:
    postbox = Postbox()
    postbox.on_data = {2: "554 no", 3: "452 full"}.get
    with serving(postbox) as url:
        counts, fates, _ = passed(outbox, url)
    assert counts == {"sent": len(due(outbox)) - 1, "failed": 1}
    assert [fate.why for fate in fates if fate.state == "failed"] == ["DATA: 554 no"]


def test_a_connection_that_breaks_after_the_content_leaves_it_unknown(outbox: Path) -> None:
    postbox = Postbox()
    postbox.on_data = lambda time: "drop" if time == 3 else None
    with serving(postbox) as url:
        counts, fates, _ = passed(outbox, url)
        assert counts == {"sent": len(due(outbox)) - 1, "unknown": 1}
        (key,) = [fate.key for fate in fates if fate.state == "unknown"]
        again, fates, _ = passed(outbox, url)
    assert len(postbox.mails()) == len(due(outbox))
    assert again["unknown"] == 1
    assert f"--resend {key}" in next(fate.why for fate in fates if fate.key == key)
    assert states(outbox, key) == ["queued", "claimed", "data_started", "unknown"]


def test_sent_again_by_hand_a_message_is_a_new_revision_and_the_only_one(outbox: Path) -> None:
    postbox = Postbox()
    postbox.on_data = lambda time: "drop" if time == 3 else None
    with serving(postbox) as url:
        _, fates, _ = passed(outbox, url)
        (key,) = [fate.key for fate in fates if fate.state == "unknown"]
        postbox.taken.clear()
        by_hand, _, _ = passed(outbox, url, resend=frozenset([key]))
        again, _, _ = passed(outbox, url)
        with pytest.raises(UsageProblem, match="no message absent"):
            passed(outbox, url, resend=frozenset(["absent"]))
    assert (by_hand, again) == ({"sent": 1}, {"done": len(due(outbox))})
    first, second = (
        {row["message_id"] for row in journal(outbox) if row["key"] == key and row["revision"] == n} for n in (1, 2)
    )
    assert len(first) == len(second) == 1
    assert set(postbox.mails()) == second != first


def test_line_that_a_crash_cut_off_is_dropped(outbox: Path) -> None:
    postbox = Postbox()
    with serving(postbox) as url:
        passed(outbox, url)
        whole = (outbox / JOURNAL).read_bytes()
        (outbox / JOURNAL).write_bytes(whole + whole[:40])
        counts, _, _ = passed(outbox, url)
    assert counts == {"done": len(due(outbox))}
    assert (outbox / JOURNAL).read_bytes() == whole


def test_what_only_the_journal_is_told_leaves_no_trace_however_long_it_is() -> None:
    about = "\r\n ".join(f"INV-2026-{number:04}=1," for number in range(20))
    head = (
        f"Message-ID: <{'0' * 32}@a.example>\r\nAuto-Submitted: auto-generated\r\nX-Prisma-About: {about}\r\nSubject: x"
    )
    mail = OutboxMail(
        key="k", revision=1, skipped_because="", content=f"{head}\r\n\r\nText".encode(), message_id="<1@a.example>"
    )
    assert mail.on_the_wire(MOMENT).split(b"\r\n")[1:] == [
        b"Message-ID: <1@a.example>",
        b"Auto-Submitted: auto-generated",
        b"Subject: x",
        b"",
        b"Text",
    ]


def test_no_address_and_no_password_is_shown(outbox: Path) -> None:
    said = prisma_batch(outbox, "send", "2026-09").stdout
    assert "(f…@polderlicht.example, j…@polderlicht.example)" in said
    assert [to for recipients in due(outbox).values() for to in recipients if to in said] == []
    assert "hunter2" not in repr(SmtpServer.parse("smtps://mail.example", "billing", "hunter2"))


@pytest.mark.parametrize(
    "killed_at", ["queued:1", "claimed:1", "claimed:5", "data_started:1", "data_started:4", "sent:1", "sent:6"]
)
def test_killed_at_any_step_no_message_comes_twice(outbox: Path, tmp_path: Path, killed_at: str) -> None:
    script = tmp_path / "killing.py"
    script.write_text(KILLING, encoding="utf-8")
    postbox = Postbox()
    with serving(postbox) as url:
        arguments = ("send", "2026-09", "--smtp", url, "--confirm", "--per-minute", "6000")
        process = start(outbox, *arguments, script=script, KILLED_AT=killed_at)
        assert finished(process)[0] == -signal.SIGKILL
        counts, fates, _ = passed(outbox, url)
    unknown = [fate.key for fate in fates if fate.state == "unknown"]
    assert len(unknown) == (1 if killed_at.startswith("data_started") else 0)
    assert len(postbox.mails()) == len(due(outbox)) - len(unknown)
    assert counts["sent"] + counts["done"] + counts["unknown"] == len(due(outbox))
    assert all(states(outbox, key)[-1] == "unknown" for key in unknown)


@pytest.mark.parametrize(("state", "answer"), [("failed", "554 no"), ("unknown", "drop")])
def test_killed_once_it_is_known_what_became_of_a_message_that_stays_so(
    outbox: Path, tmp_path: Path, state: str, answer: str
) -> None:
    script = tmp_path / "killing.py"
    script.write_text(KILLING, encoding="utf-8")
    postbox = Postbox()
    postbox.on_data = {3: answer}.get
    with serving(postbox) as url:
        arguments = ("send", "2026-09", "--smtp", url, "--confirm", "--per-minute", "6000")
        assert finished(start(outbox, *arguments, script=script, KILLED_AT=f"{state}:1"))[0] == -signal.SIGKILL
        counts, fates, _ = passed(outbox, url)
    assert counts == {"done": 2, state: 1, "sent": len(due(outbox)) - 3}
    (key,) = [fate.key for fate in fates if fate.state == state]
    assert states(outbox, key)[-1] == state
    assert len(postbox.mails()) == len(due(outbox)) - (state == "failed")


def test_a_changed_outbox_is_not_sent(outbox: Path) -> None:
    file = next((outbox / SEPTEMBER / "outbox").glob("*.eml"))
    file.write_bytes(file.read_bytes().replace(b"EUR", b"USD"))
    result = prisma_batch(outbox, "send", "2026-09")
    assert result.exit_code == 1
    assert f"outbox/{file.name} is not what the manifest says" in result.stderr


def test_after_sending_the_period_is_closed(outbox: Path) -> None:
    with serving(Postbox()) as url:
        passed(outbox, url)
    result = prisma_batch(outbox, "run", "2026-09")
    assert result.exit_code == 2
    assert "2026-09 is closed: its mails were sent" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("2026-13",), "a period is written YYYY-MM"),
        (("2026-12",), "nothing was published for 2026-12: prisma-batch run 2026-12"),
        (("2026-12-09",), "nothing was published for 2026-12-09: prisma-batch notify --as-of 2026-12-09"),
        (("2026-09", "--confirm"), "--confirm needs --smtp"),
        (("2026-09", "--confirm", "--smtp", "http://127.0.0.1:9"), "--smtp is smtp://HOST:PORT"),
        (("2026-09", "--smtp", "http://127.0.0.1:9"), "--smtp is smtp://HOST:PORT"),
        (("2026-09", "--confirm", "--smtp", "smtp://me:secret@127.0.0.1:9"), "credentials come from"),
        (("2026-09", "--confirm", "--smtp", "smtp://127.0.0.1:1"), "cannot be used"),
    ],
)
def test_wrong_usage(outbox: Path, arguments: tuple[str, ...], said: str) -> None:
    result = prisma_batch(outbox, "send", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "secret" not in result.stderr
    assert not (outbox / JOURNAL).exists() or not journal(outbox)


def test_nothing_goes_in_the_clear_to_another_machine(outbox: Path) -> None:
    postbox = Postbox()
    with serving(postbox, "127.0.0.2") as url:  # loopback, but none of the names that we take for it
        result = prisma_batch(outbox, "send", "2026-09", "--smtp", url, "--confirm")
    assert result.exit_code == 2
    assert "no STARTTLS" in result.stderr
    assert postbox.taken == []


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_a_connection_is_encrypted_and_its_certificate_is_checked(outbox: Path, tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    postbox = Postbox()
    with serving(postbox, "localhost", tls_context=context, require_starttls=True) as url:
        arguments = ("send", "2026-09", "--smtp", url, "--confirm", "--per-minute", "6000")
        script = tmp_path / "sending.py"
        script.write_text(SENDING, encoding="utf-8")
        unknown = finished(start(outbox, *arguments, script=script))
        assert unknown[0] == 2
        assert "certificate verify failed" in unknown[2]
        assert postbox.taken == []
        known = finished(start(outbox, *arguments, script=script, SSL_CERT_FILE=str(certificate)))
    assert known[0] == 0, known[2]
    assert len(postbox.mails()) == len(due(outbox))


def test_it_is_the_command_that_ends_with_what_needs_a_person(outbox: Path) -> None:
    postbox = Postbox()
    postbox.on_data = lambda time: "554 no" if time == 2 else None
    with serving(postbox) as url:
        result = prisma_batch(outbox, "send", "2026-09", "--smtp", url, "--confirm", "--per-minute", "6000")
    assert result.exit_code == 1
    assert f"1 failed, {len(due(outbox)) - 1} sent" in result.stderr


def test_a_reminder_whose_debt_is_settled_disputed_or_held_meanwhile_is_not_sent(workspace: Path) -> None:
    held = workspace / "cases/DELTA-003/CASE-2026-0001.yaml"
    held.write_text(
        held.read_text(encoding="utf-8")
        + 'outcome:\n  - {kind: hold, "on": 2026-11-16, until: 2026-12-01, reason: being looked at}\n',
        encoding="utf-8",
    )
    payment = "X-1,S-9,NL60PRSM0800100200,2026-11-16,2026-11-16,15.00,EUR,Les Collines,,,,INV-2026-0109\n"
    columns = "payment,statement,account_iban,booking_date,value_date,amount,currency,counterparty_name,"
    text = f"{columns}counterparty_iban,end_to_end_id,structured_reference,text\n{payment}"
    unreadable = "account,program,sku,usage_date,quantity,unit\nCOLL-001,aurora-cloud,VCPU-HOUR,soon,1,hour\n"
    write(workspace, {"payments/2026-11/late.csv": text, "usage/2026-11/not-asked.csv": unreadable})
    fates: list[Fate] = []
    clock = Clock(now=lambda: datetime(2026, 11, 17, 8, tzinfo=UTC), pause=lambda _seconds: None)
    send(workspace, "2026-10", SendOptions(server=None), clock, fates.append)
    reminders = {fate.key: (fate.state, fate.why) for fate in fates if fate.key.startswith("payment_reminder")}
    assert reminders == {
        "payment_reminder.COLL-001.1.INV-2026-0109": ("skipped", "INV-2026-0109 is settled"),
        "payment_reminder.DELTA-003.1.INV-2026-0103": (
            "skipped",
            "INV-2026-0103: hold until 2026-12-01 (CASE-2026-0001)",
        ),
        "payment_reminder.NORD-201.2.H-2026-0402": (
            "to send",
            "ulrike.kometz@sternwarte-rz.example, jannis.teleskop@sternwarte-rz.example",
        ),
    }


def test_a_reminder_that_asks_to_pay_by_a_day_that_has_passed_is_not_sent(workspace: Path) -> None:
    """The second reminder gives seven days from the as-of day on: until the 22nd."""
    found = {}
    for day in (22, 23):
        fates: list[Fate] = []
        clock = Clock(now=lambda day=day: datetime(2026, 11, day, 8, tzinfo=UTC), pause=lambda _seconds: None)
        send(workspace, "2026-10", SendOptions(server=None), clock, fates.append)
        found |= {(day, fate.key): (fate.state, fate.why) for fate in fates}
    key = "payment_reminder.NORD-201.2.H-2026-0402"
    assert found[22, key][0] == "to send"
    assert found[23, key] == ("skipped", "it asks to pay by 2026-11-22, which has passed")
