"""A month that is run again after its mails were sent: who hears of it again is who is told something else."""

import json
import shutil
from pathlib import Path

import pytest

from tests.jobs.mail_servers import Postbox, serving
from tests.jobs.recipes import SEPTEMBER, contents, invoice, published, rows, write
from tests.jobs.sending import passed

STATEMENT, NOTICE = "statement_of_account.NORD-201.2026-09", "discrepancy_notice.2026-09"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Path:
    """September, published and sent; not to be written to."""
    root = shutil.copytree(example, tmp_path_factory.mktemp("told"), dirs_exist_ok=True)
    shutil.rmtree(root / "reports/2026-10")
    with serving(Postbox()) as url:
        passed(root, url)
    return root


@pytest.fixture
def sent(told: Path, tmp_path: Path) -> Path:
    return shutil.copytree(told, tmp_path / "sent")


def test_the_same_records_make_the_same_outbox(sent: Path, told: Path) -> None:
    published(sent, "run", "2026-09", "--reopen")
    assert contents(sent / SEPTEMBER) == contents(told / SEPTEMBER)


def test_another_balance_is_told_once_more(sent: Path) -> None:
    write(sent, {"invoices/NORD-201/LATE-1.yaml": invoice("NORD-201", "LATE-1", "2026-10-10", "77.00")})
    published(sent, "run", "2026-09", "--reopen")
    revisions = {row["key"]: row["revision"] for row in rows(sent / SEPTEMBER / "outbox.csv")}
    assert {key for key, revision in revisions.items() if revision == "2"} == {STATEMENT, NOTICE}
    mail = (sent / SEPTEMBER / f"outbox/{STATEMENT}.eml").read_bytes()
    assert b"This replaces our earlier message" in mail or b"Dies ersetzt unsere" in mail
    published_once = contents(sent / SEPTEMBER)
    postbox = Postbox()
    with serving(postbox) as url:
        counts, _, _ = passed(sent, url)
        again, _, _ = passed(sent, url)
    assert counts["sent"] == 3  # these two, and the invoice that nobody had heard of
    assert again["sent"] == 0
    journal = [json.loads(line) for line in (sent / "reports/sent/2026-09.jsonl").read_text("utf-8").splitlines()]
    assert {row["revision"] for row in journal if row["key"] == STATEMENT and row["state"] == "sent"} == {1, 2}
    assert len({row["substance"] for row in journal if row["key"] == STATEMENT}) == 2
    published(sent, "run", "2026-09", "--reopen")
    assert contents(sent / SEPTEMBER) == published_once
