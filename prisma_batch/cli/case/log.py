"""``prisma-batch case log``."""

from datetime import datetime
from pathlib import Path

import click

from prisma_batch.cli.case.options import (
    STATUS,
    at_option,
    by_option,
    channel_option,
    id_argument,
    summary_option,
    tell,
)
from prisma_batch.cli.contacts.options import TEXT


@click.command("log", short_help="Add to the log of a case.")
@id_argument
@summary_option
@click.option("--direction", type=click.Choice(["in", "out"]), required=True, help="in: to us; out: from us.")
@channel_option
@by_option
@click.option("--status", type=STATUS, help="The status from here on.  [default: open when the customer answers]")
@click.option("--automatic", is_flag=True, help="An automatic reply, which answers nothing.")
@click.option("--evidence", metavar="TEXT", type=TEXT, help="What was seen; never the document or its content.")
@click.option("--seen-by", metavar="WHO", type=TEXT, help="With --evidence: who saw it.")
@at_option
def log_command(
    identifier: str,
    summary: str,
    direction: str,
    channel: str,
    by: str | None,
    status: str | None,
    automatic: bool,
    evidence: str | None,
    seen_by: str | None,
    at: datetime,
) -> None:
    """Add to the log of the case ID what was said, seen or decided.

    A customer who answers a case that waited for them opens it again, and its clocks run on.

    \b
    Examples:
      prisma-batch case log CASE-2026-0042 --direction out --status waiting_customer \\
          --summary "Asked which core pairs are meant"
      prisma-batch case log CASE-2026-0042 --direction in --summary "Sent the list" \\
          --evidence "list of hosts" --seen-by support
    """
    from prisma_batch.jobs.case_change import LogEntry, log_case  # noqa: PLC0415 - not at start

    if bool(evidence) != bool(seen_by):
        raise click.UsageError("--evidence and --seen-by come together")
    entry = LogEntry(
        channel=channel,
        direction=direction,
        by=by or ("customer" if direction == "in" else "support"),
        summary=summary,
        status=status,
        automatic=automatic,
    )
    added = {"evidence": {"what": evidence, "seen_by": seen_by, "on": None}} if evidence else {}
    tell(log_case(Path.cwd(), identifier, entry, at, added))
