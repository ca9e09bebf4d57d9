"""``prisma-batch notify``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.options import DAY, emit, progress


@click.command("notify", short_help="Plan the messages due between runs.")
@click.option("--as-of", type=DAY, required=True, help="The day by which messages are due.")
def notify_command(as_of: date) -> None:
    """Plan the messages that are due by a day after the last run and publish reports/notices/DATE.

    Reminders, thanks for payments, answers to inquiries and what else cannot wait for the next run: each under the key
    that the run would give it, so that nothing is sent twice. Nothing is sent here; statements are left to the run.

    \b
    Examples:
      prisma-batch notify --as-of 2026-11-25
    """
    from prisma_batch.jobs.notify import notify  # noqa: PLC0415 - not at start
    from prisma_batch.writers.terminal import notices_text  # noqa: PLC0415 - not at start

    with progress() as tell:
        notified = notify(Path.cwd(), as_of, tell)
    emit(notices_text(notified.messages, notified.folder))
