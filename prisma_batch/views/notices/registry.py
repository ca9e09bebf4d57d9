"""Every kind of notice: who receives it, and what plans it. Adding one: a module, a line here, its words."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from prisma_batch.views.notices import (
    announcement,
    case_acknowledged,
    case_follow_up,
    case_resolved,
    discrepancy_notice,
    payment_due,
    payment_plan_confirmed,
    payment_received,
    payment_reminder,
    rate_change,
    service_credit,
    suspension_warning,
    usage_report_overdue,
)
from prisma_batch.views.notices.state import NoticeState, Planned


class NoticeKind(NamedTuple):
    """A kind of message; ``contact_type`` is empty where everybody of the account is told."""

    kind: str
    contact_type: str
    plan: Callable[[NoticeState], Iterator[Planned]]


NOTICE_KINDS = (
    NoticeKind("announcement", "", announcement.plan),
    NoticeKind("case_acknowledged", "billing", case_acknowledged.plan),
    NoticeKind("case_follow_up", "billing", case_follow_up.plan),
    NoticeKind("case_resolved", "billing", case_resolved.plan),
    NoticeKind("discrepancy_notice", "", discrepancy_notice.plan),
    NoticeKind("payment_plan_confirmed", "statement", payment_plan_confirmed.plan),
    NoticeKind("payment_received", "statement", payment_received.plan),
    NoticeKind("payment_reminder", "statement", payment_reminder.plan),
    NoticeKind("payment_reminder", "statement", payment_due.plan),
    NoticeKind("rate_change", "billing", rate_change.plan),
    NoticeKind("service_credit", "statement", service_credit.plan),
    NoticeKind("suspension_warning", "statement", suspension_warning.plan),
    NoticeKind("usage_report_overdue", "usage_reporting", usage_report_overdue.plan),
)
CONTACT_TYPES_BY_KIND = {own.kind: own.contact_type for own in NOTICE_KINDS}


def plan_notices(state: NoticeState) -> Iterator[Planned]:
    """Yield every notice that is due, kind by kind."""
    for kind in NOTICE_KINDS:
        yield from kind.plan(state)
