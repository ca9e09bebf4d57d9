"""``prisma-batch allocate``."""

from datetime import date
from pathlib import Path

import click

from prisma_batch.cli.clock import today
from prisma_batch.cli.options import DAY, emit


@click.command("allocate", short_help="Draft a decision about a payment.")
@click.argument("payment", metavar="PAYMENT")
@click.option(
    "--suggestion", metavar="N", type=click.IntRange(min=1), default=1, show_default=True, help="Which suggestion."
)
@click.option("--document", "documents", metavar="NUMBER", multiple=True, help="A document instead. Repeatable.")
@click.option("--by", "decided_by", metavar="NAME", help="Who decides.  [default: the issuer's finance]")
@click.option("--reason", metavar="TEXT", help="Why.  [default: that of the suggestion]")
@click.option("--at", type=DAY, default=today, help="The day of the decision.  [default: today]", show_default=False)
def allocate_command(
    payment: str, suggestion: int, documents: tuple[str, ...], decided_by: str | None, reason: str | None, at: date
) -> None:
    """Write payments/allocations/DATE-PAYMENT.yaml: what is left of PAYMENT settles what the last run suggested for it.

    Suggestions stand in unapplied.csv, the likeliest first. Each document takes what is open of it until the payment
    is used up. Read the record, commit it, and run again.

    \b
    Examples:
      prisma-batch allocate PRB20261106003 --suggestion 2
      prisma-batch allocate PRB20261106003 --document INV-2026-0203 --reason "Confirmed by phone"
    """
    from prisma_batch.jobs.allocate import Decision, allocate  # noqa: PLC0415 - not at start

    decision = Decision(
        payment=payment, at=at, documents=documents, suggestion=suggestion, decided_by=decided_by, reason=reason
    )
    emit(f"{allocate(Path.cwd(), decision)}\n")
