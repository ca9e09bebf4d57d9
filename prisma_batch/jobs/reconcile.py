"""A month reconciled: its tables, and what is told of them. What a run publishes and what is explained of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from prisma_batch.base.errors import InvariantBroken, RecordsNotRight, UsageProblem
from prisma_batch.base.periods import Period
from prisma_batch.engines.engine import Engine
from prisma_batch.engines.local import LocalEngine
from prisma_batch.jobs.findings import placed
from prisma_batch.jobs.known_usage import with_known_usage
from prisma_batch.jobs.late_rows import with_late_rows
from prisma_batch.jobs.month import Month, Owed, compute_month, compute_owed
from prisma_batch.jobs.month_inputs import MonthInputs, load_settings, read_month
from prisma_batch.jobs.recorded import RecordedRun, skipped_months
from prisma_batch.readers.journal import Journal, read_later_rows
from prisma_batch.receivables.invariants import check_chain
from prisma_batch.records.journal import last_states
from prisma_batch.records.settings import Settings
from prisma_batch.views.message import Message
from prisma_batch.views.messages import plan_messages
from prisma_batch.views.notices.state import NoticeState
from prisma_batch.views.statement import Statement, StatementSpan, build_statements


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """How a month is run.

    ``usage`` and ``payments`` replace the files of the workspace's folders; ``out`` is published instead of
    ``reports/<period>``; ``tables_only`` leaves out rendered documents and messages;
    ``accounts`` puts its documents into each account's folder of the portal; ``engine`` totals metered usage;
    ``journals`` are what is known of the journals instead of all that they say up to the as-of day.
    """

    as_of: date | None = None
    usage: tuple[Path | str, ...] = ()
    payments: tuple[Path, ...] = ()
    out: Path | None = None
    tables_only: bool = False
    accounts: bool = False
    reopen: bool = False
    engine: Engine = field(default_factory=LocalEngine)
    journals: tuple[Journal, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """A month, what it was read from, and what customers are told of it."""

    inputs: MonthInputs
    recorded: RecordedRun | None
    month: Month
    span: StatementSpan
    statements: tuple[Statement, ...]
    messages: tuple[Message, ...]


def reconcile(
    root: Path, period: Period, recorded: RecordedRun | None, options: RunOptions, tell: Callable[[str], None]
) -> Reconciled:
    """Read the records and compute a month; nothing is written.

    Args:
        recorded: what the last run before the period published.
        tell: is told what is being done, for a progress line.
    Raises:
        UsageProblem: no workspace, a period before the first, an as-of day out of order.
        RecordsNotRight: with every error of every record and file.
        InvariantBroken, AmountOverflow: something does not add up.
    """
    tell("reading records")
    loaded, settings = load_settings(root)
    as_of = options.as_of or settings.as_of(period)
    last_as_of = _last_as_of(settings, period, as_of, recorded)
    paths = {"usage": options.usage or None, "payments": options.payments or None}
    inputs = read_month(root, loaded, (period, as_of), paths, (options.engine, tell))
    if options.journals is not None:
        inputs = replace(inputs, journals=options.journals)
    inputs = with_known_usage(with_late_rows(root, inputs, period, recorded), period, recorded)
    tell("reconciling")
    month = _computed(root, inputs, (period, as_of, last_as_of), recorded)
    span = StatementSpan(
        period=period, opened_on=month.opened_on, as_of=as_of, late_documents=_late_documents(month, recorded)
    )
    last_items = recorded.open_items if recorded else None
    statements = build_statements(month.receivables, month.snapshot, span, last_items)
    _statements_add_up(statements, month)
    return Reconciled(
        inputs=inputs,
        recorded=recorded,
        month=month,
        span=span,
        statements=statements,
        messages=plan_messages(
            month.snapshot,
            statements,
            month.usage_reports,
            span,
            notice_state(month, span),
            last_states(read_later_rows(root, str(period), as_of), date.max).values(),
        ),
    )


def reconcile_owed(
    root: Path, period: Period, recorded: RecordedRun | None, as_of: date, tell: Callable[[str], None]
) -> Owed:
    """Compute what accounts owe and nothing else: no usage is read, which may be much.

    Raises:
        UsageProblem, RecordsNotRight, InvariantBroken, AmountOverflow: as for a run, but for what is only about usage.
    """
    tell("reading records")
    loaded, settings = load_settings(root)
    last_as_of = _last_as_of(settings, period, as_of, recorded)
    inputs = read_month(root, loaded, (period, as_of), {"usage": ()}, (LocalEngine(), tell))
    tell("reconciling")
    with _placing(root):
        owed = compute_owed(inputs, as_of, last_as_of, recorded.state if recorded else None)
    if recorded:
        check_chain(recorded.balances, owed.receivables.balances)
    return owed


def notice_state(month: Month, span: StatementSpan) -> NoticeState:
    """Return from what notices are planned."""
    return NoticeState(
        snapshot=month.snapshot,
        span=span,
        receivables=month.receivables,
        usage_report_states=month.usage_reports,
        discrepancies=month.discrepancies,
        subjects=month.care.subjects,
        standings=month.care.standings,
        rules=month.care.rules,
        reminders=month.care.reminders,
        sent=month.care.sent,
    )


def _last_as_of(settings: Settings, period: Period, as_of: date, recorded: RecordedRun | None) -> date:
    if period < settings.first_period:
        raise UsageProblem(f"the first period is {settings.first_period} (prisma.yaml, first_period)")
    last = recorded.state.as_of if recorded else settings.as_of(period.plus(-1))
    if as_of <= last:
        raise UsageProblem(f"as-of {as_of} is not after {last}, the as-of day of the period before")
    return last


def _computed(root: Path, inputs: MonthInputs, days: tuple[Period, date, date], recorded: RecordedRun | None) -> Month:
    with _placing(root):
        month = compute_month(inputs, *days, recorded.state if recorded else None)
    if recorded is None:
        return month
    check_chain(recorded.balances, month.receivables.balances)
    return replace(month, findings=(*month.findings, *skipped_months(recorded, days[0])))


@contextmanager
def _placing(root: Path) -> Iterator[None]:
    try:
        yield
    except RecordsNotRight as error:
        raise RecordsNotRight(placed(root, error.findings)) from error


def _late_documents(month: Month, recorded: RecordedRun | None) -> frozenset[str]:
    known = recorded.state.document_sources if recorded else frozenset(doc.source for doc in month.snapshot.documents)
    return frozenset(document.number for document in month.snapshot.documents if document.source not in known)


def _statements_add_up(statements: Sequence[Statement], month: Month) -> None:
    """Σ statements = the ledger's control total, per currency."""
    printed: dict[str, int] = {}
    for statement in statements:
        for section in statement.sections:
            printed[section.currency] = printed.get(section.currency, 0) + section.closing.minor
    closing = month.receivables.balances.groupby("currency")["closing_minor"].sum()
    for currency, total in closing.items():
        if printed.get(str(currency), 0) != total:
            raise InvariantBroken(f"statements in {currency} do not add up to the ledger")
