"""What the records let go by themselves: small differences, cash discount; and which entries are no receivables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from prisma_batch.base.money import INT64_MAX, percent_of, to_minor
from prisma_batch.records.settings import NotReceivableRule, PaymentTolerance

_APPROVED_BY = {"discount": "payment_terms", "tolerance": "policies.tolerances", "bank_fee": "policies.tolerances"}
CAPPED_KINDS = ("tolerance", "bank_fee")
LET_GO_KINDS = tuple(_APPROVED_BY)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """The declared tolerance of receipts, the rules for entries that no customer owes, and what accounts are called."""

    tolerance: PaymentTolerance | None = None
    not_receivable: tuple[NotReceivableRule, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def approved_by(self, kind: str) -> str:
        """Return which part of the records allows an adjustment of this kind."""
        return _APPROVED_BY[kind]

    def limit_minor(self, claimed_minor: int, currency: str) -> int:
        """Return the largest difference of one receipt for what was claimed; both limits hold where both are given."""
        if self.tolerance is None:
            return 0
        limits = []
        if self.tolerance.amount:
            limits.append(_floor_minor(self.tolerance.amount.get(currency, Decimal(0)), currency))
        if self.tolerance.percent is not None:
            limits.append(percent_of(claimed_minor, self.tolerance.percent, "down"))
        return min(limits, default=0)

    def ceiling_minor(self, currency: str) -> int:
        """Return what no tolerated difference exceeds, whatever was claimed."""
        if self.tolerance is None:
            return 0
        if not self.tolerance.amount:
            return INT64_MAX
        return _floor_minor(self.tolerance.amount.get(currency, Decimal(0)), currency)

    def cap_minor(self, currency: str) -> int | None:
        """Return how much may be let go for an account in a calendar year; None where nothing limits it."""
        if self.tolerance is None or not self.tolerance.yearly_cap:
            return None
        return _floor_minor(self.tolerance.yearly_cap.get(currency, Decimal(0)), currency)


def _floor_minor(amount: Decimal, currency: str) -> int:
    try:
        return to_minor(amount, currency)
    except ValueError:  # finer than the currency: the part of a unit lets nothing go
        return to_minor(Decimal(int(amount)), currency)
