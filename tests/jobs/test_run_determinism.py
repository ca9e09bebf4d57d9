"""The same records give the same bytes: on any machine, in any order, whatever else lies around."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.jobs.recipes import (
    OCTOBER,
    SEPTEMBER,
    allocation,
    bank_csv,
    contents,
    customer,
    edit,
    finished,
    invoice,
    published,
    start,
    write,
)

MACHINES = [
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de", "PYTHONHASHSEED": "0"},
    {"TZ": "America/Adak", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0"},
    {"TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "random", "PYTHONIOENCODING": "latin-1"},
]
EURO_ACCOUNT = "NL60PRSM0800100200"


def copied_backwards(source: Path, target: Path) -> Path:
    """Copy a folder with its files made in the opposite order."""
    files = sorted((path for path in source.rglob("*") if path.is_file()), reverse=True)
    for file in files:
        copy = target / file.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
    return target


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine["TZ"])
def test_output_does_not_depend_on_the_machine(
    example_records: Path, example: Path, tmp_path: Path, machine: dict[str, str]
) -> None:
    workspace = copied_backwards(example_records, tmp_path / "some where" / "élsewhere")
    before = os.umask(0o077)
    try:
        for period in ("2026-09", "2026-10"):
            status, _, stderr = finished(start(workspace, "run", period, **machine))
            assert (status, stderr) == (0, "")
    finally:
        os.umask(before)
    assert contents(workspace / "reports") == contents(example / "reports")


def test_running_again_changes_no_byte(workspace: Path, example: Path) -> None:
    said = {published(workspace, "run", "2026-10") for _ in range(2)}
    assert len(said) == 1
    assert contents(workspace / "reports") == contents(example / "reports")


def test_paths_of_the_command_do_not_matter(workspace: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(workspace / "reports")
    monkeypatch.chdir(workspace.parent)
    published(Path("workspace"), "run", "2026-09", "--usage", str(workspace / "usage/2026-09/aurora-cloud.csv"))
    monkeypatch.chdir(workspace / "usage")
    published(Path(".."), "run", "2026-10")
    assert contents(workspace / "reports") == contents(example / "reports")


def test_unrelated_files_and_commits_change_no_byte(records: Path, example: Path) -> None:
    write(
        records,
        {
            "README.md": "# Unrelated\n",
            "usage/2026-10/README.md": "Drop exports here.\n",
            "docs/page.md": "=1+1\n",
        },
    )
    (records / "reports" / "notices").mkdir(parents=True)
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "unrelated"]):
        identity = ["-c", "user.name=Nobody", "-c", "user.email=nobody@prisma.example"]
        subprocess.run(["git", *identity, *command], cwd=records, check=True, capture_output=True)
    for period in ("2026-09", "2026-10"):
        published(records, "run", period)
    assert contents(records / "reports") == contents(example / "reports")


def test_what_is_dated_later_changes_no_byte(records: Path, example: Path) -> None:
    later = f"LATER-1,LATER,{EURO_ACCOUNT},2026-11-16,2026-11-16,10.00,EUR,Somebody,NL1,,INV-2026-0211,"
    month = {"month": "2026-11", "due_on": "2026-12-16"}
    write(
        records,
        {
            "payments/2026-12/later.csv": bank_csv(later),
            "usage/2026-11/aurora-cloud.csv": "account,program,sku,usage_date,quantity,unit\n"
            "COLL-001,aurora-cloud,VCPU-HOUR,2026-11-01,10,hour\n",
            "usage/2026-11/COLL-001.microsoft-spla.yaml": "account: COLL-001\nprogram: microsoft-spla\n"
            "period: 2026-11\nsubmitted_on: 2026-12-03\nlines:\n  - {sku: WIN-DC-2CORE, quantity: 11}\n",
            "invoices/COLL-001/INV-2026-0301.yaml": invoice(
                "COLL-001", "INV-2026-0301", "2026-11-16", "10.00", **month
            ),
            **allocation("LATER-1", "COLL-002", "INV-2026-0211", "10.00", decided_on="2026-11-16"),
        },
    )
    case = (records / "cases/DELTA-003/CASE-2026-0001.yaml").read_text(encoding="utf-8")
    later_case = case.replace("CASE-2026-0001", "CASE-2026-0099").replace("2026-11-", "2026-12-")
    write(records, {"cases/DELTA-003/CASE-2026-0099.yaml": later_case})
    for period in ("2026-09", "2026-10"):
        published(records, "run", period)
    assert contents(records / "reports") == contents(example / "reports")


def test_another_customer_leaves_the_others_alone(records: Path, example: Path) -> None:
    paid = f"NEW-1,NEW,{EURO_ACCOUNT},2026-11-13,2026-11-13,30.00,EUR,New Customer,DE99NEW,,NEW-2026-1,"
    write(
        records,
        {
            **customer("NORD-050"),
            "invoices/NORD-050/NEW-2026-1.yaml": invoice("NORD-050", "NEW-2026-1", "2026-10-01", "70.00"),
            "invoices/NORD-050/NEW-2026-2.yaml": invoice("NORD-050", "NEW-2026-2", "2026-11-02", "5.00"),
            "payments/2026-11/new.csv": bank_csv(paid),
        },
    )
    for period in ("2026-09", "2026-10"):
        published(records, "run", period)
        folder = f"reports/{period}"
        found, expected = contents(records / folder), contents(example / folder)
        documents = [name for name in expected if name.partition("/")[0] in ("statements", "outbox", "invoices")]
        customers = [name for name in documents if not name.startswith("outbox/discrepancy_notice.")]  # finance's own
        assert [name for name in customers if found[name] != expected[name]] == []
        new = {name for name in found if name not in expected}
        assert len(new) >= 5  # a statement as HTML and CSV, its mail, a document and its mail
        assert all("NORD-050" in name or "NEW-2026" in name for name in new)
    assert b"40.00" in found["statements/NORD-050.csv"]


def test_order_of_records_inside_a_bank_file_is_the_only_order_that_matters(workspace: Path) -> None:
    """A file under another name and folder gives the same tables but for its own path."""
    (workspace / "payments/2026-01").mkdir()
    (workspace / "payments/2026-11/eur-account.camt053.xml").rename(workspace / "payments/2026-01/a.xml")
    before = contents(workspace / OCTOBER)
    published(workspace, "run", "2026-10")
    moved = {
        name: content.replace(b"payments/2026-01/a.xml", b"payments/2026-11/eur-account.camt053.xml")
        for name, content in contents(workspace / OCTOBER).items()
    }
    same = [name for name in before if name.endswith((".csv", ".eml", ".html")) and name != "discrepancies.csv"]
    assert [name for name in same if moved[name] != before[name]] == []


def test_september_stays_as_it_is_when_october_runs(workspace: Path, example: Path) -> None:
    edit(workspace / "contacts/DELTA-001.yaml", "language: ", "language:  ")
    published(workspace, "run", "2026-10")
    assert contents(workspace / SEPTEMBER) == contents(example / SEPTEMBER)
