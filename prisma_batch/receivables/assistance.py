"""What cases granted, as the receivables take it: other due dates, installments, and reasons to hold reminders."""

from dataclasses import dataclass, field

from pandas import DataFrame

from prisma_batch.records.care_tables import EXTENSIONS, HOLDS, INSTALLMENTS, PLANS, WAIVERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Assistance:
    """The declared tables by the same names; a missed installment breaks its plan after ``grace_days``."""

    holds: DataFrame = field(default_factory=lambda: HOLDS.of([]))
    extensions: DataFrame = field(default_factory=lambda: EXTENSIONS.of([]))
    plans: DataFrame = field(default_factory=lambda: PLANS.of([]))
    installments: DataFrame = field(default_factory=lambda: INSTALLMENTS.of([]))
    waivers: DataFrame = field(default_factory=lambda: WAIVERS.of([]))
    grace_days: int = 0
