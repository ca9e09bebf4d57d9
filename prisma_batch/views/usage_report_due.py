"""``usage_report_due``: a usage report that is missing, before its due day."""

from datetime import date, timedelta

from prisma_batch.base.periods import Period
from prisma_batch.records.snapshot import Snapshot
from prisma_batch.views.parties import customer_name, program_name
from prisma_batch.views.rows import Row, day
from prisma_batch.views.statement_parts import StatementSpan
from prisma_batch.views.usage_report_notice import UsageReportNotice


def usage_report_step(due_on: date, snapshot: Snapshot, span: StatementSpan) -> str | None:
    """Return the last of the configured days before a deadline that was reached; none before the first.

    Where no days are configured a report is asked for once, as soon as its month is over.
    """
    reminders = snapshot.settings.policies.reminders
    days = reminders.usage_report_due_days if reminders else ()
    if not days:
        return "" if span.as_of > span.period.last_day else None
    reached = [step for step in days if due_on - timedelta(days=step) <= span.as_of]
    return f".{min(reached)}" if reached else None


def usage_report_notice(snapshot: Snapshot, row: Row) -> UsageReportNotice:
    """Return what is said of a missing report, a row of USAGE_REPORT_STATES."""
    due_on = day(row.due_on)
    if due_on is None:
        raise ValueError("a missing usage report has a due date")
    return UsageReportNotice(
        account=row.account,
        customer_name=customer_name(snapshot, row.account),
        program=row.program,
        program_name=program_name(snapshot, row.program),
        period=Period.parse(row.period),
        due_on=due_on,
        file=f"usage/{row.period}/{row.account}.{row.program}.yaml",
        issuer=snapshot.settings.issuer,
        contact_point=snapshot.settings.contact_point,
    )
