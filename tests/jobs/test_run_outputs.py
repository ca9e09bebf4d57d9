"""What a run publishes: its files and their columns, a manifest of everything it read and wrote, figures that agree."""

import hashlib
import json
import platform
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from tests.jobs.recipes import OCTOBER, REPOSITORY, SEPTEMBER, cells, contents, published, rows

HEADERS = {
    "discrepancies.csv": "id,kind,severity,state,account,program,sku,period,invoice,line,payment,expected_quantity,"
    "invoiced_quantity,expected_amount,invoiced_amount,difference_amount,currency,fingerprint,message,source",
    "rated_usage.csv": "account,program,sku,period,service_from,service_to,quantity,unit,amount,currency,rate_source",
    "credited_lines.csv": "document,line,account,program,sku,period,quantity,amount,currency,corrected_invoice,"
    "corrected_line,applied_by,source",
    "payments.csv": "payment,source,statement,booking_date,value_date,amount,currency,account,state",
    "allocations.csv": "payment,value_date,account,invoice,amount,currency,method,confidence",
    "unapplied.csv": "payment,value_date,account,amount,currency,reason,suggestion",
    "adjustments.csv": "document,account,kind,amount,currency,on,approved_by,source",
    "open_items.csv": "account,document,installment,kind,issued_on,due_on,currency,amount,open_amount,days_overdue,"
    "bucket,disputed_amount,hold",
    "aging.csv": "account,currency,not_due,1_30,31_60,61_90,91_120,over_120,unapplied,balance",
    "account_status.csv": "account,status,reasons,next_change_on,next_status",
    "usage_reports.csv": "account,program,period,state,due_on,submitted_on",
    "outbox.csv": "key,revision,kind,account,to,subject,attachments,sha256,skipped_because",
}
OWN_FILES = {*HEADERS, "reconciliation.xlsx", "summary.md", "summary.json", "manifest.json"}
ACCOUNTS = (
    "COLL-001 COLL-002 COLL-003 COLL-004 COLL-005 DELTA-001 DELTA-002 DELTA-003 DELTA-004 DELTA-005 DELTA-006 "
    "NORD-000 NORD-201"
).split()
MONTHS = pytest.mark.parametrize("folder", [SEPTEMBER, OCTOBER])


def manifest(workspace: Path, folder: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((workspace / folder / "manifest.json").read_bytes())
    return content


def minor(text: str) -> int:
    """Read an amount with two decimals, printed in any language, as hundredths."""
    return int(re.sub(r"[^\d-]", "", text.replace("−", "-")))


@MONTHS
def test_files_are_those_that_are_promised(example: Path, folder: str) -> None:
    found = set(contents(example / folder))
    numbers = {path.stem for path in (example / "invoices").glob("*/*.yaml")}
    accounts = [*ACCOUNTS, *(["COLL-006"] if folder == OCTOBER else [])]  # which begins in October
    statements = {f"statements/{account}.{suffix}" for account in accounts for suffix in ("html", "pdf", "csv")}
    invoices = {name for name in found if name.startswith("invoices/")}
    mails = {
        f"outbox/{key}.{suffix}"
        for key, skipped in cells(example / folder / "outbox.csv", "key", "skipped_because")
        for suffix in ("eml", "html")
        if not skipped
    }
    proposals = {name for name in found if name.startswith("proposals/")}
    site = {name for name in found if name.startswith("site/")}
    assert found == OWN_FILES | statements | invoices | mails | proposals | site
    assert {Path(name).stem for name in invoices} <= numbers
    assert {Path(name).suffix for name in invoices} == {".html", ".pdf"}
    assert {path.stat().st_mode & 0o777 for path in (example / folder).rglob("*") if path.is_file()} == {0o644}


@MONTHS
def test_copies_are_of_the_documents_issued_since_the_run_before(example: Path, folder: str) -> None:
    copies = {path.stem for path in (example / folder / "invoices").iterdir()}
    first, last = {SEPTEMBER: ("2026-09-16", "2026-10-15"), OCTOBER: ("2026-10-16", "2026-11-15")}[folder]
    issued = set()
    for path in (example / "invoices").glob("*/*.yaml"):
        text = path.read_text(encoding="utf-8")
        day = re.search(r"^issued_on: (\S+)$", text, re.MULTILINE)
        if day and first <= day[1] <= last and "kind: opening_item" not in text:
            issued.add(path.stem)
    assert copies == issued


@MONTHS
@pytest.mark.parametrize("name", HEADERS)
def test_columns_are_those_that_are_promised(example: Path, folder: str, name: str) -> None:
    content = (example / folder / name).read_bytes()
    assert content.decode().splitlines()[0] == HEADERS[name]
    assert content.endswith(b"\n")
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")


def test_tables_only(workspace: Path, example: Path) -> None:
    published(workspace, "run", "2026-10", "--tables-only")
    published_files = contents(workspace / OCTOBER)
    tables = {name: content for name, content in published_files.items() if not name.startswith("proposals/")}
    assert set(tables) == OWN_FILES - {"outbox.csv", "reconciliation.xlsx"}
    same = set(HEADERS) - {"outbox.csv"}
    assert {name: tables[name] for name in same} == {
        name: content for name, content in contents(example / OCTOBER).items() if name in same
    }
    published(workspace, "run", "2026-10")
    assert contents(workspace / OCTOBER) == contents(example / OCTOBER)


@MONTHS
def test_every_input_has_its_hashes(example: Path, folder: str) -> None:
    inputs = manifest(example, folder)["inputs"]
    assert [item["path"] for item in inputs] == sorted({item["path"] for item in inputs})
    for item in inputs:
        content = (example / item["path"]).read_bytes()
        assert item["sha256"] == hashlib.sha256(content).hexdigest()
        assert item["blob"] == hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def test_blob_ids_are_those_of_git(example: Path) -> None:
    inputs = manifest(example, OCTOBER)["inputs"]
    command = ["git", "hash-object", "--no-filters", "--", *(item["path"] for item in inputs)]
    listed = subprocess.run(command, cwd=example, capture_output=True, text=True, check=True).stdout.split()
    assert [item["blob"] for item in inputs] == listed


def test_every_record_that_counts_is_an_input(example: Path) -> None:
    read = {item["path"] for item in manifest(example, OCTOBER)["inputs"]}
    folders = ("contacts", "agreements", "invoices", "usage", "payments", "cases")
    records = {
        path.relative_to(example).as_posix()
        for folder in folders
        for path in (example / folder).rglob("*")
        if path.is_file()
    }
    assert read == records | {"prisma.yaml"}


def test_september_knows_nothing_of_october(example: Path) -> None:
    read = {item["path"] for item in manifest(example, SEPTEMBER)["inputs"]}
    assert not [path for path in read if path.startswith(("usage/2026-10", "payments/2026-11", "cases/"))]
    assert not [path for path in read if re.search(r"INV-2026-02|payments/allocations/2026-10-20", path)]


@MONTHS
def test_every_output_has_its_hash(example: Path, folder: str) -> None:
    outputs = {item["path"]: item["sha256"] for item in manifest(example, folder)["outputs"]}
    found = {name: hashlib.sha256(content).hexdigest() for name, content in contents(example / folder).items()}
    del found["manifest.json"]
    assert outputs == found
    assert list(outputs) == sorted(outputs)


def test_manifests_are_chained(example: Path) -> None:
    september = (example / SEPTEMBER / "manifest.json").read_bytes()
    assert manifest(example, SEPTEMBER)["previous"] is None
    assert manifest(example, OCTOBER)["previous"] == {
        "period": "2026-09",
        "sha256": hashlib.sha256(september).hexdigest(),
    }


@MONTHS
def test_nothing_tells_the_machine_or_the_clock(example: Path, folder: str) -> None:
    machine = [str(example), str(REPOSITORY), str(Path.home()), str(example.parents[1]), platform.node()]
    for name, content in contents(example / folder).items():
        assert not [word for word in machine if len(word) > 4 and word.encode() in content], name
        at_midnight = content.replace(b"T00:00:00", b"")  # how a PDF writes the as-of day
        clock = re.search(rb"T\d\d:\d\d:\d\d|\d\d:\d\d:\d\d|1[67]\d{8}\.\d", at_midnight)
        assert clock is None, (name, clock)
    keys = {"tool", "period", "as_of", "previous", "control_totals", "inputs", "journals", "outputs"}
    assert set(manifest(example, folder)) == keys


@MONTHS
def test_control_totals_are_the_sums_of_the_tables(example: Path, folder: str) -> None:
    totals = manifest(example, folder)["control_totals"]
    for total in totals["ledger"]:
        balances = [row for row in rows(example / folder / "aging.csv") if row["currency"] == total["currency"]]
        assert sum(minor(row["balance"]) for row in balances) == minor(total["closing"])
    for total in totals["payments"]:
        money = [row for row in rows(example / folder / "payments.csv") if row["currency"] == total["currency"]]
        left = [row for row in rows(example / folder / "unapplied.csv") if row["currency"] == total["currency"]]
        unidentified = [row for row in left if not row["account"]]
        assert sum(minor(row["amount"]) for row in money) == minor(total["received"])
        assert sum(minor(row["amount"]) for row in left) == minor(total["unapplied"])
        assert sum(minor(row["amount"]) for row in unidentified) == minor(total["unidentified"])
        parts = ("applied", "unapplied", "refunded", "reversed", "not_receivable")
        assert sum(minor(total[part]) for part in parts) == minor(total["received"])


@MONTHS
def test_statements_add_up_to_the_ledger(example: Path, folder: str) -> None:
    closing: dict[str, int] = {}
    for file in (example / folder / "statements").glob("*.csv"):
        for row in rows(file):
            if row["section"] == "closing":
                closing[row["currency"]] = closing.get(row["currency"], 0) + minor(row["balance"])
    ledger = manifest(example, folder)["control_totals"]["ledger"]
    assert closing == {total["currency"]: minor(total["closing"]) for total in ledger}


@MONTHS
def test_each_statement_adds_up(example: Path, folder: str) -> None:
    for file in (example / folder / "statements").glob("*.csv"):
        by_currency: dict[str, list[dict[str, str]]] = {}
        for row in rows(file):
            by_currency.setdefault(row["currency"], []).append(row)
        for lines in by_currency.values():
            sums = {
                section: sum(minor(row[column]) for row in lines if row["section"] == section)
                for section, column in {
                    "opening": "balance",
                    "movement": "amount",
                    "closing": "balance",
                    "open_item": "open_amount",
                    "unapplied": "amount",
                }.items()
            }
            assert sums["opening"] + sums["movement"] == sums["closing"], file.name
            assert sums["open_item"] - sums["unapplied"] == sums["closing"], file.name


STATEMENT_KINDS = {"DELTA-006": "activity", "COLL-001": "balance_forward"}


@MONTHS
def test_statement_pages_show_the_figures_of_their_csv(example: Path, folder: str) -> None:
    for file in (example / folder / "statements").glob("*.csv"):
        page = html.fromstring(file.with_suffix(".html").read_bytes())
        sections = page.xpath("//section[@id]")
        assert [section.get("id") for section in sections] == sorted({row["currency"] for row in rows(file)})
        kind = STATEMENT_KINDS.get(file.stem, "open_item")
        for section in sections:
            lines = [row for row in rows(file) if row["currency"] == section.get("id")]
            moved = [
                *(minor(row["balance"]) for row in lines if row["section"] == "opening"),
                *(minor(row[name]) for row in lines if row["section"] == "movement" for name in ("amount", "balance")),
                *(minor(row["balance"]) for row in lines if row["section"] == "closing"),
            ]
            assert figures(section, "movements") == (moved if kind != "balance_forward" else [])
            assert figures(section, "sums")[-1:] == (moved[-1:] if kind == "balance_forward" else [])
            items = [row for row in lines if row["section"] == "open_item"]
            amounts = [minor(row[name]) for row in items for name in ("amount", "open_amount")]
            assert figures(section, "open-items")[: len(amounts)] == (amounts if kind == "open_item" else [])
            assert figures(section, "aging") == [minor(row["amount"]) for row in lines if row["section"] == "aging"]
            assert figures(section, "unapplied") == [
                minor(row["amount"]) for row in lines if row["section"] == "unapplied"
            ]


def figures(section: Any, name: str) -> list[int]:
    """Return the figures in the numeric cells of a table, in reading order."""
    cells_found = section.xpath(f".//table[contains(@class, '{name}')]//td[contains(@class, 'number')]")
    texts = (cell.text_content().strip() for cell in cells_found)
    return [minor(text) for text in texts if re.search(r"\d", text)]


@MONTHS
def test_pages_are_safe_and_need_nothing_else(example: Path, folder: str) -> None:
    for path in (example / folder).rglob("*.html"):
        page = html.fromstring(path.read_bytes())
        assert page.xpath("//script[@src] | //link | //iframe | //img[not(starts-with(@src, 'data:'))]") == []
        assert not [name for name in page.xpath("//@*/..") for name in name.attrib if name.startswith("on")]


def test_summary_names_every_kind_and_total(example: Path) -> None:
    text = (example / OCTOBER / "summary.md").read_text(encoding="utf-8")
    summary = json.loads((example / OCTOBER / "summary.json").read_bytes())
    skipped = [bool(reason) for (reason,) in cells(example / OCTOBER / "outbox.csv", "skipped_because")]
    assert summary["messages"] == {"planned": skipped.count(False), "skipped": skipped.count(True)}
    assert summary["usage"] == {"read": 292, "used": 292, "refused": 0, "duplicate": 0}
    found = {kind for (kind,) in cells(example / OCTOBER / "discrepancies.csv", "kind")}
    assert {count["kind"] for count in summary["discrepancies"]} == found
    assert sum(count["count"] for count in summary["discrepancies"]) == 27
    for figure in ("11,041.79", "613.05", "8,905.85"):
        assert figure in text or figure.replace(",", "") in text
