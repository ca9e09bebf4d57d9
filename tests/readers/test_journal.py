"""Journals of what was sent: read up to a day, and refused where a line cannot be trusted."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.readers.journal import read_journals, read_later_rows
from prisma_batch.records.journal import last_states


def line(key: str, state: str, at: str, **more: object) -> str:
    return json.dumps({"key": key, "revision": 1, "state": state, "at": at, **more}) + "\n"


CLAIMED = line("payment_reminder.ACME-001.1.INV-1", "claimed", "2026-11-16T08:00:00+00:00")
SENT = line("payment_reminder.ACME-001.1.INV-1", "sent", "2026-11-16T08:00:02+00:00", about=["INV-1=1", "INV-2=1"])
LATER = line("payment_reminder.ACME-001.2.INV-1", "sent", "2026-12-01T08:00:00+00:00")


def journal(root: Path, text: str) -> Path:
    file = root / "reports" / "sent" / "2026-10.jsonl"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return root


def test_a_journal_is_read_up_to_a_day(tmp_path: Path) -> None:
    (read,) = read_journals(journal(tmp_path, CLAIMED + SENT + LATER), date(2026, 11, 30))
    assert [row.state for row in read.rows] == ["claimed", "sent"]
    assert read.rows[1].about == ("INV-1=1", "INV-2=1")
    prefix = (CLAIMED + SENT).encode()
    assert (read.path, read.bytes_read) == ("reports/sent/2026-10.jsonl", len(prefix))
    assert read.sha256 == hashlib.sha256(prefix).hexdigest()


def test_what_is_added_later_changes_nothing_before(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    day = date(2026, 11, 30)
    assert read_journals(journal(one, CLAIMED + SENT), day) == read_journals(
        journal(other, CLAIMED + SENT + LATER), day
    )
    assert read_journals(one, date(2026, 11, 15)) == ()


def test_what_a_run_sent_on_its_own_as_of_day_is_not_known_to_it(tmp_path: Path) -> None:
    root, day = journal(tmp_path, CLAIMED + SENT + LATER), date(2026, 12, 1)
    (known,) = read_journals(root, day, "2026-10")
    assert [row.key for row in known.rows] == [row.key for row in read_journals(root, date(2026, 11, 30))[0].rows]
    assert [row.key for row in read_later_rows(root, "2026-10", day)] == ["payment_reminder.ACME-001.2.INV-1"]
    assert read_journals(root, day, "2026-11") == read_journals(root, day)


def test_the_last_row_of_a_message_says_where_it_stands(tmp_path: Path) -> None:
    (read,) = read_journals(journal(tmp_path, CLAIMED + SENT), date(2026, 11, 30))
    assert [row.state for row in last_states(read.rows, date(2026, 11, 30)).values()] == ["sent"]


@pytest.mark.parametrize(
    "text", [SENT[:40], "[]\n", "{}\n", SENT.replace("T08", " at 8"), LATER + SENT, SENT + "\n"], ids=range(6)
)
def test_a_journal_that_cannot_be_trusted_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InvariantBroken, match=r"reports/sent/2026-10[.]jsonl:[12] "):
        read_journals(journal(tmp_path, text), date(2026, 12, 31))
