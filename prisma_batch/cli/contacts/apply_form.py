"""``prisma-batch contacts apply-form``."""

import re
from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.contacts.options import at_option, tell
from prisma_batch.cli.options import emit

_ISSUE = re.compile(r"(?:[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)?#?[0-9]+|https://[A-Za-z0-9._~/-]+(?:#[A-Za-z0-9-]+)?")


def _checked_issue(_ctx: click.Context, _option: click.Parameter, issue: str | None) -> str | None:
    if issue is not None and not _ISSUE.fullmatch(issue):
        raise click.BadParameter("name the issue as owner/repository#12, #12 or by its https address")
    return issue


@click.command("apply-form", short_help="Apply an issue form.")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option(
    "--actor", "actor_id", metavar="ID", type=click.IntRange(min=1), required=True, help="Who sent the form, by number."
)
@click.option("--issue", metavar="REF", callback=_checked_issue, help="The issue, for the commit message.")
@at_option
def apply_form_command(file: Path, actor_id: int, issue: str | None, at: date) -> None:
    """Add, remove or confirm a contact as the issue form in FILE asks, and print a commit message that says for whom.

    FILE is the body of the issue, or a JSON object of its answers by field. Its text is taken for nothing but text. The
    author, named by the number on the code host, must be staff or a member of the partner who owns the account.

    \b
    Examples:
      prisma-batch contacts apply-form form.md --actor 1234567 --issue northwind/records#12
    """
    from prisma_batch.jobs.contacts_form import apply_form  # noqa: PLC0415 - not at start

    applied = apply_form(Path.cwd(), file, actor_id, issue, at)
    tell(applied.changed, initials=True)
    emit(applied.message)
