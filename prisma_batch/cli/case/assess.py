"""``prisma-batch case assess``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.case.options import id_argument
from prisma_batch.cli.clock import today
from prisma_batch.cli.options import DAY, emit, progress


@click.command("assess", short_help="Hold a request for assistance against the rules.")
@id_argument
@click.option("--at", type=DAY, default=today, help="The day as of which the account is looked at.  [default: today]")
def assess_command(identifier: str, at: date) -> None:
    """Show what the rules for payment assistance (policies.assistance in prisma.yaml) make of the case ID.

    Nothing is granted here: a person decides, and records it with case resolve.

    \b
    Examples:
      prisma-batch case assess CASE-2026-0043
      prisma-batch case assess CASE-2026-0043 --at 2026-11-20
    """
    from prisma_batch.jobs.case_assess import assess_case  # noqa: PLC0415 - not at start
    from prisma_batch.writers.case_lists import assessment_text  # noqa: PLC0415 - not at start

    with progress() as tell:
        assessed = assess_case(Path.cwd(), identifier, at, tell)
    emit(assessment_text(assessed.case, assessed.as_of, assessed.assessment))
