"""``payments/allocations/<id>.yaml``: what a person decided about payments."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

AllocationKind: TypeAlias = Literal[
    "settle", "on_account", "discount", "bank_fee", "write_off", "refund", "not_receivable"
]
ADJUSTING_KINDS: tuple[AllocationKind, ...] = ("discount", "bank_fee", "write_off")


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocationItem:
    """One decision; amounts in the payment's currency, negative to undo an earlier one.

    ``settles_amount`` is in the document's currency, where that is another one.
    """

    amount: Decimal
    kind: AllocationKind
    payment: str | None = None
    account: str | None = None
    document: str | None = None
    settles_amount: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AllocationDecision:
    source: str
    id: str
    decided_on: date
    decided_by: str
    reason: str
    items: tuple[AllocationItem, ...]
