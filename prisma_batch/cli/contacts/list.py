"""``prisma-batch contacts list``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.contacts.options import TEXT, on_day_option, one_type_option, partner_option
from prisma_batch.cli.options import emit, say

_UNREADABLE = "some contact files cannot be read and are left out: see prisma-batch validate"


@click.command("list", short_help="List customers and their contacts.")
@partner_option
@one_type_option
@click.option("--account", metavar="ACCOUNT", type=TEXT, help="Only this account.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="Text for people, or a row a contact and type.",
)
@on_day_option
@click.pass_context
def list_command(
    ctx: click.Context,
    partner: str | None,
    contact_type: str | None,
    account: str | None,
    output_format: str,
    at: date,
) -> None:
    """List customers and their contacts by type, whatever the days on which they are valid.

    \b
    Examples:
      prisma-batch contacts list --partner northwind
      prisma-batch contacts list --type billing --format csv
    """
    from prisma_batch.jobs.contacts_list import find_customers  # noqa: PLC0415 - not at start
    from prisma_batch.records.contact_rows import rows_of  # noqa: PLC0415 - not at start
    from prisma_batch.writers.contact_lists import list_csv, list_json, list_text  # noqa: PLC0415 - not at start

    found = find_customers(Path.cwd(), account, partner)
    rows = list(rows_of(found.customers, contact_type))
    if output_format == "text":
        emit(list_text(rows, at))
    else:
        emit(list_json(rows) if output_format == "json" else list_csv(rows))
    if found.unreadable:
        say(_UNREADABLE)
        ctx.exit(1)
