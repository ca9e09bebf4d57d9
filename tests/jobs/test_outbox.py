"""Sending where the outbox is not: it is built again, and is that of the manifest or not sent at all."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import SEPTEMBER, edit, prisma_batch, published
from tests.jobs.sending import for_readers, passed

NOTICES = "reports/notices/2026-11-17"
THAT_DAY = datetime(2026, 11, 17, 9, tzinfo=UTC)
RENDERED = ("outbox", "statements", "invoices", "site")


@pytest.fixture
def notices(workspace: Path) -> Path:
    """The example with the notices of a day, of which nothing was sent."""
    published(workspace, "notify", "--as-of", "2026-11-17")
    return workspace


def elsewhere(root: Path, folder: str) -> list[bytes]:
    """Take away what git ignores of a folder; returns the mails that were there."""
    mails = [for_readers(file.read_bytes()) for file in sorted((root / folder / "outbox").glob("*.eml"))]
    for name in RENDERED:
        shutil.rmtree(root / folder / name, ignore_errors=True)
    return mails


def arrived(postbox: Postbox) -> list[bytes]:
    return [content.partition(b"\r\n")[2] for _, content in postbox.taken]


def test_the_outbox_of_a_period_is_built_again(outbox: Path) -> None:
    mails, postbox = elsewhere(outbox, SEPTEMBER), Postbox()
    with serving(postbox) as url:
        passed(outbox, url)
    assert sorted(arrived(postbox)) == sorted(mails)
    assert not (outbox / SEPTEMBER / "outbox").exists()


def test_the_outbox_of_a_day_is_built_again_and_goes_on_where_it_was_left(notices: Path) -> None:
    postbox = Postbox()
    postbox.on_rcpt = lambda *_: "450 later" if postbox.taken else None
    with serving(postbox) as url:
        passed(notices, url, "2026-11-17", THAT_DAY)
        mails = elsewhere(notices, NOTICES)
        postbox.on_rcpt = lambda *_: None
        counts, _, _ = passed(notices, url, "2026-11-17", THAT_DAY)
    assert len(mails) > 2
    assert (counts["done"], counts["sent"]) == (1, len(mails) - 1)
    assert sorted(arrived(postbox)) == sorted(mails)


def test_a_run_of_tables_alone_has_nothing_to_send(records: Path) -> None:
    published(records, "run", "2026-09", "--tables-only")
    result = prisma_batch(records, "send", "2026-09")
    assert (result.exit_code, "without mails" in result.stderr) == (2, True)


def test_a_period_closed_later_changes_nothing_of_the_notices_before_it(outbox: Path) -> None:
    published(outbox, "notify", "--as-of", "2026-10-20")
    published(outbox, "run", "2026-10")
    mails, postbox = elsewhere(outbox, "reports/notices/2026-10-20"), Postbox()
    with serving(postbox) as url:
        passed(outbox, url, "2026-10-20", datetime(2026, 10, 20, 9, tzinfo=UTC))
    assert sorted(arrived(postbox)) == sorted(mails)


def test_what_changed_since_is_named_and_nothing_is_sent(outbox: Path) -> None:
    elsewhere(outbox, SEPTEMBER)
    edit(outbox / "contacts/COLL-001.yaml", "language: ", "language: de # ")
    result = prisma_batch(outbox, "send", "2026-09")
    assert result.exit_code == 1
    assert "cannot be built again as it was: contacts/COLL-001.yaml changed since" in result.stderr


def test_a_journal_that_lost_what_was_known_of_it_is_refused(notices: Path) -> None:
    postbox = Postbox()
    with serving(postbox) as url:
        passed(notices, url, "2026-11-17", THAT_DAY)
    published(notices, "notify", "--as-of", "2026-11-18")
    elsewhere(notices, "reports/notices/2026-11-18")
    journal = notices / "reports/sent/2026-11.jsonl"
    journal.write_bytes(journal.read_bytes().partition(b"\n")[2])
    result = prisma_batch(notices, "send", "2026-11-18")
    assert result.exit_code == 1
    assert "reports/sent/2026-11.jsonl does not begin with what was read of it" in result.stderr
