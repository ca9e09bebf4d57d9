"""``prisma-batch contacts create``."""

from datetime import date
from pathlib import Path
from typing import Any

import click

from prisma_batch.cli.contacts.options import TEXT, account_argument, at_option, contact_of, person_options, tell
from prisma_batch.records.contacts import CONTACT_TYPES, Customer


@click.command("create", short_help="Make the record of a new customer.")
@account_argument
@click.option("--name", metavar="NAME", required=True, type=TEXT, help="The customer's name as people say it.")
@click.option("--partner", metavar="ID", required=True, type=TEXT, help="The partner who owns the record.")
@click.option("--language", metavar="TAG", type=TEXT, help="The language of mails and documents.  [default: en]")
@person_options
@at_option
def create_command(account: str, name: str, partner: str, language: str | None, at: date, **person: Any) -> None:
    """Make the record of a new customer, contacts/ACCOUNT.yaml, with a first contact under each type.

    \b
    Examples:
      prisma-batch contacts create ACME-001 --name "Acme Hosting B.V." --partner northwind --language nl \\
          --email jane.doe@acme.example --first-name Jane --last-name Doe
    """
    from prisma_batch.jobs.contacts_change import create_customer  # noqa: PLC0415 - not at start

    contacts = dict.fromkeys(CONTACT_TYPES, (contact_of(person),))
    customer = Customer(source="", account=account, name=name, partner=partner, contacts=contacts)
    tell(create_customer(Path.cwd(), customer, language, at))
