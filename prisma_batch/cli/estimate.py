"""``prisma-batch estimate``."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from prisma_batch.base.periods import Period
from prisma_batch.cli.options import DAY, PERIOD, emit

_QUANTITY = re.compile(r"(0|[1-9][0-9]{0,14})([.][0-9]{1,12})?")


class WantedType(click.ParamType[tuple[str, Decimal]]):
    """A SKU and a quantity of it, written SKU=QUANTITY."""

    name = "wanted"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, Decimal]:
        if isinstance(value, tuple):
            return value
        name, _, quantity = value.rpartition("=")
        if not name or not _QUANTITY.fullmatch(quantity):
            self.fail("a quantity is set as SKU=QUANTITY, such as VCPU-HOUR=5000 or RDS-SAL=12.5", param, ctx)
        return name, Decimal(quantity)


@click.command("estimate", short_help="Estimate a coming invoice.")
@click.argument("account", metavar="ACCOUNT")
@click.argument("period", metavar="PERIOD", type=PERIOD)
@click.option(
    "--set",
    "wanted",
    metavar="SKU=QUANTITY",
    multiple=True,
    type=WantedType(),
    help="What if it were this quantity in the whole month. Repeatable; PROGRAM/SKU where a SKU is in several.",
)
@click.option("--as-of", type=DAY, help="Leave out what was used, reported or issued later.  [default: nothing]")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table for people, or a document for other programs.",
)
def estimate_command(
    account: str, period: Period, wanted: tuple[tuple[str, Decimal], ...], as_of: date | None, output_format: str
) -> None:
    """Estimate what ACCOUNT will be invoiced for PERIOD, line by line beside its last invoice.

    Metered usage so far is carried in a straight line to the end of the month, reports that are not there yet are taken
    to be as the last ones. Prices, tiers, minimums and commitments are those of the agreement. Nothing is written.

    \b
    Examples:
      prisma-batch estimate DELTA-004 2026-11
      prisma-batch estimate DELTA-004 2026-11 --set VCPU-HOUR=9000 --as-of 2026-11-20
    """
    from prisma_batch.jobs.estimate import EstimateOptions, estimate  # noqa: PLC0415 - not at start
    from prisma_batch.writers.estimates import estimate_json, estimate_text  # noqa: PLC0415 - not at start

    estimated = estimate(Path.cwd(), account, period, EstimateOptions(as_of=as_of, wanted=wanted))
    emit(estimate_json(estimated) if output_format == "json" else estimate_text(estimated))
