"""``prisma-batch contacts remove``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.contacts.options import account_argument, at_option, email_option, tell, types_option


@click.command("remove", short_help="Remove a contact.")
@account_argument
@types_option
@email_option
@at_option
def remove_command(account: str, contact_types: tuple[str, ...], email: str, at: date) -> None:
    """Remove a contact from a type of ACCOUNT, or from several types at once.

    The last contact of a type stays until another one is added, and so does one without whom a day to come, from --at
    on, would be left without anybody.

    \b
    Examples:
      prisma-batch contacts remove ACME-001 --type billing --email jane.doe@acme.example
    """
    from prisma_batch.jobs.contacts_change import remove_contact  # noqa: PLC0415 - not at start

    tell(remove_contact(Path.cwd(), account, tuple(dict.fromkeys(contact_types)), email, at))
