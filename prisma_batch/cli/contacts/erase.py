"""``prisma-batch contacts erase``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.contacts.options import account_argument, at_option, email_option, tell
from prisma_batch.cli.options import say

_WHAT_STAYS = (
    "what stays: earlier versions of the file in git, so that what was sent can be explained by the contacts of then;",
    "    comments, cases, sent mails and published reports. Where the law asks for more, whoever runs the repository",
    "    rewrites its history, for instance with git filter-repo, and every clone is made anew",
)


@click.command("erase", short_help="Remove a person everywhere.")
@account_argument
@email_option
@at_option
@click.pass_context
def erase_command(ctx: click.Context, account: str, email: str, at: date) -> None:
    """Remove a person from every type of ACCOUNT that has somebody else on every day from --at on.

    Types that have nobody else are named, with what to do; the exit status is then 1. It also says what stays.

    \b
    Examples:
      prisma-batch contacts erase ACME-001 --email jane.doe@acme.example
    """
    from prisma_batch.jobs.contacts_change import erase_contact  # noqa: PLC0415 - not at start

    changed = erase_contact(Path.cwd(), account, email, at)
    tell(changed)
    for line in _WHAT_STAYS:
        say(line)
    ctx.exit(1 if changed.refused else 0)
