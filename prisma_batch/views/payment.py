"""What a customer is asked to pay in one transfer, and what is collected."""

from dataclasses import dataclass
from datetime import date

from prisma_batch.views.amounts import Money
from prisma_batch.views.notices.layout import Text, say

NOTHING_TO_PAY = say("There is nothing to pay now.")


@dataclass(frozen=True, kw_only=True, slots=True)
class PaymentRequest:
    """One amount, and the references by which the payment is recognised."""

    amount: Money
    references: tuple[str, ...]


def asked(amount: Money, day: date | None, collected_by: str) -> Text:
    """Return what becomes of an amount that is due on a day: the customer pays it, or it is collected.

    Args:
        collected_by: ``direct_debit`` or ``card``; nothing where the customer pays.
    """
    if not amount.minor or day is None:
        return NOTHING_TO_PAY
    if collected_by == "direct_debit":
        return say("We collect %(amount)s by direct debit on %(day)s.", amount=amount, day=day)
    if collected_by == "card":
        return say("We charge %(amount)s to your card on %(day)s.", amount=amount, day=day)
    return say("Please pay %(amount)s by %(day)s.", amount=amount, day=day)
