"""Penalties for reports: a fee for each that is late or missing, once, where an amount is agreed."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.rating.penalties import agreed_penalties, charged_penalties, penalties
from prisma_batch.rating.report_states import report_discrepancies
from prisma_batch.records.agreements import Agreement
from prisma_batch.records.corrections import Correction
from prisma_batch.records.discrepancies import Discrepancy, discrepancy_table
from prisma_batch.records.documents import Document
from prisma_batch.records.usage_reports import UsageReport
from prisma_batch.views.proposals import build_proposals
from tests.rating.test_corrections import DAY, TERMS, invoice, line
from tests.rating.test_report_states import SETTINGS, report, table, with_policy

AMOUNTS = {("spla", "EUR"): Decimal("150.00")}
LATE = [report(10, date(2026, 11, 11))]
MISSING: dict[str, Any] = {"kind": "missing_usage_report", "program": "spla", "period": "2026-10"}


def proposed(*documents: Document, agreement: Agreement = TERMS, **about: Any) -> list[Correction]:
    fields = {"account": "ACME-001", "message": "no report for 2026-10", "source": "x.yaml"} | MISSING | about
    found = discrepancy_table([Discrepancy(**fields)])
    return penalties(found, {agreement.account: agreement}, AMOUNTS, documents)


def fee(**about: Any) -> Document:
    own = line(1, "1", "99.00", **{"program": "spla", "sku": None} | about)
    return replace(invoice("FEE-1", own), kind="fee")


@pytest.mark.parametrize(
    ("about", "count"),
    [
        ({}, 1),
        ({"kind": "late_usage"}, 1),
        ({"kind": "late_usage", "sku": "A1"}, 0),
        ({"kind": "unbilled_usage"}, 0),
        ({"program": "citrix"}, 0),
        ({"account": "BETA-002"}, 0),
        ({"agreement": replace(TERMS, currency="USD")}, 0),
    ],
    ids=["missing", "late", "usage that came late", "another kind", "no penalty", "no agreement", "no such currency"],
)
def test_what_costs_a_penalty(about: dict[str, Any], count: int) -> None:
    assert [str(item.line.amount) for item in proposed(**about)] == ["150.00"] * count


@pytest.mark.parametrize(
    ("about", "count"),
    [
        ({}, 0),
        ({"program": None}, 1),
        ({"program": "citrix"}, 1),
        ({"service_to": date(2026, 9, 30)}, 1),
        ({"service_to": None}, 1),
        ({"service_account": "BETA-002"}, 1),
    ],
    ids=["charged", "about nothing", "another program", "another month", "no month", "another account"],
)
def test_a_report_is_charged_once(about: dict[str, Any], count: int) -> None:
    assert len(proposed(fee(**about))) == count
    assert len(proposed(replace(fee(**about), kind="invoice"))) == 1


def test_the_fee_that_is_issued_is_known_again_and_has_one_number() -> None:
    [missing], [late] = proposed(), proposed(kind="late_usage", message="submitted on 2026-11-20")
    [first], [second] = (build_proposals([item], {"ACME-001": TERMS}, DAY) for item in (missing, late))
    assert (first.kind, first.number, str(first.total)) == ("fee", second.number, "150.00")
    assert first.reason == "spla: no report for 2026-10"
    assert proposed(first) == []


def test_the_fee_of_an_account_that_another_pays_for_goes_there() -> None:
    [item] = proposed(agreement=replace(TERMS, billed_to="NORTH-000"))
    assert (item.account, item.line.service_account) == ("NORTH-000", "ACME-001")
    [document] = build_proposals([item], {"NORTH-000": replace(TERMS, account="NORTH-000")}, DAY)
    assert proposed(document, agreement=replace(TERMS, billed_to="NORTH-000")) == []


def test_only_the_policy_asks_for_a_penalty() -> None:
    amounts = {"EUR": Decimal("150.00")}
    spla = replace(SETTINGS.programs["spla"], late_penalty=amounts)
    for policy, agreed in (("penalty", AMOUNTS), ("block", {})):
        settings = replace(SETTINGS, programs={"spla": replace(spla, late_policy=policy)})
        assert agreed_penalties(settings) == agreed


@pytest.mark.parametrize(
    ("reports", "policy", "messages"),
    [
        (LATE, "penalty", []),
        (LATE, "block", ["submitted on 2026-11-11, due on 2026-11-10"]),
        ([], "penalty", ["no report for 2026-10; it was due on 2026-11-10; the penalty was charged"]),
    ],
    ids=["settled", "a fee for something else", "missing all the same"],
)
def test_what_is_told_of_a_report_whose_penalty_was_charged(
    reports: list[UsageReport], policy: str, messages: list[str]
) -> None:
    settings = with_policy(policy, late_window_months=0)
    penalized = charged_penalties([fee()])
    assert penalized == {("ACME-001", "spla", "2026-10")}
    found = report_discrepancies(table(reports, settings=settings), {}, settings, penalized)
    assert [item.message for item in found] == messages
    another_month = charged_penalties([fee(service_to=date(2026, 9, 30))])
    assert len(list(report_discrepancies(table(LATE, settings=settings), {}, settings, another_month))) == 1
