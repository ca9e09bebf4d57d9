"""``prisma-batch validate``."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prisma_batch.base.counts import counted
from prisma_batch.cli.clock import today
from prisma_batch.cli.options import DAY, counting, emit, say

if TYPE_CHECKING:
    from prisma_batch.jobs.validate import Validation
    from prisma_batch.jobs.validate_change import ChangeValidation
    from prisma_batch.writers.findings import FindingsFormat


@click.command("validate", short_help="Check the records.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--as-of", type=DAY, help="The day from which contacts must be valid.  [default: today]")
@click.option(
    "--base", "base_ref", metavar="REF", help="Check what HEAD changes against REF, from git's objects alone."
)
@click.option("--no-cache", is_flag=True, help="Check everything anew, and keep nothing under .prisma-cache/.")
@click.option("--actor", metavar="ID|LOGIN", help="Who asks for the change, by number (or user name) on the code host.")
@click.option(
    "--summary",
    "summary_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Append to FILE, as Markdown, what the request changes.",
)
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "github", "json", "sarif", "junit"]),
    default="text",
    show_default=True,
    help="Lines for people, annotations for GitHub, or a document for other programs.",
)
@click.pass_context
def validate_command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    as_of: date | None,
    base_ref: str | None,
    no_cache: bool,
    actor: str | None,
    summary_file: Path | None,
    output_format: "FindingsFormat",
) -> None:
    """Check every record: its schema, by itself, and with the others.

    With PATHs only what is found in these files and folders is shown. With --base the last commit is checked whole, and
    whether who asks may change what it changes; errors that are on the base already, in files that it leaves alone, are
    warnings. Exit status 0 means no errors; warnings are none.

    \b
    Examples:
      prisma-batch validate
      prisma-batch validate contacts/ACME-001.yaml --as-of 2026-11-10
      prisma-batch validate --base origin/main --actor 1234567
    """
    from prisma_batch.base.findings import errors_in  # noqa: PLC0415 - not at start
    from prisma_batch.jobs.validate import validate  # noqa: PLC0415 - not at start
    from prisma_batch.writers.findings import findings_text  # noqa: PLC0415 - not at start

    validation: Validation | ChangeValidation
    if base_ref is None:
        if actor is not None or summary_file:
            raise click.UsageError(
                "--actor and --summary say something about a change: name what it is against by --base"
            )
        with counting("checking") as tell:
            validation = validate(Path.cwd(), paths, as_of or today(), use_cache=not no_cache, tell=tell)
    elif paths:
        raise click.UsageError("with --base the whole request is checked: leave the paths out")
    else:
        validation = _validated_change(base_ref, actor, as_of or today(), use_cache=not no_cache)
        if summary_file:
            _append_summary(summary_file, validation, initials=output_format == "github")
    emit(findings_text(validation.findings, output_format))
    errors = len(errors_in(validation.findings))
    warnings = len(validation.findings) - errors
    found = f"{counted(errors, 'error')}, {counted(warnings, 'warning')}"
    say(f"{counted(validation.files_checked, 'file')} checked, {found}")
    ctx.exit(1 if errors else 0)


def _validated_change(base_ref: str, actor: str | None, as_of: date, *, use_cache: bool) -> "ChangeValidation":
    from prisma_batch.jobs.validate_change import validate_change  # noqa: PLC0415 - only for requests

    with counting("checking") as tell:
        validation = validate_change(Path.cwd(), base_ref, actor, as_of, use_cache=use_cache, tell=tell)
    for note in validation.notes:
        say(note)
    return validation


def _append_summary(file: Path, validation: "ChangeValidation", *, initials: bool) -> None:
    from prisma_batch.writers.request_summary import append_summary  # noqa: PLC0415 - only where asked for

    append_summary(file, validation.words(initials=initials), validation.findings)
