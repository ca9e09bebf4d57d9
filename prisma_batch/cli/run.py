"""``prisma-batch run``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.base.periods import Period
from prisma_batch.cli.options import DAY, FILES, FILES_OR_ADDRESS, PERIOD, emit, progress


@click.command("run", short_help="Reconcile a month and publish it.")
@click.argument("period", metavar="PERIOD", type=PERIOD)
@click.option("--as-of", type=DAY, help="The day of the receivables.  [default: the closing day of prisma.yaml]")
@click.option(
    "--usage",
    metavar="PATH",
    multiple=True,
    type=FILES_OR_ADDRESS,
    help="Metered usage instead of usage/: a file, a folder or s3://. Repeatable.",
)
@click.option(
    "--payments", metavar="PATH", multiple=True, type=FILES, help="Bank files instead of payments/. Repeatable."
)
@click.option("--out", metavar="DIR", type=FILES, help="Publish DIR instead of reports/PERIOD.")
@click.option("--known-at", metavar="REF", help="Read everything as a commit has it; needs --out.")
@click.option("--tables-only", is_flag=True, help="Leave out rendered documents and mails.")
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="What totals metered usage.",
)
@click.option("--scheduler", metavar="ADDR", help="The dask scheduler, such as tcp://HOST:8786, instead of this host.")
@click.option("--accounts", is_flag=True, help="Put its documents into each account's folder of the portal.")
@click.option("--reopen", is_flag=True, help="Run a closed period again, then every later one.")
def run_command(
    period: Period,
    as_of: date | None,
    usage: tuple[Path | str, ...],
    payments: tuple[Path, ...],
    out: Path | None,
    known_at: str | None,
    tables_only: bool,
    accounts: bool,
    reopen: bool,
    engine: str,
    scheduler: str | None,
) -> None:
    """Reconcile the usage, invoices and payments of a month and publish reports/PERIOD, whole or not at all.

    Exit status 0 means published, whatever discrepancies it lists; 1 that records or totals are not right.

    \b
    Examples:
      prisma-batch run 2026-10
      prisma-batch run 2026-10 --as-of 2026-11-20 --out /tmp/october
      prisma-batch run 2026-10 --known-at v2026-11 --out /tmp/as-known-then
      prisma-batch run 2026-10 --engine dask --scheduler tcp://10.0.0.5:8786
    """
    from prisma_batch.engines.registry import engine_named  # noqa: PLC0415 - not at start
    from prisma_batch.jobs.known_at import known_workspace  # noqa: PLC0415 - not at start
    from prisma_batch.jobs.run import RunOptions, run  # noqa: PLC0415 - not at start
    from prisma_batch.writers.terminal import summary_text  # noqa: PLC0415 - not at start

    if known_at and not out:
        raise click.UsageError("--known-at goes with --out: what was known then replaces no report")
    root = Path.cwd()
    options = RunOptions(
        as_of=as_of,
        usage=usage,
        payments=payments,
        out=root / out if out else None,
        tables_only=tables_only,
        accounts=accounts,
        reopen=reopen,
        engine=engine_named(engine, scheduler),
    )
    with progress() as tell, known_workspace(root, known_at) as workspace:
        summary = run(workspace, period, options, tell)
    emit(summary_text(summary, out or Path("reports") / str(period)))
