"""Messages between runs: the same as those of the next run, and never again once they were sent."""

import json
import shutil
from pathlib import Path

import pytest
from lxml import html

from tests.jobs.recipes import OCTOBER, contents, edit, prisma_batch, published, rows

NOTICES = "reports/notices/2026-11-15"
OF_A_RUN = ("statement_of_account", "discrepancy_notice")


@pytest.fixture(scope="module")
def september(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Path:
    """The example with one month published, and the messages of the day as of which the next one is."""
    root = shutil.copytree(example, tmp_path_factory.mktemp("september"), dirs_exist_ok=True)
    shutil.rmtree(root / OCTOBER)
    published(root, "notify", "--as-of", "2026-11-15")
    return root


def test_they_are_those_of_the_run_of_that_day(september: Path, example: Path) -> None:
    planned = rows(september / NOTICES / "outbox.csv")
    of_the_run = [row for row in rows(example / OCTOBER / "outbox.csv") if row["kind"] not in OF_A_RUN]
    assert planned == of_the_run
    mails = contents(september / NOTICES / "outbox")
    listed = mails.pop("index.html").decode()
    assert mails
    links = set(html.document_fromstring(listed).xpath("//tbody//a/@href | //footer//a/@href"))
    assert {link for link in links if not link.startswith(("tel:", "mailto:", "https://"))} == set(mails)
    assert {name: content for name, content in contents(example / OCTOBER / "outbox").items() if name in mails} == mails


def test_nothing_of_the_run_is_touched(september: Path, example: Path) -> None:
    assert contents(september / "reports" / "2026-09") == contents(example / "reports" / "2026-09")
    assert {path.split("/")[0] for path in contents(september / NOTICES)} == {
        "manifest.json",
        "outbox",
        "outbox.csv",
        "invoices",
    }


def sent(root: Path, *keys: tuple[str, list[str]], on: str = "2026-11-16") -> None:
    lines = [
        {"key": key, "revision": 1, "state": "sent", "at": f"{on}T08:00:00+00:00", "about": about}
        for key, about in keys
    ]
    journal = root / "reports" / "sent" / "2026-10.jsonl"
    journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")


def test_what_was_sent_is_not_sent_again_and_the_ladder_goes_on(workspace: Path) -> None:
    sent(
        workspace,
        ("payment_reminder.DELTA-003.1.INV-2026-0103", ["INV-2026-0103=1"]),
        ("usage_report_overdue.COLL-004.citrix-csp.2026-10", []),
    )
    published(workspace, "notify", "--as-of", "2026-11-27")
    folder = workspace / "reports/notices/2026-11-27"
    told = {row["key"]: row["skipped_because"] for row in rows(folder / "outbox.csv")}
    assert told["payment_reminder.DELTA-003.2.INV-2026-0103"] == ""
    assert "payment_reminder.DELTA-003.1.INV-2026-0103" not in told
    assert told["usage_report_overdue.COLL-004.citrix-csp.2026-10"] == "sent on 2026-11-16"
    assert told["payment_reminder.COLL-001.1.INV-2026-0109"] == ""
    [journal] = json.loads((folder / "manifest.json").read_bytes())["journals"]
    assert (journal["path"], journal["bytes"]) == (
        "reports/sent/2026-10.jsonl",
        (workspace / "reports/sent/2026-10.jsonl").stat().st_size,
    )


@pytest.mark.parametrize("on", ["2026-11-15", "2026-11-16"])
def test_what_a_run_sent_changes_nothing_of_it_not_even_on_its_as_of_day(workspace: Path, on: str) -> None:
    before = contents(workspace / OCTOBER)
    sent(workspace, ("payment_reminder.DELTA-003.1.INV-2026-0103", ["INV-2026-0103=1"]), on=on)
    published(workspace, "run", "2026-10")
    assert contents(workspace / OCTOBER) == before


def test_a_day_before_every_run_is_the_first_month(records: Path) -> None:
    assert " planned, " in published(records, "notify", "--as-of", "2026-10-10")


@pytest.mark.parametrize(("as_of", "message"), [("2026-09-01", "the first period is 2026-09")])
def test_a_day_before_the_first_period_is_refused(records: Path, as_of: str, message: str) -> None:
    result = prisma_batch(records, "notify", "--as-of", as_of)
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list((records / "reports" / "notices").glob("*"))


def test_fees_of_sent_reminders_are_proposed_until_they_are_issued(records: Path) -> None:
    settings = records / "prisma.yaml"
    edit(settings, "        name: Reminder\n", '        name: Reminder\n        fee: {EUR: "5.00"}\n')
    journal = records / "reports" / "sent" / "2026-10.jsonl"
    journal.parent.mkdir(parents=True)
    line = {
        "key": "payment_reminder.DELTA-003.1.INV-2026-0103",
        "revision": 1,
        "state": "sent",
        "at": "2026-11-14T08:00:00+00:00",
        "about": ["INV-2026-0103=1"],
    }
    journal.write_text(json.dumps(line) + "\n", encoding="utf-8")
    published(records, "run", "2026-10", "--tables-only")
    proposals = records / OCTOBER / "proposals" / "DELTA-003"
    [fee] = [path for path in proposals.glob("FEE-*.yaml") if 'total: "5.00"' in path.read_text(encoding="utf-8")]
    shutil.copy(fee, records / "invoices" / "DELTA-003" / fee.name)
    published(records, "validate", "--as-of", "2026-11-16")
    published(records, "run", "2026-10", "--as-of", "2026-11-16", "--tables-only")
    assert not list(proposals.glob("FEE-*.yaml"))
