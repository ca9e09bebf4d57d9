"""Anomalies: usage and spend that are out of the ordinary. No discrepancy: nothing need be wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Anomaly:
    """Something out of the ordinary in a period.

    ``amount_minor`` is what it cost and ``usual_minor`` what is ordinary, minor units of ``currency``: the mean of the
    months before, or the cost of the larger quantity. ``program`` and ``sku`` are empty where it is about an account.
    """

    kind: str
    account: str
    period: str
    message: str
    amount_minor: int
    usual_minor: int
    currency: str
    program: str = ""
    sku: str = ""
    source: str = ""
    pointer: str = ""
