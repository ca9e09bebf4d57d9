"""Assistance: points by rules, required ones, limits, and what is not known."""

from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.cases.assistance import AssistanceFacts, assess
from prisma_batch.records.policies import Assistance, AssistanceOffer, AssistanceRule

POLICY = Assistance(
    rules=(
        AssistanceRule(name="a year", fact="months_active", at_least=12, points=2),
        AssistanceRule(name="pays in time", fact="late_payments", at_most=1),
        AssistanceRule(name="kept plans", fact="plans_broken", at_most=0, points=0, required=True),
    ),
    offers=(
        AssistanceOffer(kind="payment_plan", from_points=3, max_amount={"EUR": Decimal("1000.00")}),
        AssistanceOffer(kind="extension", from_points=2),
    ),
)


@pytest.mark.parametrize(
    ("values", "open_minor", "points", "refusals"),
    [
        ({"months_active": 12, "late_payments": 1, "plans_broken": 0}, {"EUR": 1000_00}, 3, ["", ""]),
        ({"months_active": 12, "late_payments": 2, "plans_broken": 0}, {}, 2, ["2 points, 3 are needed", ""]),
        (
            {"months_active": 11, "late_payments": 0, "plans_broken": 0},
            {},
            1,
            ["1 points, 3 are needed", "1 points, 2 are needed"],
        ),
        (
            {"months_active": 12, "late_payments": 0, "plans_broken": 0},
            {"EUR": 1000_01, "USD": 9_999_99},
            3,
            ["1000.01 EUR is open, 1000.00 is the most", ""],
        ),
        ({"months_active": 99, "late_payments": 0, "plans_broken": 1}, {}, 3, ["required and not met: kept plans"] * 2),
        ({"months_active": None, "late_payments": 0}, {}, 1, ["required and not met: kept plans"] * 2),
    ],
)
def test_rules(values: dict[str, Any], open_minor: dict[str, int], points: int, refusals: list[str]) -> None:
    found = assess(AssistanceFacts(values=values, open_minor=open_minor), POLICY)
    assert found.points == points
    assert [step.refused_because for step in found.offers] == refusals
