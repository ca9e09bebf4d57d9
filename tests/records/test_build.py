"""Records are built from documents that their schema accepted."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

import pytest

from prisma_batch.base.periods import Period
from prisma_batch.records.agreements import PaymentTerms
from prisma_batch.records.build import build
from prisma_batch.records.cases import Interaction
from prisma_batch.records.contacts import Contact, Customer
from prisma_batch.records.usage_reports import ReportedLine, UsageReport

PERSON = {"first_name": "Jane", "last_name": "Doe", "email": "jane.doe@acme.example"}
REPORT = {"account": "007", "program": "spla", "period": "2026-10", "submitted_on": "2026-11-04"}
INTERACTION = {"channel": "email", "direction": "in", "by": "customer", "summary": "…"}


def test_values_have_the_types_of_their_fields() -> None:
    lines = [{"sku": "NULL", "quantity": "12.50"}, {"sku": "1E5", "quantity": 3, "service_to": "2026-10-09"}]
    report = build(UsageReport, REPORT | {"revises": 1, "lines": lines}, source="usage/x.yaml")
    assert report == UsageReport(
        source="usage/x.yaml",
        account="007",
        program="spla",
        period=Period(2026, 10),
        submitted_on=date(2026, 11, 4),
        revises=1,
        lines=(
            ReportedLine(sku="NULL", quantity=Decimal("12.50")),
            ReportedLine(sku="1E5", quantity=Decimal(3), service_to=date(2026, 10, 9)),
        ),
    )
    assert report.revision == 2
    assert isinstance(report.lines[1].quantity, Decimal)


def test_optional_fields_keep_their_defaults() -> None:
    report = build(UsageReport, REPORT, source="usage/x.yaml")
    assert (report.zero_usage, report.revises, report.lines, report.revision) == (False, None, (), 1)


def test_a_field_named_like_a_keyword_is_read() -> None:
    document = {"starts_on": "2026-01-01", "net_days": 15, "from": "month_end"}
    assert build(PaymentTerms, document).from_ == "month_end"


def test_mappings_of_lists_of_records() -> None:
    document = {"account": "A", "name": "A", "partner": "p", "contacts": {"billing": [PERSON], "statement": [PERSON]}}
    customer = build(Customer, document, source="contacts/A.yaml")
    assert customer.contacts["billing"] == (Contact(**PERSON),)
    assert list(customer.contacts) == ["billing", "statement"]


def test_times_keep_their_offset() -> None:
    at = build(Interaction, INTERACTION | {"at": "2026-11-15T09:12:00+01:00"}).at
    assert at.utcoffset() == timedelta(hours=1)
    assert at == datetime(2026, 11, 15, 8, 12, tzinfo=UTC)


def test_keys_that_are_no_fields_are_left_to_the_schema() -> None:
    assert build(Contact, PERSON | {"$schema": "x"}) == Contact(**PERSON)


@pytest.mark.parametrize(
    ("record", "document"),
    [
        (Contact, PERSON | {"valid_from": "2026-02-30"}),
        (Contact, PERSON | {"valid_from": "0000-01-01"}),
        (UsageReport, REPORT | {"source": "x", "period": "0000-01"}),
        (UsageReport, REPORT | {"source": "x", "period": "2026-13"}),
        (Interaction, INTERACTION | {"at": "2026-02-29T09:12:00+01:00"}),
        (Interaction, INTERACTION | {"at": "2026-02-28T09:12:00+25:00"}),
    ],
)
def test_impossible_values_raise(record: type[Any], document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        build(record, document)


def test_a_record_without_a_required_field_is_refused() -> None:
    with pytest.raises(ValueError, match="UsageReport lacks source"):
        build(UsageReport, REPORT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    kind: Literal["a", "b"]
    weight: complex


def test_a_field_of_a_type_that_records_cannot_hold_is_a_bug() -> None:
    with pytest.raises(TypeError, match="records cannot hold"):
        build(Odd, {"kind": "a", "weight": 1})
