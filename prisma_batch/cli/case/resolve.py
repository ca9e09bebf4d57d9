"""``prisma-batch case resolve``."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from prisma_batch.cli.case.options import (
    AMOUNT,
    INSTALLMENT,
    at_option,
    by_option,
    channel_option,
    id_argument,
    summary_option,
    tell,
)
from prisma_batch.cli.contacts.options import TEXT
from prisma_batch.cli.options import DATE
from prisma_batch.records.cases import OUTCOME_KINDS

_NAMES = {"from_": "from", "by_day": "by"}


def _outcome_options(command: Any) -> Any:
    """Add the fields that an outcome may have; the schema says which go with which kind."""
    options = (
        click.option("--approved-by", metavar="WHO", type=TEXT, help="Who approved it, where money moves."),
        click.option(
            "--invoice", "invoices", metavar="NUMBER", type=TEXT, multiple=True, help="Plan: a document. Repeatable."
        ),
        click.option(
            "--installment",
            "installments",
            metavar="DATE=AMOUNT",
            type=INSTALLMENT,
            multiple=True,
            help="Plan: what is due when. Repeatable.",
        ),
        click.option(
            "--document",
            metavar="NUMBER",
            type=TEXT,
            help="Credit note, refund, write-off, extension or waiver: of what.",
        ),
        click.option("--amount", metavar="AMOUNT", type=AMOUNT, help="Refund, write-off or promise: how much."),
        click.option("--reason", metavar="TEXT", type=TEXT, help="Write-off, hold or declined: why."),
        click.option("--due-on", type=DATE, help="Extension: the new day."),
        click.option("--expires-on", type=DATE, help="Waiver of a late fee: the last day on which it holds."),
        click.option("--program", metavar="ID", type=TEXT, help="Temporary discount: on what."),
        click.option("--sku", metavar="SKU", type=TEXT, help="Temporary discount: on one SKU only."),
        click.option("--percent", metavar="PERCENT", type=AMOUNT, help="Temporary discount: how much."),
        click.option("--from", "from_", type=DATE, help="Temporary discount: its first day."),
        click.option("--to", type=DATE, help="Temporary discount: its last day."),
        click.option("--pay-by", "by_day", type=DATE, help="Promise: the day."),
        click.option("--until", type=DATE, help="Hold: its last day."),
        click.option("--discrepancy", metavar="ID", type=TEXT, help="Accepted: which one."),
        click.option("--fingerprint", metavar="TEXT", type=TEXT, help="Accepted: as it was then."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("resolve", short_help="Resolve a case, or grant something.")
@id_argument
@summary_option
@click.option("--outcome", "kind", type=click.Choice(OUTCOME_KINDS), help="What was granted or decided.")
@_outcome_options
@click.option("--keep-open", is_flag=True, help="Record the outcome and go on with the case.")
@channel_option
@by_option
@at_option
def resolve_command(
    identifier: str,
    summary: str,
    kind: str | None,
    keep_open: bool,
    channel: str,
    by: str | None,
    at: datetime,
    **fields: Any,
) -> None:
    """Resolve the case ID with what was said last, and record what was granted. What the case held is held no more.

    \b
    Examples:
      prisma-batch case resolve CASE-2026-0042 --summary "Credited 56.75" --outcome credit_note \\
          --document CN-2026-00007 --approved-by finance@example.com
      prisma-batch case resolve CASE-2026-0043 --summary "Two installments" --outcome payment_plan \\
          --invoice INV-2026-00123 --installment 2026-12-15=170.25 --installment 2027-01-15=170.24 \\
          --approved-by finance@example.com
    """
    from prisma_batch.jobs.case_change import LogEntry, log_case  # noqa: PLC0415 - not at start

    given = {
        _NAMES.get(name, name): list(value) if isinstance(value, tuple) else value for name, value in fields.items()
    }
    outcome = {name: value for name, value in given.items() if value not in (None, [])}
    if outcome and not kind:
        raise click.UsageError("say with --outcome what was granted")
    entry = LogEntry(
        channel=channel,
        direction="out",
        by=by or "support",
        summary=summary,
        status=None if keep_open else "resolved",
    )
    added = {"outcome": {"kind": kind, "on": None, **outcome}} if kind else {}
    tell(log_case(Path.cwd(), identifier, entry, at, added))
