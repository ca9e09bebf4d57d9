"""Usage reports over several runs: what stands in for a missing one, and what becomes of it when it comes."""

import json
from decimal import Decimal
from pathlib import Path

from tests.jobs.recipes import OCTOBER, SEPTEMBER, cells, published, write

NOVEMBER = "reports/2026-11"
EARLY = "account,program,sku,usage_date,quantity,unit\n"
BILLED = """\
number: INV-2026-0301
kind: invoice
account: COLL-004
issued_on: 2026-11-14
due_on: 2026-12-14
currency: EUR
lines:
  - line: 1
    program: citrix-csp
    sku: CVAD-USER
    description: Virtual Apps and Desktops, per user (estimated)
    service_from: 2026-10-01
    service_to: 2026-10-31
    quantity: 18
    unit: user
    amount: "{amount}"
    tax: reverse_charge
taxes:
  - {{code: reverse_charge, rate: "0", base: "{amount}", amount: "0.00"}}
net: "{amount}"
tax: "0.00"
total: "{amount}"
"""
ACTUAL = """\
account: COLL-004
program: citrix-csp
period: 2026-10
submitted_on: 2026-11-20
lines:
  - {sku: CVAD-USER, quantity: 15}
"""


def carrying(workspace: Path) -> Path:
    """The example, where citrix-csp carries quantities forward."""
    text = (workspace / "prisma.yaml").read_text(encoding="utf-8")
    before, after = text.split("  citrix-csp:\n")
    after = after.replace("late_policy: block", "late_policy: carry_forward", 1)
    (workspace / "prisma.yaml").write_text(f"{before}  citrix-csp:\n{after}", encoding="utf-8")
    return workspace


def of_account(workspace: Path, folder: str) -> list[tuple[str, ...]]:
    columns = ("kind", "period", "expected_quantity", "invoiced_quantity", "difference_amount", "account", "program")
    found = cells(workspace / folder / "discrepancies.csv", *columns)
    return [row[:5] for row in found if row[5:] == ("COLL-004", "citrix-csp")]


def state(workspace: Path, folder: str) -> list[tuple[str, ...]]:
    found = cells(workspace / folder / "usage_reports.csv", "account", "program", "period", "state")
    return [row[2:] for row in found if row[:2] == ("COLL-004", "citrix-csp")]


def test_an_estimate_is_billed_told_and_reversed(workspace: Path) -> None:
    """18 users of September stand in for October; 15 were used, and 3 are credited."""
    carrying(workspace)
    published(workspace, "run", "2026-10", "--reopen", "--tables-only")
    assert state(workspace, OCTOBER) == [("2026-10", "estimated")]
    [_, unbilled] = sorted(of_account(workspace, OCTOBER))
    assert unbilled[:4] == ("unbilled_usage", "2026-10", "18", "")
    messages = cells(workspace / OCTOBER / "discrepancies.csv", "account", "kind", "message")
    [message] = [row[2] for row in messages if row[:2] == ("COLL-004", "unbilled_usage")]
    assert message.endswith("(estimated from the report of 2026-09)")
    codes = [item["code"] for item in json.loads((workspace / OCTOBER / "summary.json").read_bytes())["headline"]]
    assert "usage-estimated" in codes
    [amount] = {row[4].removeprefix("-") for row in of_account(workspace, OCTOBER) if row[4]}
    write(workspace, {"invoices/COLL-004/INV-2026-0301.yaml": BILLED.format(amount=amount)})
    published(workspace, "run", "2026-10", "--tables-only")
    assert [row[0] for row in of_account(workspace, OCTOBER)] == ["missing_usage_report"]
    write(workspace, {"usage/2026-10/COLL-004.citrix-csp.yaml": ACTUAL})
    published(workspace, "run", "2026-11", "--tables-only")
    assert ("2026-10", "late") in state(workspace, NOVEMBER)
    found = [row for row in of_account(workspace, NOVEMBER) if row[1] == "2026-10"]
    assert [row[:4] for row in found] == [
        ("late_usage", "2026-10", "", ""),
        ("quantity_mismatch", "2026-10", "15", "18"),
    ]
    [note] = (workspace / NOVEMBER / "proposals" / "COLL-004").glob("CN-2026-10-*.yaml")
    assert "quantity: 3\n" in note.read_text(encoding="utf-8")


def test_a_report_that_comes_after_the_window_is_told_once_and_not_matched(workspace: Path) -> None:
    """citrix-csp looks back one month: in November the report of September comes too late."""
    september = "usage/2026-09/COLL-004.citrix-csp"
    revision = (workspace / f"{september}.yaml").read_text(encoding="utf-8").replace("quantity: 18", "quantity: 20")
    lines = [line for line in revision.splitlines() if not line.startswith("submitted_on")]
    text = "\n".join([*lines[:4], "submitted_on: 2026-12-01", "revises: 1", *lines[4:]]) + "\n"
    write(workspace, {f"{september}.r2.yaml": text})
    published(workspace, "run", "2026-11", "--tables-only")
    found = [row for row in of_account(workspace, NOVEMBER) if row[1] == "2026-09"]
    assert [row[:4] for row in found] == [("late_usage", "2026-09", "20", "18")]
    published(workspace, "run", "2026-12", "--tables-only")
    assert [row for row in of_account(workspace, "reports/2026-12") if row[1] == "2026-09"] == []


def late_rows(workspace: Path, folder: str) -> list[tuple[str, ...]]:
    columns = ("kind", "program", "account", "sku", "period", "expected_quantity", "invoiced_quantity")
    found = cells(workspace / folder / "discrepancies.csv", *columns, "difference_amount")
    return [row[2:] for row in found if row[:2] == ("late_usage", "aurora-cloud")]


def test_rows_that_a_known_file_gets_after_the_window_are_told_once(workspace: Path) -> None:
    """aurora-cloud looks back one month: in November nothing of September is matched any more."""
    file = workspace / "usage/2026-09/aurora-cloud.csv"
    head, *lines = file.read_text(encoding="utf-8").splitlines()
    more = ["COLL-005,aurora-cloud,VCPU-HOUR,2026-09-20,2.5,hour", "COLL-005,aurora-cloud,NEW-SKU,2026-09-20,1,piece"]
    assert head == "account,program,sku,usage_date,quantity,unit"
    write(workspace, {"usage/2026-09/aurora-cloud.csv": "\n".join([head, *more, *lines]) + "\n"})
    published(workspace, "run", "2026-11", "--tables-only")
    new, known = late_rows(workspace, NOVEMBER)
    assert new == ("COLL-005", "NEW-SKU", "2026-09", "1", "", "")
    assert (known[:3], Decimal(known[3]) - Decimal(known[4])) == (("COLL-005", "VCPU-HOUR", "2026-09"), Decimal("2.5"))
    published(workspace, "run", "2026-12", "--tables-only")
    assert late_rows(workspace, "reports/2026-12") == []


def test_a_new_file_that_repeats_nothing_is_told_with_all_of_its_unit(workspace: Path) -> None:
    rows = "account,program,sku,usage_date,quantity,unit\nNOBODY,aurora-cloud,X,2026-09-20,1,piece\n"
    write(workspace, {"usage/2026-11/late.csv": rows + "COLL-005,aurora-cloud,VCPU-HOUR,2026-09-20,-1,hour\n"})
    published(workspace, "run", "2026-11", "--tables-only")
    assert [row[:3] for row in late_rows(workspace, NOVEMBER)] == [
        ("COLL-005", "VCPU-HOUR", "2026-09"),
        ("NOBODY", "X", "2026-09"),
    ]


def test_a_named_file_tells_the_rows_of_earlier_months(workspace: Path) -> None:
    """Two months of it: that of September as it was published, and rows that nobody knew, within the window or not."""
    september = (workspace / "usage/2026-09/aurora-cloud.csv").read_text(encoding="utf-8")
    october = "COLL-001,aurora-cloud,VCPU-HOUR,2026-10-03,5,hour\n"
    new = "COLL-001,aurora-cloud,NEW-SKU,2026-09-20,1,piece\nCOLL-005,aurora-cloud,VCPU-HOUR,2026-08-20,2,hour\n"
    write(workspace, {"export.csv": september + october + new})
    before = cells(workspace / OCTOBER / "discrepancies.csv", "kind", "program")
    published(workspace, "run", "2026-10", "--tables-only", "--usage", "export.csv")
    assert ("late_usage", "aurora-cloud") not in before
    assert late_rows(workspace, OCTOBER) == [
        ("COLL-001", "NEW-SKU", "2026-09", "1", "", ""),
        ("COLL-005", "VCPU-HOUR", "2026-08", "2", "", ""),
    ]
    assert not list((workspace / OCTOBER / "proposals").glob("*/*2026-0[89]*aurora*"))
    write(workspace, {"export.csv": september + october.replace("-10-", "-11-") + new})
    published(workspace, "run", "2026-11", "--tables-only", "--usage", "export.csv")
    assert late_rows(workspace, NOVEMBER) == []


def test_usage_before_the_first_period_is_told_once_with_its_money(records: Path) -> None:
    """Nobody billed it here: it is listed with what was agreed, and nothing is proposed for it."""
    write(records, {"usage/2026-09/early.csv": EARLY + "COLL-005,aurora-cloud,VCPU-HOUR,2026-08-20,10,hour\n"})
    published(records, "run", "2026-09", "--tables-only")
    columns = ("account", "period", "expected_quantity", "invoiced_quantity", "difference_amount", "severity", "line")
    [told] = [
        row[1:]
        for row in cells(records / SEPTEMBER / "discrepancies.csv", "kind", *columns)
        if row[1:2] == ("COLL-005",) and row[0] == "late_usage"
    ]
    assert told == ("COLL-005", "2026-08", "10", "", "", "low", "")
    assert not list((records / SEPTEMBER / "proposals").glob("COLL-005/*2026-08*"))
    write(records, {"usage/2026-10/early.csv": EARLY + "COLL-005,aurora-cloud,VCPU-HOUR,2026-07-20,10,hour\n"})
    published(records, "run", "2026-10", "--tables-only")
    assert [row[2] for row in late_rows(records, OCTOBER)] == ["2026-07"]
