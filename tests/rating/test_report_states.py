"""Usage reports that are expected, and what became of each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.rating.report_states import report_discrepancies, usage_report_states
from prisma_batch.records.agreements import Agreement, BillTo, Pricing, Rate
from prisma_batch.records.settings import ContactPoint, Hours, Issuer, Program, Settings
from prisma_batch.records.table import rows_of
from prisma_batch.records.usage_reports import ReportedLine, UsageReport

OCTOBER = Period(2026, 10)
SETTINGS = Settings(
    source="prisma.yaml",
    issuer=Issuer(legal_name="Example GmbH", finance_email="finance@issuer.example"),
    contact_point=ContactPoint(email="b@issuer.example", phone="+49301", hours=Hours(timezone="UTC", weekly={})),
    programs={
        "cloud": Program(name="Cloud", source="metered"),
        "citrix": Program(name="Citrix", source="reported", due_day=5),
        "spla": Program(name="SPLA", source="reported", due_day=10),
    },
    partners={},
    first_period=Period(2026, 9),
)
SPLA = Rate(
    program="spla",
    sku="A1",
    unit="core-pair",
    starts_on=date(2026, 1, 1),
    pricing=Pricing(model="per_unit", price=Decimal(1)),
)
AGREEMENT = Agreement(
    source="agreements/ACME-001.yaml",
    account="ACME-001",
    bill_to=BillTo(legal_name="Acme Hosting B.V."),
    active_from=date(2026, 1, 1),
    currency="EUR",
    payment_terms=(),
    tax=(),
    rates=(SPLA,),
)
REPORT = UsageReport(
    source="usage/2026-10/ACME-001.spla.yaml",
    account="ACME-001",
    program="spla",
    period=OCTOBER,
    submitted_on=date(2026, 11, 10),
    lines=(ReportedLine(sku="A1", quantity=Decimal(1)),),
)


def states(reports: Sequence[UsageReport], *agreements: Agreement) -> list[tuple[str, str, str]]:
    table = usage_report_states(reports, agreements or (AGREEMENT,), SETTINGS, OCTOBER)
    return [(row.account, row.program, row.state) for row in rows_of(table)]


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ([], "missing"),
        ([REPORT], "submitted"),
        ([replace(REPORT, submitted_on=date(2026, 11, 11))], "late"),
        ([replace(REPORT, zero_usage=True, lines=())], "zero"),
        ([replace(REPORT, zero_usage=True, lines=(), submitted_on=date(2026, 11, 11))], "late"),
        ([replace(REPORT, period=Period(2026, 9))], "missing"),
        ([REPORT, replace(REPORT, revises=1, submitted_on=date(2026, 12, 1))], "submitted"),
        ([REPORT, replace(REPORT, revises=1, zero_usage=True, lines=())], "zero"),
        (
            [
                replace(REPORT, submitted_on=date(2026, 11, 11)),
                replace(REPORT, revises=1, submitted_on=date(2026, 11, 12)),
            ],
            "late",
        ),
    ],
    ids=[
        *("missing", "on the due day", "a day late", "an explicit zero", "a late zero", "another month"),
        *("a late revision of a report in time", "a revision to zero", "the first was late"),
    ],
)
def test_state_of_a_report(reports: list[UsageReport], state: str) -> None:
    assert states(reports) == states(reports[::-1]) == [("ACME-001", "spla", state)]


def test_first_day_of_submission_and_source_of_the_last_are_shown() -> None:
    revision = replace(REPORT, revises=1, submitted_on=date(2026, 12, 1), source="usage/2026-10/ACME-001.spla.r2.yaml")
    row = usage_report_states([revision, REPORT], [AGREEMENT], SETTINGS, OCTOBER).iloc[0]
    assert (row["submitted_on"].date(), row["due_on"].date()) == (date(2026, 11, 10), date(2026, 11, 10))
    assert row["source"] == revision.source


@pytest.mark.parametrize(
    ("agreement", "rates", "expected"),
    [
        ({}, {}, True),
        ({}, {"program": "cloud"}, False),
        ({}, {"basis": {"subscription": {}}}, False),
        ({}, {"ends_on": date(2026, 9, 30)}, False),
        ({}, {"ends_on": date(2026, 10, 1)}, True),
        ({}, {"starts_on": date(2026, 11, 1)}, False),
        ({}, {"starts_on": date(2026, 10, 31)}, True),
        ({"active_from": date(2026, 11, 1)}, {}, False),
        ({"active_from": date(2026, 10, 31)}, {}, True),
        ({"closed_on": date(2026, 9, 30)}, {}, False),
        ({"closed_on": date(2026, 10, 1)}, {}, True),
        ({"rates": ()}, None, False),
    ],
)
def test_a_report_is_expected_of_who_has_a_rate_in_the_month(
    agreement: dict[str, Any], rates: dict[str, Any] | None, expected: bool
) -> None:
    agreed = AGREEMENT if rates is None else replace(AGREEMENT, rates=(replace(SPLA, **rates),))
    assert bool(states([], replace(agreed, **agreement))) == expected


def test_several_accounts_programs_and_rates() -> None:
    citrix, other_sku = replace(SPLA, program="citrix"), replace(SPLA, sku="B2")
    agreements = [
        replace(AGREEMENT, rates=(SPLA, other_sku, citrix)),
        replace(AGREEMENT, account="007", source="agreements/007.yaml"),
    ]
    unexpected = replace(REPORT, account="NULL")
    assert states([unexpected], *agreements) == [
        ("007", "spla", "missing"),
        ("ACME-001", "citrix", "missing"),
        ("ACME-001", "spla", "missing"),
        ("NULL", "spla", "submitted"),
    ]


@pytest.mark.parametrize(
    ("reports", "as_of", "found"),
    [
        ([], date(2026, 11, 9), []),
        ([], date(2026, 11, 10), []),
        ([], date(2026, 11, 11), [("missing_usage_report", "agreements/ACME-001.yaml")]),
        ([REPORT], date(2026, 12, 31), []),
        (
            [replace(REPORT, submitted_on=date(2026, 11, 11))],
            date(2026, 11, 15),
            [("late_usage", "usage/2026-10/ACME-001.spla.yaml")],
        ),
    ],
)
def test_deadlines_passed_by_as_of(reports: list[UsageReport], as_of: date, found: list[tuple[str, str]]) -> None:
    table = usage_report_states(reports, [AGREEMENT], SETTINGS, OCTOBER)
    discrepancies = report_discrepancies(table, {"ACME-001": AGREEMENT.source}, as_of)
    assert [(item.kind, item.source) for item in discrepancies] == found
    for item in discrepancies:
        assert (item.account, item.program, item.period) == ("ACME-001", "spla", "2026-10")
