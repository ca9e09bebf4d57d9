"""``usage_report_overdue``: a usage report whose due day has passed."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from prisma_batch.base.periods import Period, days_after
from prisma_batch.records.table import rows_of
from prisma_batch.views.notices.layout import Notice, say
from prisma_batch.views.notices.state import NoticeState, Planned
from prisma_batch.views.parties import customer_name, program_name


def plan(state: NoticeState) -> Iterator[Planned]:
    """Yield a message for each report that is missing, at the last step of ``usage_report_overdue_days`` reached."""
    reminders = state.snapshot.settings.policies.reminders
    days = reminders.usage_report_overdue_days if reminders else ()
    for row in rows_of(state.usage_report_states):
        if row.state in {"missing", "estimated"}:
            due_on = row.due_on.date()
            reached = [step for step in days or (0,) if days_after(due_on, step) <= state.span.as_of]
            if reached:
                step = f".{max(reached)}" if max(reached) else ""
                key = f"usage_report_overdue.{row.account}.{row.program}.{row.period}{step}"
                yield Planned(key=key, account=row.account, body=_body(state, row, due_on))


def _body(state: NoticeState, row: Any, due_on: date) -> Notice:
    name, month = program_name(state.snapshot, row.program), Period.parse(row.period)
    return Notice(
        subject=say(
            "Usage report %(program)s, %(month)s: overdue since %(day)s for account %(account)s",
            program=name,
            month=month,
            day=due_on,
            account=row.account,
        ),
        title=say("A usage report is overdue"),
        action=(
            say(
                "Please report your usage of %(program)s for %(month)s now: it was due on %(day)s.",
                program=name,
                month=month,
                day=due_on,
            ),
        ),
        facts=(
            (say("Account"), f"{row.account}, {customer_name(state.snapshot, row.account)}"),
            (say("Expected file"), f"usage/{row.period}/{row.account}.{row.program}.yaml"),
        ),
        substance=(row.program, row.period, due_on),
        closing=(
            say(
                "If nothing was used, report that, too: a report with zero_usage: true. "
                "A missing report does not count as zero."
            ),
        ),
    )
