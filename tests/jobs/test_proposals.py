"""Proposals: documents that are right by our own checks, and close what they are proposed for once they are issued."""

import shutil
from pathlib import Path

import pytest

from prisma_batch.jobs.fmt import canonical_content
from prisma_batch.rating.corrections import CORRECTED_KINDS
from tests.jobs.recipes import OCTOBER, SEPTEMBER, cells, edit, prisma_batch, published

NOVEMBER = "reports/2026-11"


def proposals(workspace: Path, folder: str = OCTOBER) -> dict[str, str]:
    """The proposals of a run by path, account and number."""
    files = (workspace / folder / "proposals").rglob("*.yaml")
    return {"/".join(file.parts[-2:]): file.read_text(encoding="utf-8") for file in files}


def merge(workspace: Path) -> None:
    """What a person does with all proposals of October."""
    shutil.copytree(workspace / OCTOBER / "proposals", workspace / "invoices", dirs_exist_ok=True)


def listed(workspace: Path, folder: str) -> list[tuple[str, ...]]:
    """What is corrected by one more line; a report that came late has no amount, and nothing to correct."""
    found = cells(workspace / folder / "discrepancies.csv", "kind", "account", "period", "difference_amount")
    return [row for row in found if row[0] in CORRECTED_KINDS and (row[3] or row[0] != "late_usage")]


def test_each_finding_that_calls_for_one_has_a_proposal(example: Path) -> None:
    kinds = {text.split("kind: ")[1].split()[0]: set[str]() for text in proposals(example).values()}
    for path, text in proposals(example).items():
        kinds[text.split("kind: ")[1].split()[0]].add(path.partition("/")[0])
    assert kinds == {
        "credit_note": {
            "COLL-003",
            "COLL-006",
            "DELTA-002",
            "DELTA-003",
            "DELTA-004",
            "DELTA-005",
            "DELTA-006",
            "NORD-000",
        },
        "invoice": {"COLL-001", "COLL-006", "DELTA-004"},
    }
    assert not any("proposals" in str(path) for path in (example / "invoices").rglob("*"))


def test_what_stays_open_is_proposed_again_under_the_same_number(example: Path) -> None:
    """Merged twice it would be a number that is used twice."""
    assert proposals(example, SEPTEMBER).keys() < proposals(example).keys()


def test_proposals_are_canonical(example: Path) -> None:
    for text in proposals(example).values():
        assert canonical_content(text.encode(), "invoices") == text.encode()


def test_a_merged_proposal_is_valid_and_closes_its_discrepancy(workspace: Path) -> None:
    open_before = listed(workspace, OCTOBER)
    assert len(open_before) > 5
    merge(workspace)
    result = prisma_batch(workspace, "validate", "--as-of", "2026-11-16")
    assert result.exit_code == 0, result.output
    assert prisma_batch(workspace, "fmt", "--check").exit_code == 0
    published(workspace, "run", "2026-10", "--tables-only")
    assert listed(workspace, OCTOBER) == []
    assert proposals(workspace) == {}
    exceeded = cells(workspace / OCTOBER / "discrepancies.csv", "kind", "invoice")
    assert [row for row in exceeded if row[0] == "credit_exceeds_invoice"] == [
        ("credit_exceeds_invoice", "INV-2026-0212")  # as it was before
    ]


def test_the_next_month_finds_nothing_left_of_it(workspace: Path) -> None:
    merge(workspace)
    published(workspace, "run", "2026-11", "--tables-only")
    assert [row for row in listed(workspace, NOVEMBER) if row[2] < "2026-11"] == []


@pytest.mark.parametrize("reply", ["accepted", "tolerated"])
def test_nothing_is_proposed_for_what_alerts_nobody(workspace: Path, reply: str) -> None:
    found = cells(workspace / OCTOBER / "discrepancies.csv", "account", "kind", "id", "fingerprint")
    [(identifier, fingerprint)] = [row[2:] for row in found if row[:2] == ("DELTA-002", "quantity_mismatch")]
    if reply == "accepted":
        case = workspace / "cases" / "DELTA-003" / "CASE-2026-0001.yaml"
        outcome = f'{{kind: accepted, on: 2026-11-14, discrepancy: "{identifier}", fingerprint: "{fingerprint}"}}'
        case.write_text(f"{case.read_text(encoding='utf-8')}outcome:\n  - {outcome}\n", encoding="utf-8")
    else:
        edit(workspace / "prisma.yaml", 'amount: {EUR: "0.01"}', 'amount: {EUR: "19.00"}')
    published(workspace, "run", "2026-10", "--tables-only")
    states = dict(cells(workspace / OCTOBER / "discrepancies.csv", "id", "state"))
    assert states[identifier] == {"accepted": "accepted", "tolerated": "within_tolerance"}[reply]
    assert not any(path.startswith("DELTA-002/") for path in proposals(workspace))
