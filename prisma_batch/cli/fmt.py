"""``prisma-batch fmt``."""

from pathlib import Path

import click

from prisma_batch.cli.options import emit, say


@click.command("fmt", short_help="Make records canonical.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; list what would change, and exit 1 if anything would.")
@click.pass_context
def fmt_command(ctx: click.Context, paths: tuple[Path, ...], check: bool) -> None:
    """Write records in one canonical form; what they say and their comments stay.

    Keys come in the order of the schema, levels are indented by two spaces, and spacing follows one rule. Quotes,
    brackets and the order of lists are the author's. A record that does not parse is reported and left alone. Issued
    documents must not change once they are merged: format them before.

    \b
    Examples:
      prisma-batch fmt
      prisma-batch fmt contacts/ACME-001.yaml
      prisma-batch fmt --check
    """
    from prisma_batch.jobs.fmt import format_records  # noqa: PLC0415 - not at start
    from prisma_batch.writers.findings import findings_text  # noqa: PLC0415 - not at start
    from prisma_batch.writers.visible import visible  # noqa: PLC0415 - not at start

    formatted = format_records(Path.cwd(), paths, write=not check)
    emit(findings_text(formatted.findings, "text"))
    emit("".join(f"{visible(source)}\n" for source in formatted.changed))
    done = "would change" if check else "changed"
    left = f", {len(formatted.findings)} left alone" if formatted.findings else ""
    noun = "record" if formatted.files_checked == 1 else "records"
    say(f"{formatted.files_checked} {noun} looked at, {len(formatted.changed)} {done}{left}")
    ctx.exit(1 if formatted.findings or (check and formatted.changed) else 0)
