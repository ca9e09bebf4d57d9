"""``prisma-batch case open``."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from prisma_batch.cli.case.options import DISPUTE, at_option, channel_option, tell
from prisma_batch.cli.contacts.options import TEXT, account_argument
from prisma_batch.cli.options import emit
from prisma_batch.records.cases import KINDS


@click.command("open", short_help="Open an inquiry.")
@account_argument
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the inquiry is about.")
@click.option("--subject", metavar="TEXT", type=TEXT, required=True, help="The inquiry in one line.")
@click.option("--summary", metavar="TEXT", type=TEXT, help="What the customer says.  [default: the subject]")
@channel_option
@click.option("--requested-by", metavar="ADDRESS", type=TEXT, help="Who asked and is answered.")
@click.option(
    "--document", "documents", metavar="NUMBER", type=TEXT, multiple=True, help="What it is about. Repeatable."
)
@click.option(
    "--dispute",
    "disputes",
    metavar="INVOICE[#LINE]=AMOUNT",
    type=DISPUTE,
    multiple=True,
    help="What is disputed, tax included. Repeatable.",
)
@click.option("--id", "identifier", metavar="ID", type=TEXT, help="The case's id.  [default: the next of the year]")
@at_option
def open_command(
    account: str,
    kind: str,
    subject: str,
    summary: str | None,
    channel: str,
    requested_by: str | None,
    documents: tuple[str, ...],
    disputes: tuple[dict[str, Any], ...],
    identifier: str | None,
    at: datetime,
) -> None:
    """Open an inquiry of ACCOUNT and print its id. What is missing of it is named, so that it can be asked for.

    \b
    Examples:
      prisma-batch case open ACME-001 --kind invoice_discrepancy --subject "Overcharged core pairs" \\
          --dispute INV-2026-00123#1=56.75 --requested-by jane.doe@acme.example
      prisma-batch case open ACME-001 --kind payment_assistance --subject "More time to pay" --channel phone
    """
    from prisma_batch.jobs.case_change import NewCase, open_case  # noqa: PLC0415 - not at start

    new = NewCase(
        account=account,
        kind=kind,
        subject=subject,
        summary=summary,
        channel=channel,
        requested_by=requested_by,
        documents=tuple(dict.fromkeys(documents)),
        disputes=disputes,
        id=identifier,
    )
    changed = open_case(Path.cwd(), new, at)
    tell(changed)
    emit(f"{changed.case.id}\n")
