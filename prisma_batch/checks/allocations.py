"""Allocations decided by a person: what must agree inside one decision."""

from collections.abc import Iterator

from prisma_batch.base.findings import Finding, pointer
from prisma_batch.records.allocations import AllocationDecision


def check_allocation_amounts(decision: AllocationDecision) -> Iterator[Finding]:
    """Yield ``allocation-amount`` for items of nothing, or that settle in the other direction.

    FAIL: ``amount: "0.00"``; ``amount: "10.00"`` with ``settles_amount: "-11.00"``. PASS: ``amount: "-10.00"``.
    """
    for index, item in enumerate(decision.items):
        settles = item.amount if item.settles_amount is None else item.settles_amount
        if item.amount * settles <= 0:
            yield Finding(
                code="allocation-amount",
                message="the item allocates nothing, or amount and settles_amount have different signs",
                remedy="write what is allocated; both amounts are below zero only to undo an earlier decision",
                source=decision.source,
                pointer=pointer("items", index, "amount"),
            )
