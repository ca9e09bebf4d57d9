"""``prisma-batch contacts export``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.base.errors import RecordsNotRight
from prisma_batch.cli.contacts.options import on_day_option, partner_option
from prisma_batch.cli.options import emit


@click.command("export", short_help="Export contacts for a CRM.")
@partner_option
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["csv", "vcard"]),
    default="csv",
    show_default=True,
    help="A CSV file or vCard 3.0.",
)
@on_day_option
def export_command(partner: str | None, output_format: str, at: date) -> None:
    """Export the people who are contacts on a day, each once an account, for a CRM or an address book.

    Cells of CSV that a spreadsheet would take for a formula, such as telephone numbers, begin with an apostrophe.

    \b
    Examples:
      prisma-batch contacts export > contacts.csv
      prisma-batch contacts export --partner northwind --format vcard > northwind.vcf
    """
    from prisma_batch.jobs.contacts_list import find_customers  # noqa: PLC0415 - not at start
    from prisma_batch.records.contact_rows import people_on, rows_of  # noqa: PLC0415 - not at start
    from prisma_batch.writers.contact_lists import people_csv, people_vcard  # noqa: PLC0415 - not at start

    found = find_customers(Path.cwd(), partner=partner)
    if found.unreadable:
        raise RecordsNotRight(found.unreadable)
    people = people_on(rows_of(found.customers), at)
    emit(people_csv(people) if output_format == "csv" else people_vcard(people))
