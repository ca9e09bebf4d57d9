"""Periods follow one another: each starts from what the one before it recorded, and a closed one stays as it is."""

import json
import shutil
from pathlib import Path

import pytest

from tests.jobs.recipes import (
    OCTOBER,
    SEPTEMBER,
    allocation,
    bank_csv,
    cells,
    contents,
    edit,
    invoice,
    prisma_batch,
    published,
    rows,
    write,
)

STERLING_ACCOUNT = "NL92PRSM0800100400"


def refused(workspace: Path, *arguments: str) -> tuple[int, str]:
    """Run a command that must publish nothing; returns its exit status and what it says on stderr."""
    before = contents(workspace / "reports")
    result = prisma_batch(workspace, *arguments)
    assert result.exit_code != 0
    assert contents(workspace / "reports") == before
    return result.exit_code, result.stderr


def late_invoices(workspace: Path) -> None:
    """Add documents that are dated before the 15th of October, the as-of day of September's run."""
    write(
        workspace,
        {
            "invoices/NORD-201/LATE-1.yaml": invoice("NORD-201", "LATE-1", "2026-10-10", "77.00"),
            "invoices/COLL-005/LATE-2.yaml": invoice("COLL-005", "LATE-2", "2026-09-30", "8.00"),
        },
    )


def test_closed_period_is_refused(workspace: Path) -> None:
    status, told = refused(workspace, "run", "2026-09")
    assert status == 2
    assert "2026-09 is closed" in told
    assert "--reopen" in told


def test_reopening_changes_nothing_where_nothing_changed(workspace: Path, example: Path) -> None:
    published(workspace, "run", "2026-09", "--reopen")
    assert contents(workspace / "reports") == contents(example / "reports")


def test_reopening_runs_what_followed_again(workspace: Path, records: Path) -> None:
    late_invoices(workspace)
    published(workspace, "run", "2026-09", "--reopen")
    late_invoices(records)
    for period in ("2026-09", "2026-10"):
        published(records, "run", period)
    assert contents(workspace / "reports") == contents(records / "reports")
    assert ("NORD-201", "LATE-1") in cells(workspace / SEPTEMBER / "open_items.csv", "account", "document")


def test_reopening_keeps_the_as_of_day_of_later_periods(workspace: Path) -> None:
    published(workspace, "run", "2026-10", "--as-of", "2026-11-20")
    published(workspace, "run", "2026-09", "--reopen")
    assert json.loads((workspace / OCTOBER / "manifest.json").read_bytes())["as_of"] == "2026-11-20"


def test_reopening_with_a_later_as_of_than_the_next_period_changes_nothing(workspace: Path) -> None:
    status, told = refused(workspace, "run", "2026-09", "--reopen", "--as-of", "2026-11-20")
    assert status == 2
    assert "2026-11-15" in told


def test_reopening_changes_nothing_where_a_later_period_cannot_be_run(workspace: Path) -> None:
    late_invoices(workspace)
    # It can be decided in September, and no longer in October: the bank has not seen the payment by then.
    edit(workspace / "payments/allocations/2026-10-20-delta-006.yaml", "PRB20261013002", "PRB20261013009")
    status, told = refused(workspace, "run", "2026-09", "--reopen")
    assert status == 1
    assert "errors" in told or "error" in told


@pytest.mark.parametrize("name", ["payments", "allocations", "adjustments", "aging", "open_items"])
@pytest.mark.parametrize("how", ["changed", "emptied", "removed"])
def test_tampered_table_is_refused(workspace: Path, name: str, how: str) -> None:
    file = workspace / SEPTEMBER / f"{name}.csv"
    if how == "changed":
        file.write_bytes(file.read_bytes() + b"\n")
    elif how == "emptied":
        file.write_bytes(b"")
    else:
        file.unlink()
    status, told = refused(workspace, "run", "2026-10")
    assert (status, told.startswith("prisma-batch: ")) == (1, True)
    assert f"2026-09/{name}.csv" in told


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b'{"as_of": "2026-10-15", "previous": null}', b"<<<<<<< ours\n{}\n=======\n", b"\xff"],
    ids=str,
)
def test_manifest_that_is_none_is_refused(workspace: Path, content: bytes) -> None:
    (workspace / SEPTEMBER / "manifest.json").write_bytes(content)
    status, told = refused(workspace, "run", "2026-10")
    assert status == 1
    assert "2026-09/manifest.json" in told


def test_changed_amount_of_an_issued_invoice_is_refused(workspace: Path) -> None:
    document = workspace / "invoices/COLL-001/INV-2026-0109.yaml"
    text = document.read_text(encoding="utf-8")
    write(
        workspace, {"invoices/COLL-001/INV-2026-0109.yaml": invoice("COLL-001", "INV-2026-0109", "2026-10-05", "1.00")}
    )
    assert document.read_text(encoding="utf-8") != text
    status, told = refused(workspace, "run", "2026-10")
    assert status == 1
    assert "COLL-001" in told


def test_removed_document_is_refused(workspace: Path) -> None:
    (workspace / "invoices/COLL-005/INV-2026-0112.yaml").unlink()
    status, told = refused(workspace, "run", "2026-10")
    assert status == 1
    assert "COLL-005" in told


def test_late_invoice_is_posted_with_its_true_date(workspace: Path, example: Path) -> None:
    late_invoices(workspace)
    published(workspace, "run", "2026-10")
    statement = rows(workspace / OCTOBER / "statements/NORD-201.csv")
    (movement,) = [row for row in statement if row["reference"] == "LATE-1" and row["section"] == "movement"]
    assert (movement["date"], movement["amount"], movement["prior_period"]) == ("2026-10-10", "77.00", "yes")
    assert [row["reference"] for row in statement if row["prior_period"]] == ["LATE-1"]
    assert contents(workspace / SEPTEMBER) == contents(example / SEPTEMBER)


def test_late_invoice_leaves_the_opening_balance(workspace: Path) -> None:
    late_invoices(workspace)
    published(workspace, "run", "2026-10")
    closing = {row["account"]: row["balance"] for row in rows(workspace / SEPTEMBER / "aging.csv")}
    for account in ("NORD-201", "COLL-005"):
        (opening,) = [
            row["balance"]
            for row in rows(workspace / OCTOBER / f"statements/{account}.csv")
            if row["section"] == "opening"
        ]
        assert opening == closing[account]


def test_late_invoice_is_sent(workspace: Path) -> None:
    """Nobody has told the customer of it, since it was in no run before."""
    late_invoices(workspace)
    published(workspace, "run", "2026-10")
    keys = [key for (key,) in cells(workspace / OCTOBER / "outbox.csv", "key")]
    assert "invoice_available.LATE-1" in keys
    assert (workspace / OCTOBER / "invoices/LATE-1.html").is_file()


def test_late_payment_is_posted_with_its_true_date(workspace: Path) -> None:
    late = f"LATE,L,{STERLING_ACCOUNT},2026-10-02,2026-10-02,5.00,GBP,Quillmere Hosting Ltd,GB78QLMR99000000310030,,,"
    write(workspace, {"payments/2026-10/late.csv": bank_csv(late)})
    published(workspace, "run", "2026-10")
    statement = rows(workspace / OCTOBER / "statements/COLL-003.csv")
    marked = [(row["date"], row["reference"], row["amount"]) for row in statement if row["prior_period"]]
    assert marked == [("2026-10-02", "LATE", "-5.00")]


def test_every_opening_balance_is_the_closing_balance_before(example: Path) -> None:
    closing = {(row["account"], row["currency"]): row["balance"] for row in rows(example / SEPTEMBER / "aging.csv")}
    openings = {
        (row["account"], row["currency"]): row["balance"]
        for file in (example / OCTOBER / "statements").glob("*.csv")
        for row in rows(file)
        if row["section"] == "opening"
    }
    assert {key: balance for key, balance in openings.items() if balance != "0.00"} == closing


def test_a_month_that_is_left_out_is_told_and_run_with_those_after_it(workspace: Path, tmp_path: Path) -> None:
    in_order = shutil.copytree(workspace, tmp_path / "in-order")
    told = published(workspace, "run", "2027-01", "--tables-only")
    warned = (
        "reports/2026-10/manifest.json: 2026-11 to 2026-12 were never run: what moved since 2026-11-15 is told under"
    )
    assert f"{warned} 2027-01; to tell it month by month: prisma-batch run 2026-11 --reopen" in told
    status, refusal = refused(workspace, "run", "2026-11", "--tables-only")
    assert (status, "2026-11 is closed: 2027-01 went on from 2026-10" in refusal) == (2, True)
    published(workspace, "run", "2026-11", "--tables-only", "--reopen")
    assert "2026-12 was never run" in (workspace / "reports/2027-01/summary.md").read_text(encoding="utf-8")
    published(workspace, "run", "2026-12", "--tables-only", "--reopen")
    for period in ("2026-11", "2026-12", "2027-01"):
        assert "never run" not in published(in_order, "run", period, "--tables-only")
    assert contents(workspace / "reports") == contents(in_order / "reports")


def test_third_month_starts_from_the_second(workspace: Path) -> None:
    published(workspace, "run", "2026-11")
    summary = json.loads((workspace / "reports/2026-11/summary.json").read_bytes())
    assert [(total["currency"], total["opening"], total["closing"]) for total in summary["ledger"]] == [
        ("EUR", "11041.79", "11041.79"),
        ("GBP", "-75.00", "-75.00"),
        ("USD", "613.05", "613.05"),
    ]
    allocated = cells(workspace / "reports/2026-11/allocations.csv", "payment", "invoice", "amount")
    assert allocated == cells(workspace / OCTOBER / "allocations.csv", "payment", "invoice", "amount")


def test_month_without_anything_new_moves_nothing(workspace: Path) -> None:
    published(workspace, "run", "2026-11")
    statements = (workspace / "reports/2026-11/statements").glob("*.csv")
    assert {row["section"] for file in statements for row in rows(file)} >= {"opening", "closing"}
    moved = [row for file in statements for row in rows(file) if row["section"] == "movement"]
    assert moved == []


def test_decision_is_undone_by_a_later_one(workspace: Path) -> None:
    write(workspace, allocation("PRB20261013002", "DELTA-006", "INV-2026-0106", "-613.06", decided_on="2026-11-20"))
    published(workspace, "run", "2026-11", "--tables-only")
    items = {row["document"]: row["open_amount"] for row in rows(workspace / "reports/2026-11/open_items.csv")}
    assert items["INV-2026-0106"] == "613.06"
    unapplied = {row["payment"]: row["amount"] for row in rows(workspace / "reports/2026-11/unapplied.csv")}
    assert unapplied["PRB20261013002"] == "613.06"


def test_decision_about_money_that_is_booked_later_waits_for_it(records: Path) -> None:
    write(records, allocation("PRB20261026007", "COLL-001", "INV-2026-0109", "543.77", "2026-10-14"))
    for period, methods in (("2026-09", []), ("2026-10", ["manual"])):
        published(records, "run", period, "--tables-only")
        allocated = rows(records / f"reports/{period}/allocations.csv")
        assert [row["method"] for row in allocated if row["payment"] == "PRB20261026007"] == methods


def test_decision_dated_before_but_made_after_the_closed_run_counts(workspace: Path) -> None:
    write(workspace, allocation("GBP-2026-10-27-01", "COLL-003", "INV-2026-0213", "0.00", decided_on="2026-11-01"))
    edit(workspace / "payments/allocations/decision.yaml", '"0.00"', '"75.00"')
    edit(workspace / "payments/allocations/decision.yaml", "document: INV-2026-0213, ", "")
    edit(workspace / "payments/allocations/decision.yaml", "settle", "on_account")
    published(workspace, "run", "2026-11", "--tables-only")
    reasons = dict(cells(workspace / "reports/2026-11/unapplied.csv", "payment", "reason"))
    assert reasons["GBP-2026-10-27-01"] == "on_account"


def test_payments_of_closed_periods_count_without_their_files(workspace: Path) -> None:
    """A run starts from the recorded payments of the one before, whichever bank files it is given."""
    published(
        workspace, "run", "2026-10", "--tables-only", "--payments", "payments/2026-10", "--payments", "payments/2026-11"
    )
    paid = {"H-2026-0388", "H-2026-0391", "H-2026-0393"}
    assert paid.isdisjoint(document for (document,) in cells(workspace / OCTOBER / "open_items.csv", "document"))
    assert len(cells(workspace / OCTOBER / "payments.csv", "payment")) == 22


def test_bank_file_of_a_closed_period_is_missed(workspace: Path) -> None:
    shutil.rmtree(workspace / "payments/2026-09")
    status, _ = refused(workspace, "run", "2026-10")
    told = prisma_batch(workspace, "run", "2026-10").stdout
    assert (status, told.count("payment-lost")) == (1, 3)


def test_reference_that_a_bank_uses_again_renames_no_closed_payment(workspace: Path) -> None:
    again = f"GBP-2026-09-22-01,AGAIN,{STERLING_ACCOUNT},2026-11-14,2026-11-14,10.00,GBP,Somebody,GB1,,,hello"
    write(workspace, {"payments/2026-11/again.csv": bank_csv(again)})
    published(workspace, "run", "2026-10")
    recorded = cells(workspace / SEPTEMBER / "payments.csv", "payment", "booking_date", "amount")
    assert set(recorded) <= set(cells(workspace / OCTOBER / "payments.csv", "payment", "booking_date", "amount"))
    assert not [row for row in rows(workspace / OCTOBER / "statements/COLL-003.csv") if row["prior_period"]]


def test_parts_settled_across_currencies_stay_what_they_were_when_the_payment_comes_back(workspace: Path) -> None:
    [(path, text)] = allocation("USD-2026-11-12-01", "DELTA-004", "INV-2026-0205", "100.00", "2026-11-20").items()
    *head, item = text.replace("settle}", 'settle, settles_amount: "90.00"}').splitlines()
    write(workspace, {path: "\n".join([*head, item, item.replace("100.00", "60.81").replace("90.00", "57.94"), ""])})
    back = "BACK-1,USD-12,NL76PRSM0800100300,2026-12-20,2026-12-20,-160.81,USD,,,,,INV-2026-0205"
    write(workspace, {"payments/2026-12/usd.csv": bank_csv(back)})
    for period, owed in (("2026-11", []), ("2026-12", ["147.94"]), ("2027-01", ["147.94"])):
        told = published(workspace, "run", period, "--tables-only")
        items = cells(workspace / f"reports/{period}/open_items.csv", "document", "open_amount")
        assert [amount for document, amount in items if document == "INV-2026-0205"] == owed
        exchanged = [row for row in rows(workspace / f"reports/{period}/adjustments.csv") if row["kind"] == "exchange"]
        in_euros = [row["amount"] for row in exchanged if row["currency"] == "EUR"]
        assert sorted(in_euros) == (["-57.94", "-90.00", "57.94", "90.00"] if owed else ["57.94", "90.00"])
    assert "came back; INV-2026-0205 is open again" in told
