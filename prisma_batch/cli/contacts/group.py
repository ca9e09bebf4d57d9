"""``prisma-batch contacts``: what its verbs share is in ``options``."""

import click

from prisma_batch.cli.verbs import VerbGroup

_VERBS = ("create", "list", "show", "add", "remove", "verify", "export", "erase", "apply-form", "pull")


@click.group(
    "contacts",
    cls=VerbGroup,
    package="prisma_batch.cli.contacts",
    verbs=_VERBS,
    short_help="See and change the contacts of customers.",
)
def contacts_group() -> None:
    """See and change who receives a customer's invoices, statements and requests for usage reports.

    There are three types of contacts: billing, statement and usage_reporting. A person is listed under each type they
    serve, and the last contact of a type cannot be removed. Every change is checked before it is written.

    \b
    Examples:
      prisma-batch contacts list --partner northwind
      prisma-batch contacts show ACME-001
    """
