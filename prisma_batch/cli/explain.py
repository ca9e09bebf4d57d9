"""``prisma-batch explain``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.base.periods import Period
from prisma_batch.cli.options import DAY, FILES, FILES_OR_ADDRESS, PERIOD, emit, progress


@click.command("explain", short_help="Show how a number came about.")
@click.argument("identifier", metavar="ID")
@click.option("--period", type=PERIOD, help="The month to look at.  [default: the last that is published]")
@click.option("--as-of", type=DAY, help="The day of the receivables.  [default: the one that was published]")
@click.option("--known-at", metavar="REF", help="Explain what was known at a commit.  [default: the files as they are]")
@click.option(
    "--usage", metavar="PATH", multiple=True, type=FILES_OR_ADDRESS, help="Metered usage, as for run. Repeatable."
)
@click.option("--payments", metavar="PATH", multiple=True, type=FILES, help="Bank files, as for run. Repeatable.")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people, or a document for other programs.",
)
@click.option("--if-paid", metavar="DOCUMENT", help="An account: what if this document of it were paid?")
@click.option("--on", type=DAY, help="With --if-paid: the day.  [default: the day of the receivables]")
def explain_command(
    identifier: str,
    period: Period | None,
    as_of: date | None,
    known_at: str | None,
    usage: tuple[Path | str, ...],
    payments: tuple[Path, ...],
    output_format: str,
    if_paid: str | None,
    on: date | None,
) -> None:
    """Show every step of the number that ID stands for: formula, inputs, and file:line@commit of each.

    ID is an account, a document number, a line (INV-2026-0202#1), a payment, a discrepancy, a statement
    (2026-10/DELTA-001), the key of a message, a commitment, or a payment plan: its case and the place of its outcome
    there (CASE-2026-0042#0). Everything is computed from the records as they are now, as run does, and nothing is
    written. Files that were given to run instead of the folders' are given again. What is indented explains the line
    above; figures with a sign add up to it.

    \b
    Examples:
      prisma-batch explain INV-2026-0202#1
      prisma-batch explain 2026-10/DELTA-001
      prisma-batch explain DELTA-001 --period 2026-09 --format json
      prisma-batch explain 2026-10/DELTA-001 --known-at HEAD~3
      prisma-batch explain DELTA-003 --if-paid INV-2026-0103 --on 2026-11-20
    """
    from prisma_batch.jobs.explain import ExplainOptions, explain  # noqa: PLC0415 - not at start
    from prisma_batch.writers.traces import traces_json, traces_text  # noqa: PLC0415 - not at start

    if on and not if_paid:
        raise click.UsageError("--on goes with --if-paid")
    options = ExplainOptions(
        period=period, as_of=as_of, known_at=known_at, usage=usage, payments=payments, if_paid=if_paid, on=on
    )
    with progress() as tell:
        traces = explain(Path.cwd(), identifier, options, tell)
    emit(traces_json(identifier, traces) if output_format == "json" else traces_text(traces))
