"""The summary: what needs a person comes first, totals are exact, and order of input does not matter."""

import json
from dataclasses import replace
from datetime import date

from prisma_batch.base.findings import Finding
from prisma_batch.base.periods import Period
from prisma_batch.records.anomalies import Anomaly
from prisma_batch.records.discrepancies import Discrepancy, discrepancy_table
from prisma_batch.views.figures import (
    AgingTotal,
    LedgerTotal,
    PaymentTotal,
    RunFigures,
    SourceCost,
    UsageCount,
)
from prisma_batch.views.summary import build_summary, count_discrepancies, summary_json

HELD = Finding(
    code="statement-unbalanced",
    message="opening and entries do not make the closing balance.",
    remedy="Ask the bank for the statement again.",
    source="payments/2026-10/bank.xml",
    line=12,
    severity="warning",
)
LAPSED = replace(HELD, code="verification-lapsed", message="not verified.", source="contacts/A.yaml", line=None)


def figures() -> RunFigures:
    found = [
        Discrepancy(
            kind="unbilled_usage",
            message="m",
            source="s",
            account="A",
            expected_minor=9_900,
            invoiced_minor=0,
            currency="EUR",
        ),
        Discrepancy(
            kind="unbilled_usage",
            message="m",
            source="s",
            account="B",
            expected_minor=100,
            invoiced_minor=0,
            currency="EUR",
        ),
        Discrepancy(
            kind="unidentified_payment", message="m", source="s", payment="P", invoiced_minor=7_700, currency="EUR"
        ),
        Discrepancy(kind="missing_usage_report", message="m", source="s", account="C"),
        Discrepancy(
            kind="rounding_difference",
            message="m",
            source="s",
            account="C",
            expected_minor=1,
            invoiced_minor=0,
            currency="JPY",
        ),
    ]
    return RunFigures(
        period=Period(2026, 10),
        opened_on=date(2026, 10, 16),
        as_of=date(2026, 11, 15),
        ledger=(
            LedgerTotal(currency="USD", opening_minor=1, closing_minor=1),
            LedgerTotal(
                currency="EUR", opening_minor=10_000, invoices_minor=34_049, payments_minor=4_049, closing_minor=40_000
            ),
        ),
        payments=(
            PaymentTotal(
                currency="EUR",
                received_minor=11_749,
                applied_minor=4_049,
                unapplied_minor=7_700,
                unidentified_minor=7_700,
            ),
        ),
        aging=(
            AgingTotal(
                currency="EUR", buckets_minor=(30_000, 10_000, 0, 0, 0, 0), unapplied_minor=0, balance_minor=40_000
            ),
        ),
        discrepancies=count_discrepancies(discrepancy_table(found)),
        usage=(
            UsageCount(source="usage/b.csv", read=3, used=1, refused=1, duplicate=1),
            UsageCount(source="usage/a.csv", read=2, used=2),
        ),
        source_costs=(
            SourceCost(source="usage/a.csv", billing_account="1234", invoice="", currency="USD", cost="0.000000000012"),
        ),
        findings=(LAPSED, HELD),
        messages_planned=7,
        messages_skipped=2,
        files_read=(("usage", 2), ("payments", 1)),
    )


def test_held_statement_leads_and_records_follow_by_urgency() -> None:
    codes = [attention.code for attention in build_summary(figures()).headline]
    assert codes == [
        "statement-unbalanced",
        "unidentified_payment",
        "unbilled_usage",
        "verification-lapsed",
        "missing_usage_report",
    ]


def test_discrepancies_are_counted_by_kind_and_currency() -> None:
    counts = {count.kind: (count.currency, count.count, count.difference_minor) for count in figures().discrepancies}
    assert counts["unbilled_usage"] == ("EUR", 2, -10_000)
    assert counts["missing_usage_report"] == ("", 1, None)


def test_accepted_discrepancies_are_counted_but_need_nobody() -> None:
    accepted = tuple(replace(count, state="accepted") for count in figures().discrepancies)
    summary = build_summary(replace(figures(), findings=(), discrepancies=accepted))
    assert summary.headline == ()
    assert len(summary.discrepancies) == 4


def anomaly(account: str, amount_minor: int, kind: str = "usage_change") -> Anomaly:
    about = {"program": "cloud", "sku": "A1", "message": f"{account} changed"}
    return Anomaly(
        kind=kind,
        account=account,
        period="2026-10",
        amount_minor=amount_minor,
        usual_minor=100,
        currency="EUR",
        **about,
    )


def test_anomalies_are_listed_by_size_and_need_a_person_only_where_they_are_configured_to() -> None:
    anomalies = (anomaly("A", 150), anomaly("B", 0), anomaly("C", 110), anomaly("D", 900, "spend_spike"))
    listed = replace(figures(), anomalies=anomalies)
    summary = build_summary(listed)
    assert summary.headline == build_summary(figures()).headline
    assert [row["account"] for row in summary.anomalies] == ["D", "B", "A", "C"]
    assert summary_json(listed)["anomalies"][1] == {
        "kind": "usage_change",
        "account": "B",
        "program": "cloud",
        "sku": "A1",
        "amount": "0.00",
        "usual": "1.00",
        "currency": "EUR",
        "message": "B changed",
    }
    (alert,) = set(build_summary(replace(listed, alerts=("usage_change",))).headline) - set(summary.headline)
    assert (alert.code, alert.count, alert.text) == ("usage_change", 3, "B A1: B changed (and 2 more)")
    assert summary_json(replace(listed, anomalies=anomalies[::-1])) == summary_json(listed)


def test_json_has_amounts_as_text_and_totals_by_currency() -> None:
    summary = summary_json(figures())
    assert [total["currency"] for total in summary["ledger"]] == ["EUR", "USD"]
    assert summary["ledger"][0]["invoices"] == "340.49"
    assert summary["usage"] == {"read": 5, "used": 3, "refused": 1, "duplicate": 1}
    assert summary["source_costs"][0]["cost"] == "0.000000000012"
    assert summary["aging"][0]["shares"][0] == {"bucket": "not_due", "amount": "300.00", "percent": 75}
    assert [row["difference"] for row in summary["discrepancies"] if row["kind"] == "missing_usage_report"] == [None]


def test_order_of_figures_does_not_matter() -> None:
    forward = figures()
    sequences = ("ledger", "discrepancies", "usage", "findings", "files_read")
    backward = replace(forward, **{name: getattr(forward, name)[::-1] for name in sequences})
    assert json.dumps(summary_json(forward)) == json.dumps(summary_json(backward))
