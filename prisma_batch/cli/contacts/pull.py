"""``prisma-batch contacts pull``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.contacts.options import TEXT, at_option
from prisma_batch.cli.options import emit, say


@click.command("pull", short_help="Take over what a partner has changed.")
@click.argument("partner", metavar="PARTNER", type=TEXT)
@click.option("--at-commit", metavar="SHA", help="A commit in the history of the partner's ref.  [default: its newest]")
@at_option
def pull_command(partner: str, at_commit: str | None, at: date) -> None:
    """Take PARTNER's contact files and usage reports from the repository that prisma.yaml names for it.

    They are judged exactly as a request by that partner against the last commit here, and written all or none. The
    commit that they are from is kept in .prisma/pulls/PARTNER.json; a message to commit them with is printed.

    \b
    Examples:
      prisma-batch contacts pull northwind
      prisma-batch contacts pull northwind --at-commit 3f786850e387550fdab836ed7e6dc881de23001b
    """
    from prisma_batch.jobs.contacts_pull import pull  # noqa: PLC0415 - not at start

    pulled = pull(Path.cwd(), partner, at_commit, at)
    if not pulled.words:
        say("nothing to change")
    for note in pulled.notes:
        say(f"note: {note}")
    for warning in pulled.warnings:
        say(f"warning: {warning.source}: {warning.code}: {warning.message}")
        say(f"    {warning.remedy}")
    emit(pulled.message)
