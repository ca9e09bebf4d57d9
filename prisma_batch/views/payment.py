"""What a customer is asked to pay in one transfer."""

from dataclasses import dataclass

from prisma_batch.views.amounts import Money


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRequest:
    """One amount, and the references by which the payment is recognised."""

    amount: Money
    references: tuple[str, ...]
