"""``prisma-batch case list``."""

from datetime import datetime
from pathlib import Path

import click

from prisma_batch.cli.clock import now
from prisma_batch.cli.contacts.options import TEXT
from prisma_batch.cli.options import MOMENT, emit, say

_UNREADABLE = "some cases cannot be read and are left out: see prisma-batch validate"


@click.command("list", short_help="List cases, the most urgent first.")
@click.option("--account", metavar="ACCOUNT", type=TEXT, help="Only this account.")
@click.option("--all", "closed", is_flag=True, help="Also those that are resolved or closed.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Text for people, or a row a case.",
)
@click.option("--at", type=MOMENT, default=now, help="The moment that targets are held against.  [default: now]")
@click.pass_context
def list_command(ctx: click.Context, account: str | None, closed: bool, output_format: str, at: datetime) -> None:
    """List open cases with what is due next and when, in business hours: breached ones first.

    \b
    Examples:
      prisma-batch case list
      prisma-batch case list --account ACME-001 --all --format csv
    """
    from prisma_batch.jobs.case_list import find_cases  # noqa: PLC0415 - not at start
    from prisma_batch.writers.case_lists import cases_csv, cases_json, cases_text  # noqa: PLC0415 - not at start

    found = find_cases(Path.cwd(), account, closed=closed, at=at)
    writers = {"text": cases_text, "json": cases_json, "csv": cases_csv}
    emit(writers[output_format](found.rows))
    if found.unreadable:
        say(_UNREADABLE)
        ctx.exit(1)
