"""What incidents earn: the agreement's schedule on the month's charges, capped, less what was credited."""

from typing import Any

import pytest

from prisma_batch.rating.incident_credits import incident_credits_due, names_incident
from prisma_batch.rating.rates import agreed_rates
from prisma_batch.records.build import build
from prisma_batch.records.cases import Incident
from prisma_batch.records.documents import Document
from prisma_batch.records.table import stacked
from prisma_batch.records.tables import CHARGES
from tests.rating.agreed import agreement, charges, rate
from tests.rating.tables import Row, used

SCHEDULE = [{"below_percent": "99.9", "credit_percent": "10"}, {"below_percent": "99", "credit_percent": "30"}]
PROMISE = {"program": "cloud", "schedule": SCHEDULE, "cap_percent": "25"}
USAGE = [used("100"), used("50", sku="B2"), used("70", program="other"), used("500", "2026-09-05")]


def incident(number: int = 7, availability: str | None = "99.2", **fields: Any) -> Incident:
    document = {
        "id": f"INC-2026-00{number}",
        "started_at": "2026-10-03T04:00:00Z",
        "programs": ["cloud"],
        "availability_percent": availability,
    }
    known = {key: value for key, value in (document | fields).items() if value is not None}
    return build(Incident, known, source=f"cases/incidents/INC-2026-00{number}.yaml")


def credit(amount: str, reason: str = "INC-2026-007", **line: Any) -> Document:
    lines = [{"line": 1, "description": "credit", "amount": amount, "tax": "standard"} | line]
    document = {"number": "CN-1", "kind": "credit_note", "account": "ACME-001", "currency": "EUR", "reason": reason}
    return build(Document, document | {"issued_on": "2026-11-05", "due_on": "2026-11-05", "lines": lines}, source="c")


def due(
    *incidents: Incident, usage: list[Row] = USAGE, given: tuple[Document, ...] = (), **promise: Any
) -> list[tuple[str, int, int]]:
    promised = {key: value for key, value in (PROMISE | promise).items() if value is not None}
    agreed = agreement(rate("1"), rate("1", sku="B2"), rate("1", program="other"), service_credits=[promised])
    table = charges(usage, agreed_rates([agreed]), None)
    found = incident_credits_due(incidents, {"ACME-001": agreed}, table, given)
    assert {(item.kind, item.account, item.program, item.currency) for item in found} <= {
        ("incident_credit_due", "ACME-001", "cloud", "EUR")
    }
    return [(item.period, item.expected_minor or 0, item.difference_minor or 0) for item in found]


@pytest.mark.parametrize(
    ("incidents", "promise", "cents"),
    [
        pytest.param([incident()], {}, 1500, id="10 % of 150"),
        pytest.param([incident(availability="99.9")], {}, 0, id="not below"),
        pytest.param([incident(availability=None)], {}, 0, id="not known yet"),
        pytest.param([incident(availability="98.9")], {}, 3750, id="30 %, capped at 25 %"),
        pytest.param([incident(availability="98.9")], {"cap_percent": None}, 4500, id="no cap"),
        pytest.param([incident(skus=["B2"])], {}, 500, id="one SKU"),
        pytest.param([incident(), incident(8)], {}, 1500, id="the month's availability counts once"),
        pytest.param([incident(), incident(8, "98.5", skus=["B2"])], {}, 2500, id="the worst for each SKU"),
        pytest.param([incident(8, "98.5", skus=["B2"]), incident()], {}, 2500, id="in any order"),
        pytest.param([incident(accounts=["ACME-001"])], {}, 1500, id="this account"),
        pytest.param([incident(accounts=["BETA-002"])], {}, 0, id="another account"),
        pytest.param([incident(programs=["other"])], {}, 0, id="a program without a promise"),
        pytest.param([incident(availability="0")], {"cap_percent": "100"}, 4500, id="nothing available"),
    ],
)
def test_what_is_earned(incidents: list[Incident], promise: dict[str, Any], cents: int) -> None:
    assert due(*incidents, **promise) == ([("2026-10", -cents, cents)] if cents else [])


@pytest.mark.parametrize(
    ("given", "difference"),
    [
        (credit("15.00"), None),
        (credit("20.00"), None),
        (credit("5.00"), 1000),
        (credit("15.00", "credit for INC-2026-007, as agreed"), None),
        (credit("15.00", "INC-2026-0071"), 1500),
        (credit("15.00", program="cloud"), None),
        (credit("15.00", program="other"), 1500),
        (credit("15.00", service_account="BETA-002"), 1500),
    ],
)
def test_what_was_credited_is_no_longer_due(given: Document, difference: int | None) -> None:
    assert due(incident(), given=(given,)) == ([] if difference is None else [("2026-10", -1500, difference)])


def test_an_invoice_gives_nothing() -> None:
    assert names_incident(credit("1.00"), [incident()])
    assert not names_incident(credit("1.00", "goodwill"), [incident()])


def test_a_month_without_charges_earns_nothing() -> None:
    assert due(incident(), usage=[]) == []


def test_the_sum_is_rounded_once() -> None:
    """10 % of 0.05 and of 0.04 are 0.005 and 0.004: together 0.009."""
    assert due(incident(), usage=[used("0.05"), used("0.04", sku="B2")]) == [("2026-10", -1, 1)]


def test_a_commitment_earns_nothing() -> None:
    agreed = agreement(rate("1"), service_credits=[PROMISE])
    table = charges(USAGE[:1], agreed_rates([agreed]), None)
    trued_up = CHARGES.conform(table.assign(kind="commitment"))
    [found] = incident_credits_due([incident()], {"ACME-001": agreed}, stacked(table, trued_up), [])
    assert found.expected_minor == -1000
