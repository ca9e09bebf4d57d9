"""Remittance advices in a run: an input once their payment is known, a warning where there is none."""

import json
from pathlib import Path

from tests.jobs.recipes import OCTOBER, prisma_batch, published, rows, write

HEADER = "payment,invoice_reference,amount,memo\n"
KNOWN, LATER, GONE = (f"payments/2026-11/{name}.remittance.csv" for name in ("known", "later", "gone"))


def test_advices_are_inputs_when_their_payment_is(workspace: Path) -> None:
    booked = {row["booking_date"]: row["payment"] for row in rows(workspace / OCTOBER / "payments.csv")}
    last = max(booked)
    advice = {path: f"{HEADER}{payment},INV-1,1.00,\n" for path, payment in ((LATER, booked[last]), (GONE, "GONE"))}
    write(workspace, advice | {KNOWN: f"{HEADER}{booked[min(booked)]},INV-1,1.00,\n"})
    published(workspace, "run", "2026-10", "--as-of", f"{last[:-2]}{int(last[-2:]) - 1:02d}")
    inputs = [file["path"] for file in json.loads((workspace / OCTOBER / "manifest.json").read_bytes())["inputs"]]
    assert [path for path in inputs if path.endswith(".remittance.csv")] == [GONE, KNOWN]
    summary = (workspace / OCTOBER / "summary.md").read_text(encoding="utf-8")
    assert "remittance-without-payment" in summary
    assert GONE in summary


def test_an_amount_finer_than_the_payments_currency_stops_the_run(workspace: Path) -> None:
    payment = rows(workspace / OCTOBER / "payments.csv")[0]["payment"]
    write(workspace, {KNOWN: f"{HEADER}{payment},INV-1,1.005,\n"})
    result = prisma_batch(workspace, "run", "2026-10")
    assert result.exit_code == 1
    assert f"{KNOWN}:2:1: amount-precision" in result.stdout
