"""``prisma-batch export``."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prisma_batch.base.periods import Period
from prisma_batch.cli.options import DAY, PERIOD, progress

if TYPE_CHECKING:
    from prisma_batch.writers.journals import JournalFormat


@click.command("export", short_help="Write the ledger for other tools.")
@click.argument("period", metavar="PERIOD", type=PERIOD)
@click.option(
    "--format",
    "journal_format",
    type=click.Choice(["beancount", "hledger", "csv", "parquet"]),
    required=True,
    help="A journal in plain text, or a table.",
)
@click.option("--as-of", type=DAY, help="The last day.  [default: the one that was published]")
def export_command(period: Period, journal_format: "JournalFormat", as_of: date | None) -> None:
    """Write the ledger of PERIOD to standard output: opening balances, what moved them, closing balances.

    Everything is computed from the records as they are now, as run does. Journals assert every closing balance, so
    bean-check and hledger check prove them.

    \b
    Examples:
      prisma-batch export 2026-10 --format beancount > receivables.beancount
      prisma-batch export 2026-10 --format parquet > receivables.parquet
    """
    from prisma_batch.jobs.export import export  # noqa: PLC0415 - not at start

    with progress() as tell:
        content = export(Path.cwd(), period, as_of, journal_format, tell)
    click.echo(content, nl=False)
