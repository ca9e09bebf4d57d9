"""Which differences pass, by program and currency."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from prisma_batch.rating.tolerances import TOLERATED_KINDS, with_tolerances
from prisma_batch.records.discrepancies import SEVERITY_BY_KIND, Discrepancy
from prisma_batch.records.settings import MatchTolerance, Policies, Tolerances
from tests.rating.test_report_states import SETTINGS

MISMATCH = Discrepancy(
    kind="quantity_mismatch",
    message="…",
    source="invoices/ACME-001/INV-1.yaml",
    program="cloud",
    expected_quantity=Decimal(200),
    invoiced_quantity=Decimal("201.5"),
    expected_minor=20000,
    invoiced_minor=20150,
    currency="EUR",
)


def passes(item: Discrepancy, general: MatchTolerance | None, own: MatchTolerance | None = None) -> bool:
    programs = {**SETTINGS.programs, "cloud": replace(SETTINGS.programs["cloud"], tolerance=own)}
    policies = Policies(tolerances=Tolerances(usage=general))
    [judged] = with_tolerances([item], replace(SETTINGS, programs=programs, policies=policies))
    return judged.state == "within_tolerance"


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, False),
        ({"quantity": Decimal("1.5")}, True),
        ({"quantity": Decimal("1.49")}, False),
        ({"percent": Decimal("0.75")}, True),
        ({"percent": Decimal("0.7499")}, False),
        ({"amount": {"EUR": Decimal("1.50")}}, True),
        ({"amount": {"EUR": Decimal("1.49")}}, False),
        ({"amount": {"USD": Decimal("9.99")}}, False),
        ({"quantity": Decimal(0), "percent": Decimal(0), "amount": {"EUR": Decimal("1.50")}}, True),
        ({"quantity": Decimal(2), "amount": {"EUR": Decimal("0.01")}}, True),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_limits(limits: dict[str, Any], expected: bool, sign: int) -> None:
    used, billed = Decimal(200), Decimal(200) + sign * Decimal("1.5")
    item = replace(MISMATCH, expected_quantity=used, invoiced_quantity=billed, invoiced_minor=20000 + sign * 150)
    assert passes(item, MatchTolerance(**limits)) == expected


def test_a_program_may_have_its_own() -> None:
    wide, narrow = MatchTolerance(quantity=Decimal(2)), MatchTolerance(quantity=Decimal(1))
    assert passes(MISMATCH, narrow, wide)
    assert not passes(MISMATCH, wide, narrow)
    assert not passes(MISMATCH, None)
    assert passes(replace(MISMATCH, program="other"), wide, narrow)


@pytest.mark.parametrize("kind", sorted(SEVERITY_BY_KIND))
def test_only_differences_in_measure_pass(kind: str) -> None:
    """What was billed twice or for another month is told, however small it is."""
    item = replace(MISMATCH, kind=kind)
    assert passes(item, MatchTolerance(amount={"EUR": Decimal(1000)})) == (kind in TOLERATED_KINDS)


def test_quantities_pass_only_differences_in_quantity() -> None:
    assert not passes(replace(MISMATCH, kind="price_mismatch"), MatchTolerance(quantity=Decimal(2)))


def test_without_an_amount_there_is_nothing_to_pass() -> None:
    item = replace(MISMATCH, kind="unbilled_usage", expected_minor=None)
    assert not passes(item, MatchTolerance(amount={"EUR": Decimal(1000)}))
