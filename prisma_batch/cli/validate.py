"""``prisma-batch validate``."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prisma_batch.cli.clock import today
from prisma_batch.cli.options import DATE, emit, say

if TYPE_CHECKING:
    from prisma_batch.writers.findings import FindingsFormat


@click.command("validate", short_help="Check the records.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--as-of", type=DATE, help="The day from which contacts must be valid.  [default: today]")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "github", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, annotations for GitHub, or one JSON list.",
)
@click.pass_context
def validate_command(
    ctx: click.Context, paths: tuple[Path, ...], as_of: date | None, output_format: "FindingsFormat"
) -> None:
    """Check every record: its schema, by itself, and with the others.

    With PATHs only what is found in these files and folders is shown. Exit status 0 means no errors; warnings are none.

    \b
    Examples:
      prisma-batch validate
      prisma-batch validate contacts/ACME-001.yaml --as-of 2026-11-10
    """
    from prisma_batch.base.findings import errors_in  # noqa: PLC0415 - not at start
    from prisma_batch.jobs.validate import validate  # noqa: PLC0415 - not at start
    from prisma_batch.writers.findings import findings_text  # noqa: PLC0415 - not at start

    validation = validate(Path.cwd(), paths, as_of or today())
    emit(findings_text(validation.findings, output_format))
    errors = len(errors_in(validation.findings))
    warnings = len(validation.findings) - errors
    say(f"{_count(validation.files_checked, 'file')} checked, {_count(errors, 'error')}, {_count(warnings, 'warning')}")
    ctx.exit(1 if errors else 0)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
