"""A decision drafted from the last run: what it writes, what it refuses, and what the next run makes of it."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.jobs.recipes import OCTOBER, allocation, bank_csv, cells, prisma_batch, published, rows, write

STRANGER = "PRB20261106003"  # 250.00 EUR that nobody is known to have paid
AT = ("--at", "2026-11-10")
DRAFT = "payments/allocations/2026-11-10-PRB20261106003.yaml"


def open_document(workspace: Path, currency: str = "EUR") -> dict[str, str]:
    items = [row for row in rows(workspace / OCTOBER / "open_items.csv") if row["currency"] == currency]
    return max(items, key=lambda row: float(row["open_amount"]))


def test_named_documents_are_settled_by_the_next_run(workspace: Path) -> None:
    document = open_document(workspace)
    asked = ("allocate", STRANGER, "--document", document["document"], "--reason", "Confirmed by phone: yes", *AT)
    assert published(workspace, *asked) == f"{DRAFT}\n"
    assert (workspace / DRAFT).read_text(encoding="utf-8") == (
        "# yaml-language-server: $schema=../../schemas/allocations.schema.json\n"
        'id: "2026-11-10-PRB20261106003"\n'
        "decided_on: 2026-11-10\n"
        "decided_by: finance@prisma-distribution.example\n"
        'reason: "Confirmed by phone: yes"\n'
        "items:\n"
        f"  - {{payment: {STRANGER}, account: {document['account']}, document: {document['document']}, "
        'amount: "250.00", kind: settle}\n'
    )
    assert prisma_batch(workspace, "validate").exit_code == 0
    published(workspace, "run", "2026-10", "--tables-only")
    applied = cells(workspace / OCTOBER / "allocations.csv", "payment", "invoice", "amount", "method")
    assert (STRANGER, document["document"], "250.00", "manual") in applied


def suggested(workspace: Path) -> tuple[str, list[str]]:
    """A run in which an unknown payer has sent exactly what two documents have open."""
    document = open_document(workspace)
    amount = document["open_amount"]
    row = f"NEW-1,X-1,NL60PRSM0800100200,2026-11-13,2026-11-13,{amount},EUR,Nobody,NL00NEW,,,"
    write(workspace, {"payments/2026-11/x.csv": bank_csv(row)})
    published(workspace, "run", "2026-10", "--tables-only")
    [text] = [row["suggestion"] for row in rows(workspace / OCTOBER / "unapplied.csv") if row["payment"] == "NEW-1"]
    assert text.startswith(f"{document['document']} (same amount, owed by {document['account']})")
    return amount, [document["account"], document["document"]]


def test_the_first_suggestion_is_the_default(workspace: Path) -> None:
    amount, [account, document] = suggested(workspace)
    path = published(workspace, "allocate", "NEW-1", "--by", "Jo Doe", *AT).strip()
    text = (workspace / path).read_text(encoding="utf-8")
    assert f'account: {account}, document: {document}, amount: "{amount}", kind: settle' in text
    assert "decided_by: Jo Doe" in text
    assert f'reason: "As suggested: same amount, owed by {account}"' in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["NOBODY"], "nothing of payment NOBODY is unapplied in the last run"),
        ([STRANGER], "there is no suggestion for payment PRB20261106003: name the documents with --document"),
        ([STRANGER, "--document", "INV-NONE"], "nothing is open of INV-NONE in the last run"),
        (["USD-2026-11-12-01"], "is in EUR: write the record by hand, with settles_amount"),
        (["USD-2026-11-12-01", "--suggestion", "2"], "there are 1 suggestions"),
    ],
)
def test_what_cannot_be_drafted(workspace: Path, arguments: list[str], sentence: str) -> None:
    before = sorted((workspace / "payments/allocations").iterdir())
    result = prisma_batch(workspace, "allocate", *arguments, *AT)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert sorted((workspace / "payments/allocations").iterdir()) == before


def test_money_is_used_up_in_order(workspace: Path) -> None:
    documents = [row for row in rows(workspace / OCTOBER / "open_items.csv") if row["currency"] == "EUR"]
    small, large = (
        min((row for row in documents if float(row["open_amount"]) > 0), key=lambda row: float(row["open_amount"])),
        open_document(workspace),
    )
    both = ("--document", small["document"], "--document", large["document"])
    path = published(workspace, "allocate", STRANGER, *both, *AT).strip()
    text = (workspace / path).read_text(encoding="utf-8")
    rest = 250 - float(small["open_amount"])
    assert f'amount: "{small["open_amount"]}"' in text
    assert f'amount: "{rest:.2f}"' in text
    too_many = prisma_batch(workspace, "allocate", STRANGER, *both[2:], *both, "--at", "2026-11-11")
    assert (too_many.exit_code, "is left for" in too_many.stderr) == (2, True)


def test_a_credit_is_used_up_with_the_payment(workspace: Path) -> None:
    document = open_document(workspace)
    [credit] = [row for row in rows(workspace / OCTOBER / "open_items.csv") if float(row["open_amount"]) < 0]
    asked = ("allocate", STRANGER, "--document", document["document"], "--document", credit["document"], *AT)
    text = (workspace / published(workspace, *asked).strip()).read_text(encoding="utf-8")
    settled = 250 - float(credit["open_amount"])
    assert f'document: {document["document"]}, amount: "{settled:.2f}"' in text
    assert f'document: {credit["document"]}, amount: "{credit["open_amount"]}"' in text
    alone = prisma_batch(workspace, *asked[:2], *asked[4:6], "--at", "2026-11-11")
    assert (alone.exit_code, "the open credits are more than the documents" in alone.stderr) == (2, True)
    published(workspace, "run", "2026-10", "--tables-only")
    applied = cells(workspace / OCTOBER / "allocations.csv", "payment", "invoice", "amount", "method")
    assert (STRANGER, credit["document"], credit["open_amount"], "manual") in applied


def test_a_record_is_never_overwritten(workspace: Path) -> None:
    asked = ("allocate", STRANGER, "--document", open_document(workspace)["document"], *AT)
    published(workspace, *asked)
    again = prisma_batch(workspace, *asked)
    assert (again.exit_code, f"{DRAFT} is there already" in again.stderr) == (2, True)


def test_what_validate_would_refuse_is_not_left_behind(workspace: Path) -> None:
    """Another decision has settled all of the document since the last run."""
    document = open_document(workspace)
    about = (document["account"], document["document"], document["amount"])
    write(workspace, allocation("PRB20261030009", *about))
    result = prisma_batch(workspace, "allocate", STRANGER, "--document", document["document"], *AT)
    assert (result.exit_code, "allocation-exceeds-document" in result.stderr) == (1, True)
    assert not (workspace / DRAFT).exists()


def test_without_a_run_or_a_workspace_there_is_nothing_to_draft_from(records: Path, tmp_path: Path) -> None:
    assert "not a workspace" in prisma_batch(tmp_path, "allocate", "P", *AT).stderr
    for folder in (records / "reports").glob("*"):
        for file in folder.rglob("manifest.json"):
            file.unlink()
    assert "no run is published" in prisma_batch(records, "allocate", "P", *AT).stderr


def test_the_total_counts_what_was_applied_before_the_rest_was_set_apart(workspace: Path) -> None:
    document = open_document(workspace)
    [decided] = allocation(STRANGER, document["account"], document["document"], "100.00").items()
    rest = f'  - {{payment: {STRANGER}, amount: "150.00", kind: not_receivable}}\n'
    before = json.loads((workspace / OCTOBER / "summary.json").read_bytes())["payments"]
    write(workspace, {decided[0]: decided[1] + rest})
    published(workspace, "run", "2026-10", "--tables-only")
    after = json.loads((workspace / OCTOBER / "summary.json").read_bytes())["payments"]
    [old], [new] = ([total for total in totals if total["currency"] == "EUR"] for totals in (before, after))
    gained = {name: Decimal(new[name]) - Decimal(old[name]) for name in ("applied", "not_receivable", "unapplied")}
    assert gained == {"applied": Decimal(100), "not_receivable": Decimal(150), "unapplied": Decimal(-250)}
