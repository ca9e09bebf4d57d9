"""``prisma-batch contacts``: what its verbs share is in ``options``."""

from importlib import import_module

import click

VERBS = ("create", "list", "show", "add", "remove", "verify", "export", "erase", "apply-form", "pull")


class VerbGroup(click.Group):
    """Imports a verb when it is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click calls it
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click calls it
        if cmd_name not in VERBS:
            return None
        name = cmd_name.replace("-", "_")
        command: click.Command = getattr(import_module(f"prisma_batch.cli.contacts.{name}"), f"{name}_command")
        return command


@click.group("contacts", cls=VerbGroup, short_help="See and change the contacts of customers.")
def contacts_group() -> None:
    """See and change who receives a customer's invoices, statements and requests for usage reports.

    There are three types of contacts: billing, statement and usage_reporting. A person is listed under each type they
    serve, and the last contact of a type cannot be removed. Every change is checked before it is written.

    \b
    Examples:
      prisma-batch contacts list --partner northwind
      prisma-batch contacts show ACME-001
    """
