"""``prisma-batch contacts add``."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from prisma_batch.cli.contacts.options import (
    account_argument,
    at_option,
    contact_of,
    person_options,
    tell,
    types_option,
)


@click.command("add", short_help="Add a contact.")
@account_argument
@types_option
@person_options
@at_option
def add_command(account: str, contact_types: tuple[str, ...], at: date, **person: Any) -> None:
    """Add a contact to a type of ACCOUNT, or to several types at once.

    \b
    Examples:
      prisma-batch contacts add ACME-001 --type billing --email jane.doe@acme.example \\
          --first-name Jane --last-name Doe --phone +31201234567
      prisma-batch contacts add ACME-001 --type billing --type statement --email uma.vale@acme.example \\
          --first-name Uma --last-name Vale --valid-from 2027-01-01
    """
    from prisma_batch.jobs.contacts_change import add_contact  # noqa: PLC0415 - not at start

    tell(add_contact(Path.cwd(), account, tuple(dict.fromkeys(contact_types)), contact_of(person), at))
