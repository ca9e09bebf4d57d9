"""What the verbs of ``case`` share: their options, and how a change is told."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import click

from prisma_batch.cli.clock import now
from prisma_batch.cli.contacts.options import TEXT
from prisma_batch.cli.options import DATE, MOMENT, say
from prisma_batch.records.cases import CHANNELS, STATES

if TYPE_CHECKING:
    from prisma_batch.jobs.case_change import CaseChanged

_Command = TypeVar("_Command", bound=Callable[..., Any])
_DISPUTE = re.compile(r"(?P<invoice>.+?)(#(?P<line>[0-9]+))?=(?P<amount>[^=]+)")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,14})([.][0-9]{1,12})?")
# What a customer is asked for, by the names that the record knows.
_QUESTIONS = {"invoice": "which document it is about", "description": "what exactly happened, in their own words"}


class AmountType(click.ParamType[Decimal]):
    """A plain decimal, such as 56.75."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        if isinstance(value, Decimal):
            return value
        if not _AMOUNT.fullmatch(value):
            self.fail("an amount is a plain decimal, such as 56.75", param, ctx)
        return Decimal(value)


class DisputeType(click.ParamType[dict[str, Any]]):
    """A disputed amount of a document or of a line of it: INV-1=56.75 or INV-1#2=56.75."""

    name = "dispute"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        found = _DISPUTE.fullmatch(value)
        if not found:
            self.fail("a dispute is written INVOICE=AMOUNT or INVOICE#LINE=AMOUNT, tax included", param, ctx)
        line = int(found["line"]) if found["line"] else None
        amount = AMOUNT.convert(found["amount"], param, ctx)
        return {"invoice": TEXT.convert(found["invoice"], param, ctx), "line": line, "amount": amount}


class InstallmentType(click.ParamType[dict[str, Any]]):
    """An installment: DATE=AMOUNT."""

    name = "installment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        due_on, _, amount = value.partition("=")
        return {"due_on": DATE.convert(due_on, param, ctx), "amount": AMOUNT.convert(amount, param, ctx)}


AMOUNT = AmountType()
DISPUTE = DisputeType()
INSTALLMENT = InstallmentType()

id_argument = click.argument("identifier", metavar="ID", type=TEXT)
at_option = click.option("--at", type=MOMENT, default=now, help="The moment at which this happens.  [default: now]")
channel_option = click.option(
    "--channel", type=click.Choice(CHANNELS), default="email", show_default=True, help="How it was said."
)
summary_option = click.option(
    "--summary", metavar="TEXT", type=TEXT, required=True, help="What was said, in a few words."
)
by_option = click.option("--by", metavar="WHO", type=TEXT, help="Who it came from.  [default: customer, or support]")
STATUS = click.Choice(STATES)


def tell(changed: "CaseChanged") -> None:
    """Say where a case stands, and what the customer is to be asked for."""
    case = changed.case
    say(f"{case.source}: {case.kind}, {case.status}")
    for name in changed.missing:
        say(f"missing: {name}: ask the customer {_QUESTIONS[name]}")
