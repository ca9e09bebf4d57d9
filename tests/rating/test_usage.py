"""Which usage counts: the last revision of a report, and the source that the program names."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from prisma_batch.base.errors import InvariantBroken
from prisma_batch.base.periods import Period
from prisma_batch.rating.invariants import check_usage
from prisma_batch.rating.usage import accept_sources, latest_reports, refused_rows, reported_rows, source_findings
from prisma_batch.records.settings import ContactPoint, Hours, Issuer, Program, Settings
from prisma_batch.records.tables import USAGE_ROW_COUNTS
from prisma_batch.records.usage_reports import ReportedLine, UsageReport
from tests.rating.tables import priced, rate, rates, usage_rows, used

SETTINGS = Settings(
    source="prisma.yaml",
    issuer=Issuer(legal_name="Example GmbH", finance_email="finance@issuer.example"),
    contact_point=ContactPoint(email="b@issuer.example", phone="+49301", hours=Hours(timezone="UTC", weekly={})),
    programs={"cloud": Program(name="Cloud", source="metered"), "spla": Program(name="SPLA", source="reported")},
    partners={},
    first_period=Period(2026, 9),
)


def report(*lines: ReportedLine, revises: int | None = None, account: str = "ACME-001", month: int = 10) -> UsageReport:
    return UsageReport(
        source=f"usage/2026-{month}/{account}.spla.r{(revises or 0) + 1}.yaml",
        account=account,
        program="spla",
        period=Period(2026, month),
        submitted_on=date(2026, 11, 4),
        revises=revises,
        lines=lines,
    )


def line(quantity: str, sku: str = "A1", service_to: date | None = None) -> ReportedLine:
    return ReportedLine(sku=sku, quantity=Decimal(quantity), service_to=service_to)


def test_the_last_revision_counts_whatever_the_order() -> None:
    revisions = [report(line("12")), report(line("13"), revises=1), report(line("9"), revises=2)]
    for ordered in (revisions, revisions[::-1], [revisions[1], revisions[2], revisions[0]]):
        assert reported_rows(ordered)["quantity_scaled"].tolist() == [9]
    assert latest_reports(revisions) == {("ACME-001", "spla", "2026-10"): revisions[2]}


def test_a_revision_replaces_its_own_account_and_month_only() -> None:
    reports = [report(line("1")), report(line("2"), month=11), report(line("3"), account="BETA-002", revises=1)]
    assert reported_rows(reports)["quantity_scaled"].tolist() == [1, 2, 3]


def test_a_zero_revision_takes_everything_back() -> None:
    assert reported_rows([report(line("12")), report(revises=1)]).empty


def test_a_line_without_dates_counts_on_the_last_day() -> None:
    rows = reported_rows([report(line("12.50"), line("3", "B2", date(2026, 10, 9)))])
    assert rows["usage_date"].dt.date.tolist() == [date(2026, 10, 31), date(2026, 10, 9)]
    assert rows[["quantity_scaled", "quantity_scale"]].to_numpy().tolist() == [[125, 1], [3, 0]]
    assert rows["row"].tolist() == [0, 1]


def test_a_reported_quantity_without_dates_takes_the_rate_of_the_last_day() -> None:
    agreed = [rate("10", ends_on="2026-10-30", program="spla"), rate("11", "2026-10-31", program="spla")]
    charges = priced(reported_rows([report(line("2"))]), rates(*agreed))
    assert charges["amount_minor"].tolist() == [2200]
    assert charges["service_from"].dt.date.tolist() == [date(2026, 10, 31)]
    assert charges["pointer"].tolist() == ["/lines/0"]


@pytest.mark.parametrize(
    ("metered", "reported", "kept", "refused"),
    [
        ("cloud", "spla", [1, 2], []),
        ("spla", "cloud", [], [1, 2]),
        ("cloud", "cloud", [1], [2]),
        ("spla", "spla", [2], [1]),
        ("unknown", "unknown", [1, 2], []),
    ],
)
def test_a_program_has_one_source(metered: str, reported: str, kept: list[int], refused: list[int]) -> None:
    from_file, from_report = usage_rows(used("1", program=metered)), usage_rows(used("2", program=reported))
    accepted = accept_sources(from_file, from_report, SETTINGS)
    assert accepted.rows["quantity_scaled"].tolist() == kept
    assert accepted.refused["quantity_scaled"].tolist() == refused


def test_rows_of_the_other_source_are_named_once_a_file_and_program() -> None:
    counts = USAGE_ROW_COUNTS.of([("a.csv", "spla", 3), ("a.csv", "cloud", 9), ("b.csv", "spla", 1)])
    reported = reported_rows([replace(report(line("1"), line("2", "B2")), program="cloud"), report(line("4"))])
    found = [*source_findings(refused_rows(counts, reported, SETTINGS), SETTINGS)]
    assert [(finding.code, finding.source, finding.message) for finding in found] == [
        ("usage-source", "a.csv", "3 rows of spla not used: its usage is reported"),
        ("usage-source", "b.csv", "1 row of spla not used: its usage is reported"),
        ("usage-source", "usage/2026-10/ACME-001.spla.r1.yaml", "2 rows of cloud not used: its usage is metered"),
    ]
    assert {finding.severity for finding in found} == {"warning"}
    left = source_findings(refused_rows(counts, reported, SETTINGS), SETTINGS, {("a.csv", "spla"), ("b.csv", "cloud")})
    assert [finding.source for finding in left] == [finding.source for finding in found[1:]]


def test_no_usage_at_all() -> None:
    accepted = accept_sources(usage_rows(), reported_rows([]), SETTINGS)
    assert accepted.rows.empty
    assert accepted.refused.empty


def test_quantities_are_conserved_across_scales() -> None:
    rows = usage_rows(used("0.5"), used("1.25", "2026-09-30"), used("3", sku="B2"), used("-0.75", "2026-10-31"))
    charges = priced(rows, rates(rate("1", "2026-10-06")))
    check_usage(rows, charges)
    check_usage(rows.iloc[::-1], charges.iloc[::-1])


@pytest.mark.parametrize(
    ("column", "value"), [("quantity_scaled", 51), ("quantity_scale", 2), ("sku", "A2"), ("account", "ACME-009")]
)
def test_a_changed_charge_breaks_conservation(column: str, value: object) -> None:
    rows = usage_rows(used("0.5"), used("3", sku="B2"))
    charges = priced(rows, rates(rate("1")))
    charges = charges.astype({"account": "str", "sku": "str"})
    charges.loc[0, column] = value
    with pytest.raises(InvariantBroken, match=r"usage is not in exactly one charge: ACME-00[19] cloud A[12]"):
        check_usage(rows, charges)


def test_a_lost_charge_breaks_conservation() -> None:
    rows = usage_rows(used("0.5"), used("3", sku="B2"))
    with pytest.raises(InvariantBroken, match="ACME-001 cloud B2"):
        check_usage(rows, priced(rows, rates(rate("1"))).iloc[:1])
