"""``usage/<period>/*.yaml``: usage reports as partners submit them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from prisma_batch.base.periods import Period


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedLine:
    sku: str
    quantity: Decimal
    service_from: date | None = None
    service_to: date | None = None
    purchase_order: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageReport:
    """A report of one account, program and month; a revision is a new file that names the revision it replaces.

    ``estimated_from`` is in no file: the month of the report that stands in for one that did not come.
    """

    source: str
    account: str
    program: str
    period: Period
    submitted_on: date
    zero_usage: bool = False
    revises: int | None = None
    purchase_order: str | None = None
    lines: tuple[ReportedLine, ...] = ()
    estimated_from: Period | None = None

    @property
    def revision(self) -> int:
        """Return the number of this revision; the first report is revision 1."""
        return (self.revises or 0) + 1
