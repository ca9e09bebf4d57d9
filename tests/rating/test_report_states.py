"""Usage reports that are expected, and what became of each."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pandas import DataFrame

from prisma_batch.base.periods import Period
from prisma_batch.rating.estimates import estimate_findings, estimated_reports, with_estimates
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.rating.report_states import ReportingDays, expected_reports, report_discrepancies, usage_report_states
from prisma_batch.rating.usage import reported_rows
from prisma_batch.rating.zero_reports import zero_findings
from prisma_batch.records.agreements import Agreement, BillTo, PriceList, PriceListUse, Pricing, Rate
from prisma_batch.records.discrepancies import Discrepancy
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


DAYS = ReportingDays(period=OCTOBER, as_of=date(2026, 11, 15), last_as_of=date(2026, 10, 15))


def table(
    reports: Sequence[UsageReport], *agreements: Agreement, settings: Settings = SETTINGS, days: ReportingDays = DAYS
) -> DataFrame:
    rates = agreed_rates(agreements or (AGREEMENT,))
    estimates = estimated_reports(reports, rates, settings, days)
    return usage_report_states(reports, estimates, rates, settings, days)


def states(reports: Sequence[UsageReport], *agreements: Agreement) -> list[tuple[str, str, str]]:
    return [(row.account, row.program, row.state) for row in rows_of(table(reports, *agreements))]


@pytest.mark.parametrize(
    ("reports", "state"),
    [
        ([], "missing"),
        ([REPORT], "submitted"),
        ([replace(REPORT, submitted_on=date(2026, 11, 11))], "late"),
        ([replace(REPORT, zero_usage=True, lines=())], "zero"),
        ([replace(REPORT, zero_usage=True, lines=(), submitted_on=date(2026, 11, 11))], "late"),
        ([replace(REPORT, period=Period(2026, 9))], "missing"),
        ([REPORT, replace(REPORT, revises=1, submitted_on=date(2026, 12, 1))], "revised"),
        ([REPORT, replace(REPORT, revises=1, zero_usage=True, lines=())], "revised"),
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


def test_a_late_report_is_told_where_it_first_came() -> None:
    first = replace(REPORT, submitted_on=date(2026, 11, 11))
    revision = replace(REPORT, revises=1, submitted_on=date(2026, 11, 12), source="usage/2026-10/ACME-001.spla.r2.yaml")
    assert table([revision, first])["source"].tolist() == [first.source]


def test_a_report_of_a_metered_program_has_no_state() -> None:
    """Its rows are refused: the program is billed by metered usage."""
    refused = replace(REPORT, program="cloud", source="usage/2026-10/ACME-001.cloud.yaml")
    assert states([REPORT, refused]) == [("ACME-001", "spla", "submitted")]


def test_first_day_of_submission_and_source_of_the_last_are_shown() -> None:
    revision = replace(REPORT, revises=1, submitted_on=date(2026, 12, 1), source="usage/2026-10/ACME-001.spla.r2.yaml")
    row = table([revision, REPORT]).iloc[0]
    assert (row["submitted_on"].date(), row["due_on"].date()) == (date(2026, 11, 10), date(2026, 11, 10))
    assert row["source"] == revision.source


@pytest.mark.parametrize(
    ("agreement", "rates", "expected"),
    [
        ({}, {}, True),
        ({}, {"program": "cloud"}, False),
        ({}, {"basis": {"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 1}]}}}, False),
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
    ("reports", "as_of", "state", "found"),
    [
        ([], date(2026, 11, 9), "expected", []),
        ([], date(2026, 11, 10), "expected", []),
        ([], date(2026, 11, 11), "missing", [("missing_usage_report", "agreements/ACME-001.yaml")]),
        ([REPORT], date(2026, 12, 31), "submitted", []),
        (
            [replace(REPORT, submitted_on=date(2026, 11, 11))],
            date(2026, 11, 15),
            "late",
            [("late_usage", "usage/2026-10/ACME-001.spla.yaml")],
        ),
    ],
)
def test_deadlines_passed_by_as_of(
    reports: list[UsageReport], as_of: date, state: str, found: list[tuple[str, str]]
) -> None:
    judged = table(reports, days=replace(DAYS, as_of=as_of))
    assert judged["state"].tolist() == [state]
    discrepancies = list(report_discrepancies(judged, {"ACME-001": AGREEMENT.source}, SETTINGS))
    assert [(item.kind, item.source) for item in discrepancies] == found
    for item in discrepancies:
        assert (item.account, item.program, item.period) == ("ACME-001", "spla", "2026-10")


def with_policy(late_policy: str, late_window_months: int = 2) -> Settings:
    spla = replace(SETTINGS.programs["spla"], late_policy=late_policy, late_window_months=late_window_months)
    return replace(SETTINGS, programs={**SETTINGS.programs, "spla": spla}, first_period=Period(2026, 1))


def report(month: int, submitted_on: date, **fields: Any) -> UsageReport:
    return replace(REPORT, period=Period(2026, month), submitted_on=submitted_on, **fields)


IN_TIME = [report(month, date(2026, month + 1, 5)) for month in (8, 9)]


@pytest.mark.parametrize(
    ("reports", "listed"),
    [
        ([], [("2026-08", "missing"), ("2026-09", "missing"), ("2026-10", "missing")]),
        ([*IN_TIME, REPORT], [("2026-10", "submitted")]),
        ([IN_TIME[0], REPORT], [("2026-09", "missing"), ("2026-10", "submitted")]),
        ([IN_TIME[0], report(9, date(2026, 10, 14)), REPORT], [("2026-10", "submitted")]),
        ([IN_TIME[0], report(9, date(2026, 10, 16)), REPORT], [("2026-09", "late"), ("2026-10", "submitted")]),
        (
            [*IN_TIME, report(9, date(2026, 10, 20), revises=1), REPORT],
            [("2026-09", "revised"), ("2026-10", "submitted")],
        ),
        ([*IN_TIME, report(7, date(2026, 11, 1)), REPORT], [("2026-10", "submitted")]),
    ],
    ids=[
        *("nothing", "everything", "still missing", "late, and told by the run before", "came since"),
        *("revised since", "before the window"),
    ],
)
def test_earlier_months_are_listed_until_they_are_settled(
    reports: list[UsageReport], listed: list[tuple[str, str]]
) -> None:
    found = table(reports, settings=with_policy("block"))
    assert [(row.period, row.state) for row in rows_of(found)] == listed


@pytest.mark.parametrize(
    ("reports", "policy", "state", "source"),
    [
        ([], "carry_forward", "missing", ""),
        (IN_TIME, "block", "missing", ""),
        (IN_TIME, "penalty", "missing", ""),
        ([replace(own, source=f"{own.period}.yaml") for own in IN_TIME], "carry_forward", "estimated", "2026-09.yaml"),
        ([report(11, date(2026, 12, 1))], "carry_forward", "missing", ""),
    ],
    ids=["nothing to carry", "blocked", "penalty", "the last one", "a later one is no estimate"],
)
def test_an_earlier_report_stands_in(reports: list[UsageReport], policy: str, state: str, source: str) -> None:
    settings = with_policy(policy, late_window_months=0)
    [row] = rows_of(table(reports, settings=settings))
    assert (row.state, row.source) == (state, source)
    [item] = report_discrepancies(table(reports, settings=settings), {}, settings)
    assert (item.kind, "a penalty is agreed" in item.message) == ("missing_usage_report", policy == "penalty")


def test_a_penalty_is_told_of_a_late_report() -> None:
    settings = with_policy("penalty", late_window_months=0)
    [item] = report_discrepancies(table([report(10, date(2026, 11, 11))], settings=settings), {}, settings)
    assert item.message == "submitted on 2026-11-11, due on 2026-11-10; a penalty is agreed"


def test_the_only_earlier_report_stands_in() -> None:
    [estimate] = estimated_reports(
        [IN_TIME[1]], agreed_rates([AGREEMENT]), with_policy("carry_forward", late_window_months=0), DAYS
    )
    assert (estimate.period, estimate.estimated_from) == (OCTOBER, Period(2026, 9))


def test_a_rate_of_a_price_list_is_reported_too_and_a_subscription_is_not() -> None:
    listed = PriceList(source="l.yaml", id="l", currency="EUR", rates=(SPLA,))
    uses = replace(AGREEMENT, rates=(), price_lists=(PriceListUse(id="l", starts_on=date(2026, 1, 1)),))
    rates = agreed_rates([uses], {"l": listed})
    assert expected_reports(rates, SETTINGS, OCTOBER) == {("ACME-001", "spla")}
    subscribed = replace(SPLA, basis={"subscription": {"quantities": [{"from": "2026-01-01", "quantity": 1}]}})
    rates = agreed_rates([replace(AGREEMENT, rates=(subscribed,))])
    assert expected_reports(rates, SETTINGS, OCTOBER) == set()


def test_an_estimate_has_the_quantities_of_the_last_revision_and_no_dates() -> None:
    dated = ReportedLine(sku="A1", quantity=Decimal(7), service_from=date(2026, 9, 1), service_to=date(2026, 9, 5))
    revision = replace(IN_TIME[1], revises=1, lines=(dated,))
    settings = with_policy("carry_forward")
    [estimate] = estimated_reports([*IN_TIME, revision], agreed_rates([AGREEMENT]), settings, DAYS)
    assert (estimate.period, estimate.estimated_from) == (OCTOBER, Period(2026, 9))
    assert estimate.lines == (ReportedLine(sku="A1", quantity=Decimal(7)),)
    [row] = rows_of(reported_rows([*IN_TIME, revision, estimate])[lambda rows: rows["usage_date"].dt.month.eq(10)])
    assert (row.usage_date.date(), row.quantity_scaled) == (date(2026, 10, 31), 7)
    [finding] = estimate_findings([estimate])
    assert (finding.code, finding.severity) == ("usage-estimated", "warning")


def test_there_is_no_estimate_before_the_due_day_has_passed_or_where_a_report_is_there() -> None:
    settings, rates = with_policy("carry_forward"), agreed_rates([AGREEMENT])
    assert estimated_reports(IN_TIME, rates, settings, replace(DAYS, as_of=date(2026, 11, 10))) == ()
    assert estimated_reports([*IN_TIME, replace(REPORT, zero_usage=True, lines=())], rates, settings, DAYS) == ()


def test_what_rests_on_an_estimate_says_so() -> None:
    """The report itself is another input, even with equal figures."""
    settings = with_policy("carry_forward")
    estimates = estimated_reports(IN_TIME, agreed_rates([AGREEMENT]), settings, DAYS)
    about = {"account": "ACME-001", "program": "spla", "sku": "A1", "source": "…", "expected_minor": 1}
    item = Discrepancy(kind="unbilled_usage", message="used 1", period="2026-10", **about)
    earlier = replace(item, period="2026-09")
    marked, untouched = with_estimates([item, earlier], estimates)
    assert marked.message == "used 1 (estimated from the report of 2026-09)"
    assert (marked.id, marked.row() == item.row()) == (item.id, False)
    assert untouched == earlier


@pytest.mark.parametrize(
    ("zeros", "found"), [(6, 0), (7, 1), (8, 1)], ids=["six are no question", "seven are", "eight are"]
)
def test_many_zero_reports_in_a_row_are_a_question(zeros: int, found: int) -> None:
    reports = [
        replace(REPORT, period=OCTOBER.plus(-back), zero_usage=True, lines=(), source=f"{back}.yaml")
        for back in range(zeros)
    ]
    findings = list(zero_findings(reports, OCTOBER))
    assert [(finding.code, finding.source) for finding in findings] == [("usage-zeros", "0.yaml")] * found
    assert list(zero_findings([*reports[:3], *reports[4:]], OCTOBER)) == []
    assert list(zero_findings([replace(REPORT, revises=1), *reports], OCTOBER)) == []
