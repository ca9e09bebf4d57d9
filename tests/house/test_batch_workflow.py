"""The month on a code host: each script of batch.yml as a runner runs it, from the run to the mails."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.house.workflow_jobs import ROOT, Job, git
from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import copy_records, rows

WORKFLOW = ".github/workflows/batch.yml"
# Waits for nobody, so that the pace of mails costs no time, on the day of the test, which is no holiday.
UNHURRIED = (
    "import os, time, datetime, prisma_batch.cli.clock as clock; time.sleep = lambda _s: None; "
    "clock.now = lambda: datetime.datetime.fromisoformat(os.environ['DAY'] + 'T09:00:00+00:00'); "
    "from prisma_batch.cli.main import main; main()"
)
PROGRAMS = {
    "prisma-batch": f'PYTHONPATH="{ROOT}" exec "{sys.executable}" -P -c "{UNHURRIED}" "$@"',
    "gh": 'echo "$@" >>"$RUNNER_TEMP/gh"; [ "$1 $2" != "$GH_FAILS" ]',
    # The day on which it all happens, but where a day is named.
    "date": 'case "$*" in *--date=*) exec /usr/bin/date "$@" ;; *) exec /usr/bin/date --date="$DAY" "$@" ;; esac',
}


class Host:
    """A bare repository, and jobs that check it out."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.bare = folder, folder / "bare.git"
        records = copy_records(folder / "records")
        shutil.copy(ROOT / ".gitignore", records)
        shutil.copytree(ROOT / "reports/2026-09", records / "reports/2026-09", ignore=shutil.ignore_patterns("outbox"))
        git(folder, "init", "--quiet", "--bare", "--initial-branch", "main", str(self.bare))
        git(records, "init", "--quiet", "--initial-branch", "main")
        git(records, "add", "--all")
        git(records, "commit", "--quiet", "--message", "Records")
        git(records, "push", "--quiet", str(self.bare), "main")

    def job(self, name: str) -> Job:
        """A fresh machine with the branch checked out."""
        job = Job(self._folder / name)
        for program, script in PROGRAMS.items():
            (job.programs / program).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (job.programs / program).chmod(0o755)
        git(self._folder, "clone", "--quiet", str(self.bare), str(job.workspace))
        return job

    def shows(self, path: str) -> str:
        return git(self.bare, "show", f"main:{path}")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def walked(job: Job, step: str, day: str = "2026-11-16", **given: str) -> tuple[int, str]:
    """Run a step with what steps before it put into the environment; returns its exit status and what it said."""
    environment = job.temp / "environment"
    known = dict(line.split("=", 1) for line in environment.read_text().splitlines()) if environment.exists() else {}
    steady = {"GITHUB_ENV": str(environment), "GH_TOKEN": "token", "GH_FAILS": "", "BASE": "main", "DAY": day}
    done = job.run(WORKFLOW, step, job.workspace, **{**known, **steady, **given})
    return done.returncode, done.stdout + done.stderr


def month_is_run(host: Host) -> tuple[Job, str, str]:
    """Run the month and merge the request; returns the job, and the commits before and after the merge."""
    job = host.job("run")
    assert walked(job, "Run last month")[0] == 0
    assert walked(job, "Open the request") == (0, "")
    before = git(host.bare, "rev-parse", "main")
    merging = host.job("merge").workspace
    git(merging, "merge", "--quiet", "--no-ff", "--message", "Merged", "origin/batch/2026-10")
    git(merging, "push", "--quiet", "origin", "main")
    return job, before, git(host.bare, "rev-parse", "main")


def test_from_the_run_to_the_mails(host: Host) -> None:
    ran, before, after = month_is_run(host)
    changed = git(host.bare, "diff", "--name-only", before, after).splitlines()
    assert {path.rpartition("/")[0] for path in changed} == {"reports/2026-10"}
    opened = (ran.temp / "gh").read_text().splitlines()[-1]
    assert opened == (
        "pr create --base main --head batch/2026-10 --title Run of 2026-10 --body-file reports/2026-10/summary.md"
    )
    postbox, commits = Postbox(), {"BEFORE": before, "AFTER": after}
    planned = {row["key"] for row in rows(ran.workspace / "reports/2026-10/outbox.csv") if not row["skipped_because"]}
    with serving(postbox) as url:
        status, said = walked(host.job("send"), "Send the months that were merged", SMTP=url, **commits)
        assert status == 0, said
        again, said_again = walked(host.job("send again"), "Send the months that were merged", SMTP=url, **commits)
    assert again == 0, said_again
    journal = host.shows("reports/sent/2026-10.jsonl")
    assert len(postbox.mails()) == journal.count('"state": "sent"') > len(planned) / 2
    assert git(host.bare, "log", "-1", "--format=%an", "main") == "github-actions[bot]"


def test_notices_are_planned_sent_and_both_are_pushed(host: Host) -> None:
    month_is_run(host)
    job, postbox = host.job("notify"), Postbox()
    with serving(postbox) as url:
        status, said = walked(job, "Plan the notices of today", day="2026-11-17")
        assert status == 0, said
        status, said = walked(job, "Send them", SMTP=url)
        assert status == 0, said
    assert host.shows("reports/notices/2026-11-17/manifest.json")
    journal = host.shows("reports/sent/2026-11.jsonl")
    assert len(postbox.mails()) == journal.count('"state": "sent"') > 0
    assert git(job.workspace, "status", "--porcelain") == ""


def test_a_month_that_is_run_again_updates_its_request(host: Host) -> None:
    first = host.job("first")
    assert walked(first, "Run last month")[0] == 0
    assert walked(first, "Open the request") == (0, "")
    second = host.job("second")
    assert walked(second, "Run last month")[0] == 0
    assert walked(second, "Open the request", GH_FAILS="pr create") == (0, "")
    said = (second.temp / "gh").read_text().splitlines()
    assert said[-1] == "pr edit batch/2026-10 --body-file reports/2026-10/summary.md"
    assert walked(second, "Open the request") == (0, "nothing is new in 2026-10\n")


def test_commits_that_are_not_there_stop_the_job(host: Host) -> None:
    status, _ = walked(host.job("send"), "Send the months that were merged", BEFORE="0" * 40, AFTER="1" * 40, SMTP="x")
    assert status != 0
