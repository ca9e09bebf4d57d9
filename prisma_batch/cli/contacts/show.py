"""``prisma-batch contacts show``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.cli.contacts.options import account_argument, on_day_option
from prisma_batch.cli.options import emit


@click.command("show", short_help="Show the contacts of a customer.")
@account_argument
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text for people, or an object a contact and type.",
)
@on_day_option
def show_command(account: str, output_format: str, at: date) -> None:
    """Show the contacts of ACCOUNT by type: how to reach them, when they are valid, when they were verified.

    \b
    Examples:
      prisma-batch contacts show ACME-001
    """
    from prisma_batch.jobs.contacts_list import find_customers  # noqa: PLC0415 - not at start
    from prisma_batch.records.contact_rows import rows_of  # noqa: PLC0415 - not at start
    from prisma_batch.writers.contact_lists import list_json, list_text  # noqa: PLC0415 - not at start

    found = find_customers(Path.cwd(), account)
    if not found.customers:
        raise RecordsNotRight(found.unreadable)
    rows = list(rows_of(found.customers))
    emit(list_json(rows) if output_format == "json" else list_text(rows, at))
