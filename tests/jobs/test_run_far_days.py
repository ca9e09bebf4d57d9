"""A day that never comes is written 9999-12-31: there is no day after it, and a run needs none."""

from pathlib import Path

import pytest

from tests.jobs.recipes import copy_records, edit, published, rows

NEVER = "9999-12-31"
INSTALLMENT = f'{{due_on: {NEVER}, amount: "1303.80"}}'
OUTCOMES = {
    "DELTA-001": f"kind: hold, until: {NEVER}, reason: asked for",
    "DELTA-002": f"kind: extension, document: INV-2026-0102, due_on: {NEVER}",
    "DELTA-003": f"kind: payment_plan, invoices: [INV-2026-0103], installments: [{INSTALLMENT}]",
    "DELTA-004": f'kind: promise, by: {NEVER}, amount: "10.00"',
    "DELTA-006": f'kind: temporary_discount, program: microsoft-spla, percent: "5", from: 2026-11-20, to: {NEVER}',
    "NORD-201": f"kind: late_fee_waiver, document: FEE-2026-0001, expires_on: {NEVER}",
}
CASE = """\
id: CASE-2026-0900-{account}
account: {account}
kind: payment_assistance
opened_at: 2026-11-09T09:00:00+01:00
channel: email
subject: More time
status: open
interactions:
  - {{at: 2026-11-09T09:00:00+01:00, channel: email, direction: in, by: customer, summary: x, status: open}}
outcome:
  - {{on: 2026-11-10, approved_by: finance@prisma-distribution.example, {outcome}}}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    workspace = copy_records(tmp_path / "workspace")
    for account, outcome in OUTCOMES.items():
        (workspace / "cases" / account).mkdir(exist_ok=True)
        case = workspace / "cases" / account / f"CASE-2026-0900-{account}.yaml"
        case.write_text(CASE.format(account=account, outcome=outcome), encoding="utf-8")
    edit(workspace / "invoices/DELTA-005/INV-2026-0206.yaml", "due_on: 2026-12-05", f"due_on: {NEVER}")
    return workspace


def test_what_never_ends_is_run(workspace: Path) -> None:
    published(workspace, "run", "2026-10", "--tables-only")
    due_on = {row["document"]: row["due_on"] for row in rows(workspace / "reports/2026-10/open_items.csv")}
    assert due_on["INV-2026-0206"] == due_on["INV-2026-0103"] == NEVER
    assert published(workspace, "explain", "CASE-2026-0900-DELTA-003#0")
    assert published(workspace, "explain", "NORD-201")
