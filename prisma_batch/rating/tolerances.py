"""Differences that are small enough to pass: listed, and nobody is alerted."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from prisma_batch.base.money import from_minor
from prisma_batch.records.discrepancies import Discrepancy
from prisma_batch.records.settings import MatchTolerance, Settings

# What was billed twice, for another month or in another currency is a mistake however small it is.
TOLERATED_KINDS = frozenset(
    {
        "unbilled_usage",
        "billed_without_usage",
        "quantity_mismatch",
        "price_mismatch",
        "rounding_difference",
        "minimum_not_billed",
        "tax_mismatch",
    }
)


def with_tolerances(found: Iterable[Discrepancy], settings: Settings) -> list[Discrepancy]:
    """Mark as ``within_tolerance`` what the tolerance of its program, or the general one, lets pass."""
    return [
        replace(item, state="within_tolerance") if _passes(item, settings.tolerance_of(item.program)) else item
        for item in found
    ]


def _passes(item: Discrepancy, tolerance: MatchTolerance | None) -> bool:
    if tolerance is None or item.kind not in TOLERATED_KINDS:
        return False
    return _amount_passes(item, tolerance) or _quantity_passes(item, tolerance)


def _amount_passes(item: Discrepancy, tolerance: MatchTolerance) -> bool:
    limit = tolerance.amount.get(item.currency)
    return (
        limit is not None
        and item.difference_minor is not None
        and abs(from_minor(item.difference_minor, item.currency)) <= limit
    )


def _quantity_passes(item: Discrepancy, tolerance: MatchTolerance) -> bool:
    if item.kind != "quantity_mismatch" or item.expected_quantity is None or item.invoiced_quantity is None:
        return False
    difference = abs(item.invoiced_quantity - item.expected_quantity)
    limits = [] if tolerance.quantity is None else [tolerance.quantity]
    if tolerance.percent is not None:
        limits.append(abs(item.expected_quantity) * tolerance.percent / Decimal(100))
    return any(difference <= limit for limit in limits)
