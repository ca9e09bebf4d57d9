"""``prisma-batch contacts verify``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.contacts.options import TYPE, account_argument, at_option, email_option, tell


@click.command("verify", short_help="Record that a contact was confirmed.")
@account_argument
@email_option
@click.option("--type", "contact_types", type=TYPE, multiple=True, help="Only this contact type. Repeatable.")
@at_option
def verify_command(account: str, email: str, contact_types: tuple[str, ...], at: date) -> None:
    """Record that a contact of ACCOUNT was confirmed to be right, under each type that lists the address.

    \b
    Examples:
      prisma-batch contacts verify ACME-001 --email jane.doe@acme.example
      prisma-batch contacts verify ACME-001 --email jane.doe@acme.example --at 2026-11-20
    """
    from prisma_batch.jobs.contacts_change import verify_contact  # noqa: PLC0415 - not at start

    tell(verify_contact(Path.cwd(), account, tuple(dict.fromkeys(contact_types)), email, at))
