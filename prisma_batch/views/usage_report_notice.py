"""What is said of a usage report that is missing."""

from dataclasses import dataclass
from datetime import date

from prisma_batch.base.periods import Period
from prisma_batch.records.settings import ContactPoint, Issuer
from prisma_batch.views.substance import Substance


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageReportNotice:
    """A usage report that is missing: of what, by when, and the file that is expected."""

    account: str
    customer_name: str
    program: str
    program_name: str
    period: Period
    due_on: date
    file: str
    issuer: Issuer
    contact_point: ContactPoint

    @property
    def substance(self) -> Substance:
        return (self.program, str(self.period), self.due_on)
