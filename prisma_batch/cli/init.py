"""``prisma-batch init``."""

import shlex
from pathlib import Path

import click

from prisma_batch.base.periods import Period
from prisma_batch.cli.clock import today
from prisma_batch.cli.options import say


@click.command("init", short_help="Start a workspace.")
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--demo", is_flag=True, help="Start with a copy of the example.")
@click.option(
    "--from-focus",
    "focus_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Start with records drafted from a FOCUS export (CSV, gzipped CSV or Parquet).",
)
@click.option("--contact", "email", metavar="EMAIL", help="The contact of every drafted account; with --from-focus.")
def init_command(directory: Path, demo: bool, focus_file: Path | None, email: str | None) -> None:
    """Start a workspace in DIR, a folder that is new or empty: without records, or with those of an option.

    A draft from a FOCUS export has an account per sub-account, a rate per SKU and an invoice per month. Whatever the
    export does not say is listed, and is for you to fill in.

    \b
    Examples:
      prisma-batch init records
      prisma-batch init demo --demo
      prisma-batch init records --from-focus export.csv --contact billing@acme.example
    """
    if demo and focus_file:
        raise click.UsageError("--demo and --from-focus exclude each other")
    if email and not focus_file:
        raise click.UsageError("--contact goes with --from-focus")
    if focus_file and not email:
        raise click.UsageError("--from-focus needs --contact EMAIL: the contact of every drafted account")
    from prisma_batch.jobs.init import start_demo, start_empty  # noqa: PLC0415 - not at start

    if focus_file and email:
        from prisma_batch.jobs.init_from_focus import start_from_focus  # noqa: PLC0415 - imports pandas

        started = start_from_focus(directory, focus_file, email)
    elif demo:
        started = start_demo(directory)
    else:
        started = start_empty(directory, Period.of(today()))
    say(f"created the workspace {directory}")
    for note in started.notes:
        say(note)
    where = "prisma-batch" if directory == Path() else f"prisma-batch -C {shlex.quote(str(directory))}"
    for number, command in enumerate(["validate", *(f"run {period}" for period in started.periods)]):
        say(f"{'then' if number else 'next'}: {where} {command}")
