"""A case as a list shows it: where it stands, what is due when, and what the customer is to be asked for."""

from dataclasses import dataclass
from datetime import datetime

from prisma_batch.cases.clocks import CaseClocks, Clock, case_clocks
from prisma_batch.cases.intake import missing_information
from prisma_batch.records.cases import Case
from prisma_batch.records.settings import ContactPoint

_URGENCY = ("breached", "due_soon", "running", "paused", "met_late", "met")


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRow:
    """A case and its clocks; None where the contact point has no targets."""

    case: Case
    clocks: CaseClocks | None
    missing: tuple[str, ...]

    @property
    def next_clock(self) -> tuple[str, Clock] | None:
        """Return what is due next: the first reply until there is one, then the resolution."""
        if self.clocks is None:
            return None
        replied = self.clocks.first_reply.state in {"met", "met_late"}
        return ("resolution", self.clocks.resolution) if replied else ("first reply", self.clocks.first_reply)

    def urgency(self) -> tuple[int, str, str]:
        """Return by what cases are sorted: breached first, then by what is due next."""
        following = self.next_clock
        if following is None or not self.case.is_open:
            return len(_URGENCY), self.case.opened_at.isoformat(), self.case.id
        due_at = following[1].due_at
        return _URGENCY.index(following[1].state), due_at.isoformat() if due_at else "9", self.case.id


def case_row(case: Case, contact_point: ContactPoint, at: datetime) -> CaseRow:
    """Return a case as a list shows it at a moment."""
    return CaseRow(case=case, clocks=case_clocks(case, contact_point, at), missing=missing_information(case))
