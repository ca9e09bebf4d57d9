"""Several senders on one repository: a push is the lock, and what one of them began no other sends."""

import os
import shutil
import signal
import subprocess
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from prisma_batch.base.errors import UsageProblem
from prisma_batch.readers.journal import read_journals
from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import REPOSITORY, finished, prisma_batch, start
from tests.jobs.sending import JOURNAL, MOMENT, THEN, due, journal, passed, states

FEW_AT_ONCE = f"""
import os, signal
{THEN}
from prisma_batch.jobs.sent_journals import SharedJournal
SharedJournal.at_once = 2
claim, left = SharedJournal.claim, [int(os.environ.get("KILLED_AT", 0))]
def killing(self, rows):
    claimed = claim(self, rows)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return claimed
SharedJournal.claim = killing
from prisma_batch.cli.main import main
main()
"""
GIT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
    **dict.fromkeys(("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"), os.devnull),
    **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "Test"),
    **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "test@prisma.example"),
}


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, env=GIT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def bare(tmp_path: Path, outbox: Path) -> Path:
    """A bare repository, whose branch the workspace has checked out."""
    shutil.copy(REPOSITORY / ".gitignore", outbox)
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", "bare.git")
    git(outbox, "init", "--quiet", "--initial-branch", "main")
    git(outbox, "remote", "add", "origin", str(tmp_path / "bare.git"))
    git(outbox, "add", "--all")
    git(outbox, "commit", "--quiet", "--message", "Records")
    git(outbox, "push", "--quiet", "origin", "main")
    return tmp_path / "bare.git"


@pytest.fixture
def other(tmp_path: Path, outbox: Path, bare: Path) -> Path:
    """The same workspace on another machine."""
    assert bare.is_dir()
    return shutil.copytree(outbox, tmp_path / "other")


def pushed(bare: Path, tmp_path: Path) -> Path:
    """What the branch holds by now."""
    clone = tmp_path / "pushed"
    shutil.rmtree(clone, ignore_errors=True)
    git(tmp_path, "clone", "--quiet", str(bare), str(clone))
    return clone


def commit(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "--message", name)


def test_two_senders_send_each_message_once(outbox: Path, other: Path, bare: Path, tmp_path: Path) -> None:
    script = tmp_path / "few.py"
    script.write_text(FEW_AT_ONCE, encoding="utf-8")
    postbox = Postbox()
    with serving(postbox) as url:
        arguments = ("send", "2026-09", "--smtp", url, "--confirm", "--remote", "origin", "--per-minute", "600")
        said = [finished(process) for process in [start(root, *arguments, script=script) for root in (outbox, other)]]
    assert [status for status, _, _ in said] == [0, 0], said
    assert len(postbox.mails()) == len(due(outbox))
    counted = [Counter(line.partition(":")[0] for line in fates.splitlines()) for _, fates, _ in said]
    assert [count["sent"] > 0 for count in counted] == [True, True], counted
    assert sum(count["sent"] for count in counted) == len(due(outbox))
    clone = pushed(bare, tmp_path)
    assert len(read_journals(clone, date.max)) == 1
    assert {states(clone, key)[-1] for key in due(outbox)} == {"sent"}
    assert sorted(journal(clone), key=lambda row: row["at"]) == journal(clone)
    assert len({row["runner"] for row in journal(clone) if row["state"] == "claimed"}) == 2


def test_what_a_dead_sender_claimed_is_unknown_and_the_rest_is_sent(
    outbox: Path, other: Path, bare: Path, tmp_path: Path
) -> None:
    script = tmp_path / "few.py"
    script.write_text(FEW_AT_ONCE, encoding="utf-8")
    postbox = Postbox()
    with serving(postbox) as url:
        arguments = ("send", "2026-09", "--smtp", url, "--confirm", "--remote", "origin", "--per-minute", "6000")
        process = start(other, *arguments, script=script, KILLED_AT="2")
        assert finished(process)[0] == -signal.SIGKILL
        now = max(MOMENT, read_journals(other, date.max)[0].rows[-1].at)
        counts, fates, _ = passed(outbox, url, now=now, remote="origin")
        held = {fate.key for fate in fates if fate.state == "claimed"}
        later, _, _ = passed(outbox, url, now=now + timedelta(hours=2), remote="origin")
    assert counts == {"done": 2, "claimed": 2, "sent": len(due(outbox)) - 4}
    assert later["unknown"] == len(held)
    assert len(postbox.mails()) == len(due(outbox)) - 2
    clone = pushed(bare, tmp_path)
    assert {key for key in due(outbox) if states(clone, key)[-1] == "unknown"} == held


def test_nothing_is_sent_that_cannot_be_claimed(outbox: Path, bare: Path) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho this branch is protected >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    postbox = Postbox()
    with serving(postbox) as url, pytest.raises(UsageProblem, match="cannot be pushed to origin"):
        passed(outbox, url, remote="origin")
    assert postbox.taken == []
    assert "claimed" not in [row["state"] for row in (journal(outbox) if (outbox / JOURNAL).exists() else [])]


def test_records_that_came_meanwhile_stay_and_can_be_pulled(outbox: Path, other: Path, bare: Path) -> None:
    commit(other, "NOTES.md", "Somebody else's change")
    git(other, "push", "--quiet", "origin", "main")
    with serving(Postbox()) as url:
        passed(outbox, url, remote="origin")
    assert git(bare, "show", "main:NOTES.md") == "Somebody else's change"
    assert git(bare, "diff", "--name-only", "main~2", "main") == JOURNAL
    git(outbox, "pull", "--quiet", "--ff-only", "origin", "main")
    assert git(outbox, "status", "--porcelain") == ""


def test_a_lost_answer_to_a_push_is_no_reason_to_give_up_what_was_claimed(outbox: Path, bare: Path) -> None:
    hook = bare / "hooks" / "post-receive"
    hook.write_text('#!/bin/sh\nrm "$0"\nkill -9 $PPID\n', encoding="utf-8")
    hook.chmod(0o755)
    postbox = Postbox()
    with serving(postbox) as url:
        counts, _, pauses = passed(outbox, url, remote="origin")
    assert counts == {"sent": len(due(outbox))}
    assert len(postbox.mails()) == len(due(outbox))
    assert 0.5 in pauses
    assert git(bare, "show", f"main:{JOURNAL}") == (outbox / JOURNAL).read_text("utf-8").strip()


@pytest.mark.parametrize(
    ("switch", "remote", "said"),
    [([], "upstream", "upstream cannot be fetched"), (["switch", "--quiet", "--detach"], "origin", "no branch")],
)
def test_a_remote_that_cannot_be_used(outbox: Path, bare: Path, switch: list[str], remote: str, said: str) -> None:
    assert bare.is_dir()
    if switch:
        git(outbox, *switch)
    with serving(Postbox()) as url:
        result = prisma_batch(outbox, "send", "2026-09", "--smtp", url, "--confirm", "--remote", remote)
    assert result.exit_code == 2
    assert said in result.stderr


def test_without_a_remote_the_journal_is_committed_and_nothing_else(outbox: Path, bare: Path) -> None:
    (outbox / "prisma.yaml").write_text("being edited", encoding="utf-8")
    git(outbox, "add", "prisma.yaml")
    head = git(outbox, "rev-parse", "HEAD")
    (outbox / "prisma.yaml").write_text(git(outbox, "show", "HEAD:prisma.yaml") + "\n", encoding="utf-8")
    with serving(Postbox()) as url:
        passed(outbox, url)
        assert git(outbox, "diff", "--name-only", head, "HEAD") == JOURNAL
        sent = git(outbox, "rev-parse", "HEAD")
        passed(outbox, url)
    assert git(outbox, "diff", "--cached", "--name-only") == "prisma.yaml"
    assert git(outbox, "rev-parse", "HEAD") == sent
    assert git(bare, "rev-parse", "main") == head
